"""Every executable that setup.py promises begins in weld_cell.nodes.entry, and its node exists."""

import re
from importlib.util import find_spec
from pathlib import Path

from weld_cell.nodes import entry


def test_every_node_has_its_entry():
    text = (Path(__file__).parents[2] / 'setup.py').read_text()
    nodes = re.findall(r"'(\w+)'", re.search(r'NODES = \((.*?)\)', text, re.DOTALL).group(1))
    assert len(nodes) > 5
    assert [node for node in nodes if getattr(entry, node).args != (node,)] == []
    assert [node for node in nodes if find_spec(f'weld_cell.nodes.{node}') is None] == []
