"""What all tests share: ROS on loopback, a domain for each test process, graphs all in one process."""

import os
import sys
from pathlib import Path

import pytest

from weld_cell.domain import claim_domain

sys.path.insert(0, str(Path(__file__).parent / 'supervisor'))

SHARED_DATA = Path(__file__).parents[2] / 'shared' / 'data'

_DOMAIN, _CLAIM = claim_domain()
os.environ['ROS_DOMAIN_ID'] = str(_DOMAIN)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """With pytest-xdist (`make test`) one process runs all graphs, which mostly wait, and begins at once.

    The other tests of a file stay together: they share fixtures.
    """
    def is_graph(item):
        return item.get_closest_marker('graph') is not None

    items.sort(key=lambda item: not is_graph(item))
    for item in items:
        item.add_marker(pytest.mark.xdist_group('graph' if is_graph(item) else item.path.name))
