"""What all tests share: ROS on loopback, a domain for each test process, graphs before all else."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

from weld_cell.domain import claim_domain

sys.path.insert(0, str(Path(__file__).parent / 'supervisor'))
sys.path.insert(0, str(Path(__file__).parent / 'models'))
sys.path.insert(0, str(Path(__file__).parent / 'devices'))

SHARED_DATA = Path(__file__).parents[2] / 'shared' / 'data'

# The same examples in each run: what fails was broken by the change at hand. --hypothesis-profile=search: new ones
hypothesis.settings.register_profile('untimed', deadline=None, derandomize=True)
hypothesis.settings.register_profile('search', deadline=None)
hypothesis.settings.load_profile('untimed')

_DOMAIN, _CLAIM = claim_domain()
os.environ['ROS_DOMAIN_ID'] = str(_DOMAIN)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ['PYTHONFAULTHANDLER'] = '1'  # a process that crashes says where

# Tests run side by side, one process a core: more threads in numpy or torch than that wait for each other, busily.
for _library in ('OMP', 'OPENBLAS'):
    os.environ.setdefault(f'{_library}_NUM_THREADS', '1')


def pytest_itemcollected(item):
    """With pytest-xdist (`make test`) one process runs all tests of a group, one after the other.

    The tests of a file share its fixtures. Graphs are three groups, so that one process has no more than one graph at
    a time, and two processes no more than two. Not in pytest_collection_modifyitems: pytest-xdist reads the groups
    there, and before us.
    """
    item.add_marker(pytest.mark.xdist_group(_graphs_of(item) if _is_graph(item) else item.path.name))


def pytest_collection_modifyitems(items):
    """Graphs, which mostly wait, begin at once; then files that take long: short ones fill the gap at the end."""
    slow = {item.path for item in items if item.get_closest_marker('slow') and not _is_graph(item)}
    items.sort(key=lambda item: (not _is_graph(item), item.path not in slow))


def _graphs_of(item):
    if item.path.parent.name == 'pip_ros':
        return 'graphs of pip_ros'
    return 'graphs of single nodes' if item.path.name.startswith('test_nodes_') else 'graphs of the whole cell'


def _is_graph(item):
    return item.get_closest_marker('graph') is not None
