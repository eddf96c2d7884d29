"""The fixture `graph`, for the tests that put real photographs through real nodes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'graph'))

from cell_graph import graph  # noqa: E402, F401
