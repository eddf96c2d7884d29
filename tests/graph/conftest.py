"""The fixture `graph`; every test here starts real processes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cell_graph import graph  # noqa: E402, F401
