"""What all tests share: ROS stays on loopback, each test run in a domain of its own."""

import os
import sys
from pathlib import Path

from weld_cell.domain import claim_domain

sys.path.insert(0, str(Path(__file__).parent / 'supervisor'))

SHARED_DATA = Path(__file__).parents[2] / 'shared' / 'data'

_DOMAIN, _CLAIM = claim_domain()
os.environ['ROS_DOMAIN_ID'] = str(_DOMAIN)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
