"""The simulated robot's states keep its controller's beat, however late the process gets to run."""

import pytest

from weld_cell.nodes.robot_sim import MAX_CATCH_UP, due_stamps
from weld_cell.sim.beat import STATE_PERIOD_NS as PERIOD_NS


@pytest.mark.parametrize(
    ('late_ns', 'periods'),
    [
        (-1, [-1]),  # the clock was set back: the beat goes on from there
        (-10 * PERIOD_NS, [-10]),
        (0, []),  # sent already
        (PERIOD_NS - 1, []),
        (PERIOD_NS, [1]),
        (int(1.9 * PERIOD_NS), [1]),
        (3 * PERIOD_NS, [1, 2, 3]),  # kept from running: what was missed is sent
        (100 * PERIOD_NS, [*range(101 - MAX_CATCH_UP, 101)]),
    ],
)
def test_states_that_are_due(late_ns, periods):
    last_ns = 1_795_000_000_123_456_789
    assert due_stamps(last_ns, last_ns + late_ns) == [last_ns + k * PERIOD_NS for k in periods]
