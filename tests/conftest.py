"""What all tests share: ROS on loopback, a domain for each test process, graphs all in one process."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

from weld_cell.domain import claim_domain

sys.path.insert(0, str(Path(__file__).parent / 'supervisor'))
sys.path.insert(0, str(Path(__file__).parent / 'models'))

SHARED_DATA = Path(__file__).parents[2] / 'shared' / 'data'

hypothesis.settings.register_profile('untimed', deadline=None)
hypothesis.settings.load_profile('untimed')

_DOMAIN, _CLAIM = claim_domain()
os.environ['ROS_DOMAIN_ID'] = str(_DOMAIN)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'


def pytest_itemcollected(item):
    """With pytest-xdist (`make test`) one process runs all graphs of the cell, another those of the ROS 2 stand-ins.

    The tests of another file share its fixtures. Not in pytest_collection_modifyitems: pytest-xdist reads the groups
    there, and before us.
    """
    graph = 'graph of pip_ros' if item.path.parent.name == 'pip_ros' else 'graph'
    item.add_marker(pytest.mark.xdist_group(graph if _is_graph(item) else item.path.name))


def pytest_collection_modifyitems(items):
    """Graphs, which mostly wait, begin at once."""
    items.sort(key=lambda item: not _is_graph(item))


def _is_graph(item):
    return item.get_closest_marker('graph') is not None
