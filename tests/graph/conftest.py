"""The fixture `graph`; every test here starts real processes."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cell_graph import CONFIG, Graph  # noqa: E402


@pytest.fixture
def graph(tmp_path, monkeypatch):
    prefix = tmp_path / 'prefix' / 'share'  # the installed package, as the source tree has it
    prefix.mkdir(parents=True)
    (prefix / 'weld_cell').symlink_to(CONFIG.parent)
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix.parent), prepend=':')
    graph = Graph()
    yield graph
    graph.close()
