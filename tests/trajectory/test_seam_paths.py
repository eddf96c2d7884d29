"""Two sources of paths: neither overwrites the other, and a plan falls with its own path alone."""

import pytest

from weld_cell.errors import SeamPathError, TrajectoryRejectedError
from weld_cell.records import JointType, SeamSource
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import PLATE
from weld_cell.trajectory.seam_paths import SeamPaths, WeldPlan

LASER_THEN_PLATE = [(SeamSource.LASER, SeamSource.PLATE), (SeamSource.PLATE, SeamSource.LASER)]


@pytest.fixture
def plan_of(straight_seam, robot, welding_tool, settings, procedures):
    """Factory: a plan along a path of a source."""

    def make(source):
        name = PLATE if source is SeamSource.PLATE else JointType.LAP
        trajectory = plan_weld(straight_seam(), procedures[name], robot, welding_tool, robot.home_rad, settings)
        return WeldPlan(source, name, procedures[name], trajectory)

    return make


@pytest.mark.parametrize(
    ('source', 'remedy'), [(SeamSource.LASER, 'seam/finish'), (SeamSource.PLATE, 'plate_seam/detect')]
)
def test_nothing_has_come(source, remedy):
    with pytest.raises(SeamPathError, match=f'No seam path was received from the source "{source}"') as refused:
        SeamPaths().path(source)
    assert remedy in refused.value.remedy
    with pytest.raises(TrajectoryRejectedError, match='no plan'):
        SeamPaths().plan(source)


@pytest.mark.parametrize(('one', 'other'), LASER_THEN_PLATE)
def test_neither_overwrites_the_other(straight_seam, one, other):
    paths, first, second, third = SeamPaths(), straight_seam(), straight_seam(0.1), straight_seam(0.3)
    paths.put(one, first)
    paths.put(other, second)
    assert (paths.path(one), paths.path(other)) == (first, second)
    paths.put(one, third)
    assert (paths.path(one), paths.path(other)) == (third, second)
    paths.drop(one)
    assert paths.path(other) is second
    with pytest.raises(SeamPathError, match=f'"{one}"'):
        paths.path(one)


@pytest.mark.parametrize(('one', 'other'), LASER_THEN_PLATE)
def test_a_plan_falls_with_its_own_path_alone(straight_seam, plan_of, one, other):
    paths, plan = SeamPaths(), plan_of(one)
    paths.put(one, straight_seam())
    paths.put_plan(plan)
    paths.put(other, straight_seam())
    paths.drop(other)
    assert paths.plan(one) is plan
    paths.put(one, straight_seam())
    with pytest.raises(TrajectoryRejectedError, match='no plan'):
        paths.plan(one)
    paths.put_plan(plan)
    paths.drop(one)
    with pytest.raises(TrajectoryRejectedError, match='no plan'):
        paths.plan(one)


@pytest.mark.parametrize(('one', 'other'), LASER_THEN_PLATE)
def test_a_plan_is_not_given_for_another_source(plan_of, one, other):
    paths, plan = SeamPaths(), plan_of(one)
    paths.put_plan(plan)
    with pytest.raises(TrajectoryRejectedError, match=f'source "{one}", and "{other}" is asked for') as refused:
        paths.plan(other)
    assert 'seam_source' in refused.value.remedy
    assert paths.plan(one) is plan
    paths.drop_plan()
    with pytest.raises(TrajectoryRejectedError, match='no plan'):
        paths.plan(one)
