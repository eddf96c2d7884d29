"""A cycle that begins with a look at the part: what is refused is refused before anything moves."""

import numpy as np
import pytest
from simulated_cell import SimulatedCell

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import JointTypeError, PartError, PlateSeamDoubtfulError, SeamError, UnreachableError
from weld_cell.paths import config_file
from weld_cell.records import JobSeam, JointType, MotionPhase, PartSighting, SeamPath, SeamSource
from weld_cell.records.status import Stage
from weld_cell.report.run_summary import distances_to_polyline
from weld_cell.seam.settings import PathSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.robot import load_simulated_robot
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.look import FixedSeam, PartLook, PlateLook
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

URDF, LIMITS = (str(config_file(name)) for name in ('robot/arc_robot.urdf', 'robot/limits.yaml'))
# The part's frame: x towards the robot's -y, y towards its x, on the plates.
T_BASE_PART = np.array([[0.0, 1.0, 0.0, 0.95], [-1.0, 0.0, 0.0, 0.1], [0.0, 0.0, 1.0, 0.2], [0.0, 0.0, 0.0, 1.0]])
SEAM = JobSeam(np.array([0.2, 0.05, 0.0]), np.array([0.0, 0.05, 0.0]), np.array([0.0, 0.0, 1.0]))


def make(job, expected='', joint_type=JointType.FILLET, T_base_part=T_BASE_PART):
    rig, robot = load_rig(str(config_file('rig.yaml'))), load_robot(URDF, LIMITS)
    cell = SimulatedCell(cell_scene(joint_type, 1), load_simulated_robot(URDF, LIMITS), robot, rig)
    cell.part = PartSighting('A-R', T_base_part, 0)
    look = PartLook(cell, lambda code: job, expected, 10.0)
    settings = ScanSettings(), StageLimits(), PathSettings(), TrajectorySettings()
    return cell, CellCycle(cell, robot, rig, look, *settings)


def refused(cell, cycle, error, match):
    before = cell.robot_positions()
    with pytest.raises(error, match=match):
        cycle.run()
    assert [stage for stage, _ in cell.stages][-1] is Stage.FAULT
    assert 'in stage look' in cell.stages[-1][1] and 'Remedy' in cell.stages[-1][1]
    assert np.array_equal(cell.robot_positions(), before)


def test_a_part_without_a_job_is_refused():
    refused(*make([]), PartError, 'has no job')


def test_the_wrong_hand_is_refused_before_anything_moves():
    refused(*make([SEAM], expected='A-L'), PartError, 'A-R; A-L is expected')


def test_a_seam_out_of_reach_is_refused_before_anything_moves():
    far = T_BASE_PART.copy()
    far[0, 3] = 2.5
    refused(*make([SEAM], T_base_part=far), UnreachableError, 'out of its reach')


def test_of_two_seams_none_is_begun_where_one_is_out_of_reach():
    far = JobSeam(SEAM.start_m + [0.0, 2.0, 0.0], SEAM.end_m + [0.0, 2.0, 0.0], SEAM.normal)
    refused(*make([SEAM, far]), UnreachableError, 'out of its reach')


def test_the_nominal_seam_of_a_part_is_that_of_its_job_where_the_part_lies():
    cell, _ = make([SEAM])
    (of_part,) = PartLook(cell, lambda code: [SEAM], '', 10.0).seams()
    (fixed,) = FixedSeam(ScanSettings()).seams()
    assert of_part.start_m == pytest.approx(fixed.start_m) and of_part.normal == pytest.approx(fixed.normal)
    assert of_part.direction == pytest.approx(fixed.direction) and of_part.length_m == pytest.approx(fixed.length_m)


@pytest.mark.slow
def test_the_seam_of_a_part_is_scanned_and_welded():
    cell, cycle = make([SEAM], expected='A-R')
    cycle.run()
    stages = [stage for stage, _ in cell.stages]
    assert stages[0] is Stage.LOOK and stages[-1] is Stage.DONE
    assert 1000 * distances_to_polyline(cell.path.positions_m, cell.scene.truth.positions_m).max() < 0.3


@pytest.mark.slow
def test_the_seam_of_a_part_that_ends_too_early_is_lost():
    """A part has the length that its job says; a clamped workpiece may end 40 mm earlier."""
    true_mm = 1000 * make([SEAM])[0].scene.truth.length_m
    longer = JobSeam(SEAM.start_m, SEAM.start_m - [1e-3 * true_mm + 0.03, 0.0, 0.0], SEAM.normal)
    cell, cycle = make([longer])
    with pytest.raises(SeamError, match='was lost after'):
        cycle.run()
    assert Stage.PLAN not in [stage for stage, _ in cell.stages]


def test_another_joint_than_the_job_says_is_refused():
    job = [JobSeam(SEAM.start_m, SEAM.end_m, SEAM.normal, JointType.LAP)]
    cell, cycle = make(job)
    with pytest.raises(JointTypeError, match='sees a fillet joint where the job of the part says lap'):
        cycle.run()


def seen_seam(start_m, end_m, points=51):
    """A straight seam between plates, as the area camera tells it."""
    length = float(np.linalg.norm(np.subtract(end_m, start_m)))
    along, rows = np.subtract(end_m, start_m) / length, np.ones((points, 1))
    places = np.linspace(start_m, end_m, points)
    return SeamPath(places, rows * along, rows * [0.0, 0.0, 1.0], length / (points - 1), length, 0)


def make_plates(source, path):
    rig, robot = load_rig(str(config_file('rig.yaml'))), load_robot(URDF, LIMITS)
    cell = SimulatedCell(cell_scene(JointType.BUTT, 1), load_simulated_robot(URDF, LIMITS), robot, rig)
    cell.plate_path = path
    settings = ScanSettings(), StageLimits(), PathSettings(), TrajectorySettings()
    return cell, CellCycle(cell, robot, rig, PlateLook(cell, source, 10.0), *settings)


@pytest.mark.parametrize('source', list(SeamSource))
def test_plates_whose_seam_is_not_told_are_refused_before_anything_moves(source, monkeypatch):
    def doubtful(timeout_s):
        raise PlateSeamDoubtfulError('The seam is hidden for 90 mm.', 'Take clamps off it.')

    cell, cycle = make_plates(source, None)
    monkeypatch.setattr(cell, 'find_plate_seam', doubtful)
    refused(cell, cycle, PlateSeamDoubtfulError, 'hidden for 90 mm')


@pytest.mark.parametrize(('source', 'stage'), [(SeamSource.LASER, 'look'), (SeamSource.PLATE, 'plan')])
def test_a_plate_seam_out_of_reach_is_refused_before_anything_moves(source, stage):
    cell, cycle = make_plates(source, seen_seam((2.5, -0.1, 0.2015), (2.5, 0.1, 0.2015)))
    before = cell.robot_positions()
    with pytest.raises(UnreachableError):
        cycle.run()
    assert f'in stage {stage}' in cell.stages[-1][1]
    assert np.array_equal(cell.robot_positions(), before)


def test_a_plate_seam_is_welded_as_it_was_seen_without_a_scan():
    path = seen_seam((0.95, -0.15, 0.2015), (1.05, 0.15, 0.2015))
    cell, cycle = make_plates(SeamSource.PLATE, path)
    cycle.run()
    stages = list(dict.fromkeys(stage for stage, _ in cell.stages))
    assert stages == [Stage.LOOK, Stage.PLAN, Stage.WELD, Stage.DONE]
    tips_m = cell.trajectory.tool_poses[[phase is MotionPhase.WELD for phase in cell.trajectory.phases], :3, 3]
    tips_m[:, 2] = path.positions_m[0, 2]  # the wire's end is as far off as the stick-out differs from the tool's
    assert 1000 * distances_to_polyline(tips_m, path.positions_m).max() < 0.05


@pytest.mark.slow
def test_a_plate_seam_is_the_nominal_line_of_the_lasers_scan():
    start_m, end_m = (1.004, -0.095, 0.2), (1.0, 0.1, 0.2)  # some millimetres off what the laser will see
    cell, cycle = make_plates(SeamSource.LASER, seen_seam(start_m, end_m))
    cycle.run()
    stages = list(dict.fromkeys(stage for stage, _ in cell.stages))
    assert stages[0] is Stage.LOOK and Stage.TRACK in stages and stages[-1] is Stage.DONE
    assert 1000 * distances_to_polyline(cell.path.positions_m, cell.scene.truth.positions_m).max() < 0.3
