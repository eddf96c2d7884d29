"""A planned weld under correction: no step where it takes over, the tool where it shall be, rest at the end."""

import numpy as np
import pytest

from weld_cell.records import MotionPhase
from weld_cell.trajectory.correction import CorrectedMotion, tool_jacobians
from weld_cell.trajectory.limits import controller_spline
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.time_law import TimeLaw


@pytest.fixture
def tool(welding_tool):
    return welding_tool


@pytest.fixture
def weld(robot, procedures, straight_seam, tool, settings):
    plan = plan_weld(straight_seam(0.06), procedures['fillet'], robot, tool, robot.home_rad, settings)
    welding = np.flatnonzero([phase is MotionPhase.WELD for phase in plan.phases])
    span = float(plan.times_s[welding[0]]), float(plan.times_s[welding[-1] + 1])
    return plan, CorrectedMotion(plan, span, robot, tool)


def state_of(plan, time_s):
    curve = controller_spline(plan)
    return np.stack([curve(time_s, order) for order in range(3)])


def no_shift(times_s, planned_s):
    return np.zeros((len(times_s), 3))


def test_without_a_shift_the_rest_is_the_plan(weld):
    plan, motion = weld
    from_s = motion.weld_s[0] + 1.0
    rest = motion.remainder(from_s, TimeLaw(), no_shift, state_of(plan, from_s))
    times = np.linspace(0.0, rest.times_s[-1], 500)
    apart = controller_spline(rest)(times) - controller_spline(plan)(times + from_s)
    assert np.abs(apart).max() < 2e-5
    assert rest.times_s[-1] == pytest.approx(motion.end_s - from_s)


def test_a_shift_moves_the_tool_and_nothing_steps(weld, robot, tool):
    plan, motion = weld
    from_s = motion.weld_s[0] + 1.0

    def aside(times_s, planned_s):
        u = np.clip((times_s - from_s) / 0.5, 0.0, 1.0)
        return np.outer(10 * u**3 - 15 * u**4 + 6 * u**5, [0.0, 0.002, 0.001])

    rest = motion.remainder(from_s, TimeLaw(), aside, state_of(plan, from_s))
    curve = controller_spline(rest)
    np.testing.assert_allclose(np.stack([curve(0.0, k) for k in range(3)]), state_of(plan, from_s), atol=1e-9)
    there = robot.forward(curve(2.0), tool) - robot.forward(controller_spline(plan)(from_s + 2.0), tool)
    np.testing.assert_allclose(there[:3, 3], [0.0, 0.002, 0.001], atol=2e-5)
    np.testing.assert_allclose(there[:3, :3], 0.0, atol=1e-4)
    assert not rest.velocities_rad_s[-1].any()


def test_the_jacobian_is_that_of_the_tool(robot, tool):
    positions = robot.home_rad + 0.1
    jacobian = tool_jacobians(robot, positions[None], tool)[0]
    step = 1e-5 * np.array([1.0, -2.0, 0.5, 1.0, 2.0, -1.0])
    moved = robot.forward(positions + step, tool)[:3, 3] - robot.forward(positions - step, tool)[:3, 3]
    np.testing.assert_allclose(jacobian[:3] @ step, moved / 2, atol=1e-9)


@pytest.mark.parametrize('rate', [1.0, 0.7, 1.3])
def test_a_time_law_changes_smoothly_and_comes_back(rate):
    law = TimeLaw(2.0, 2.0, 1.0, rate, 0.3, 10.0)
    times = np.linspace(0.0, 20.0, 4001)
    planned, rates = law.at(times), law.rates(times)
    np.testing.assert_allclose(np.gradient(planned, times)[1:-1], rates[1:-1], atol=1e-3)
    assert rates[0] == rates[-1] == 1.0 and rates[800] == pytest.approx(rate)
    assert law.at(np.array([law.when(11.0)]))[0] == pytest.approx(11.0)
