"""The whole cycle over the simulated cell, in simulated time: every stage, and every way out."""

import numpy as np
import pytest
from cell_evidence import journal_of
from simulated_cell import SimulatedCell

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import (
    DeviceLostError,
    RecordError,
    SeamError,
    SeamPathError,
    TrajectoryRejectedError,
    WeldCellError,
)
from weld_cell.paths import config_file
from weld_cell.records import JointType, MotionPhase, SeamPath, SeamPoint
from weld_cell.records.status import Stage
from weld_cell.report.run_summary import distances_to_polyline
from weld_cell.seam.locate import locate_seam, to_base
from weld_cell.seam.scan import seam_path
from weld_cell.seam.search import find_joint
from weld_cell.seam.settings import PathSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.robot import load_simulated_robot
from weld_cell.supervisor.approval import Consent
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.look import FixedSeam
from weld_cell.supervisor.port import StageStoppedError, StageTimeoutError
from weld_cell.supervisor.scan import SeamScan
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import Wanted
from weld_cell.traceability.store import OPEN
from weld_cell.traceability.verify import verify
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

URDF, LIMITS = (str(config_file(name)) for name in ('robot/arc_robot.urdf', 'robot/limits.yaml'))
NOMINAL = ScanSettings()
ALL_STAGES = [Stage.APPROACH, Stage.IDENTIFY, Stage.TRACK, Stage.FINISH, Stage.PLAN, Stage.WELD, Stage.DONE]


def make(joint_type, seed=1, scan=NOMINAL, records=None, approval=False):
    """A cell and its cycle, which leaves its record in a folder where one is given."""
    rig, robot = load_rig(str(config_file('rig.yaml'))), load_robot(URDF, LIMITS)
    cell = SimulatedCell(cell_scene(joint_type, seed), load_simulated_robot(URDF, LIMITS), robot, rig)
    look = FixedSeam(scan)
    journal = None
    if records is not None:
        procedures = config_file('weld_procedures.yaml')
        journal = journal_of(cell, records, config_file('rig.yaml'), procedures, wps='WPS 12')
    limits, path, planned = StageLimits(), PathSettings(), TrajectorySettings()
    return cell, CellCycle(cell, robot, rig, look, scan, limits, path, planned, journal, approval)


def the_record(folder):
    records = RecordFolder(folder)
    (row,) = records.find(Wanted())
    assert verify(folder).findings == ()
    return records.entry(row).record


def kept_as_welded(cell, record):
    (seam,) = record.seams
    assert record.outcome == 'done' and record.reason == '' and record.quality.wps == 'WPS 12'
    assert seam.joint.joint_type == 'splice' and seam.joint.counts[0].images == 36
    assert np.allclose(seam.path.positions_m, cell.path.positions_m, atol=1e-6)
    residuals = 1000 * distances_to_polyline(
        np.array([p.position_m for p in cell.seam_points()]), cell.path.positions_m
    )
    assert np.sort(seam.along.residual_mm) == pytest.approx(np.sort(residuals), abs=0.01)
    kept = np.sort(residuals)[: len(residuals) - seam.path.outliers]
    assert seam.path.residual_max_mm == pytest.approx(kept.max(), abs=0.01)
    assert seam.path.points == len(residuals) and seam.path.outliers < 0.03 * len(residuals)
    assert seam.along.gap_mm[0] is None and None not in seam.along.gap_mm[1:]  # what was not told is not invented
    assert np.allclose(seam.trajectory.positions_rad, cell.trajectory.positions_rad, atol=1e-6)
    assert seam.procedure.name == 'splice' and seam.controller.reached
    assert [spot.verdict for spot in record.spot_welds] == ['good'] and len(record.pictures) == 1


def entered(cell):
    stages = [stage for stage, _ in cell.stages]
    return [stage for k, stage in enumerate(stages) if k == 0 or stage is not stages[k - 1]]


@pytest.mark.slow
def test_a_joint_is_found_told_followed_and_welded(tmp_path):
    joint_type = JointType.SPLICE
    cell, cycle = make(joint_type, records=tmp_path)
    cycle.run()
    kept_as_welded(cell, the_record(tmp_path))
    assert entered(cell) == ALL_STAGES
    assert cell.joint_type() is joint_type
    across_mm = 1000 * distances_to_polyline(cell.path.positions_m, cell.scene.truth.positions_m)
    assert across_mm.max() < 0.3
    assert cell.path.length_m == pytest.approx(cell.scene.truth.length_m, abs=0.005)
    assert MotionPhase.WELD in cell.trajectory.phases
    assert np.abs(cell.robot_state()[1] - cell.trajectory.positions_rad[-1]).max() < 2e-3


def test_a_joint_type_of_the_operator_is_taken_without_a_vote():
    cell, cycle = make(JointType.FILLET, scan=ScanSettings(joint_type='butt'))  # a vote would say fillet
    cell.stop_in = Stage.TRACK
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert cell.joint_type() is JointType.BUTT


def standing(cell):
    return np.abs(cell.robot.state_at(cell.now_ns() + 10**9).velocities_rad_s).max() == 0


def test_nothing_in_view_is_a_fault_and_the_robot_stands():
    cell, cycle = make(JointType.FILLET)
    cell.blind = lambda stage, images: True
    with pytest.raises(SeamError, match='No plates seen'):
        cycle.run()
    assert entered(cell) == [Stage.APPROACH, Stage.FAULT]
    assert 'Remedy' in cell.stages[-1][1]
    assert standing(cell)


def test_images_late_at_the_begin_of_the_search_do_not_make_the_table_a_workpiece():
    cell, cycle = make(JointType.FILLET, seed=11)  # its plates begin late
    cell.stop_in = Stage.IDENTIFY
    sent, seen, sent_ns = cell.move, cell.profile, []

    def move(trajectory, start_ns):
        sent_ns.append(cell.now_ns())
        sent(trajectory, start_ns)

    def profile():
        late = len(sent_ns) == 2 and cell.now_ns() - sent_ns[1] < 450_000_000  # the second motion is the search
        return None if late else seen()

    cell.move, cell.profile = move, profile
    with pytest.raises(StageStoppedError):
        cycle.run()
    joint_m = find_joint(seen()[1])
    assert 1000 * distances_to_polyline(joint_m[None], cell.scene.truth.positions_m)[0] < 2


def test_a_stripe_lost_in_mid_seam_stops_the_motion_and_keeps_the_points():
    cell, cycle = make(JointType.FILLET)
    lost_after = 60

    def blind(stage, images):
        return stage is Stage.TRACK and len(cell.seam_points()) > lost_after

    cell.blind = blind
    with pytest.raises(SeamError, match='was lost after'):
        cycle.run()
    assert entered(cell)[-2:] == [Stage.TRACK, Stage.FAULT]
    assert len(cell.seam_points()) > lost_after
    assert cell.now_ns() - cell.seam_points()[-1].stamp_ns < 1.5e9, 'no stripe is an alarm after 0.3 s'
    assert standing(cell)


def skip_after_set_out(cell, attempts):
    """No images from 0.3 to 1.2 s after so many set-outs along the seam: its start lies there."""
    begun_ns, reset = [], cell.reset_seam

    def reset_seam(normal):
        reset(normal)
        if cell.stages[-1][0] is Stage.TRACK:
            begun_ns.append(cell.now_ns())

    def skips(stage, now_ns):
        return bool(begun_ns) and len(begun_ns) <= attempts and 0.3e9 < now_ns - begun_ns[-1] < 1.2e9

    cell.reset_seam, cell.skips = reset_seam, skips
    return begun_ns


@pytest.mark.slow
def test_a_start_between_late_images_is_scanned_again():
    cell, cycle = make(JointType.FILLET)
    begun_ns = skip_after_set_out(cell, 1)
    cell.stop_in = Stage.WELD
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert len(begun_ns) == 2 and any('scanned again' in note for _, note in cell.stages)
    assert cell.path.length_m == pytest.approx(cell.scene.truth.length_m, abs=0.002)


def test_a_start_that_stays_between_late_images_is_refused():
    cell, cycle = make(JointType.FILLET)
    begun_ns = skip_after_set_out(cell, 9)
    with pytest.raises(SeamError, match='start of the seam lies between two images'):
        cycle.run()
    assert len(begun_ns) == 3 and entered(cell)[-2:] == [Stage.TRACK, Stage.FAULT] and standing(cell)


def test_an_end_between_late_images_is_refused():
    cell, cycle = make(JointType.FILLET)
    end_m, until_ns = cell.scene.truth.positions_m[-1], []

    def skips(stage, now_ns):
        points = cell.seam_points()
        if stage is Stage.TRACK and points and np.linalg.norm(points[-1].position_m - end_m) < 0.008:
            until_ns.append(now_ns + 600_000_000)
        return bool(until_ns) and now_ns < until_ns[0]

    cell.skips = skips
    with pytest.raises(SeamError, match='end of the seam lies between two images'):
        cycle.run()
    assert entered(cell)[-2:] == [Stage.TRACK, Stage.FAULT] and standing(cell)


def refuse_within(monkeypatch, cell, within_mm, end, times=9):
    """The rule refuses every profile of the tracking within some millimetres of an end of the seam, so many times."""
    truth_m, refused_ns = cell.scene.truth.positions_m, []
    place_m, next_m = truth_m[:2] if end == 'start' else truth_m[:-3:-1]
    along = next_m - place_m
    tracks, enter = [], cell.enter

    def entered_too(stage, note=''):
        if stage is Stage.TRACK and (not note or 'scanned again' in note):
            tracks.append(note)
        enter(stage, note)

    def located(*arguments):
        seen = locate_seam(*arguments)
        T = cell.robot.link_poses(cell.now_ns())['tool0'] @ cell.rig.laser_sensor.T_parent_sensor
        inwards_mm = 1000 * (to_base(seen, T).position_m - place_m) @ along / np.linalg.norm(along)
        if cell.stages[-1][0] is Stage.TRACK and len(tracks) <= times and inwards_mm < within_mm:
            refused_ns.append(cell.now_ns())
            raise SeamError('no corner')
        return seen

    cell.enter = entered_too
    monkeypatch.setattr('simulated_cell.locate_seam', located)
    return refused_ns


@pytest.mark.slow
def test_a_start_that_the_rule_refuses_once_is_scanned_again(monkeypatch):
    cell, cycle = make(JointType.FILLET)
    cell.stop_in = Stage.WELD
    assert refuse_within(monkeypatch, cell, 9.0, 'start', times=1) == []
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert (
        sum('start of the seam is missing' in note and 'it is scanned again' in note for _, note in cell.stages) == 1
    )
    assert cell.path.length_m == pytest.approx(cell.scene.truth.length_m, abs=0.002)


@pytest.mark.slow
@pytest.mark.parametrize('seen', [True, False])
def test_a_scan_that_began_on_the_joint_is_begun_further_back(monkeypatch, seen):
    """As where images came late in the search; whether or not profiles have shown the start."""
    cell, cycle = make(JointType.FILLET)
    cell.stop_in = Stage.WELD
    centre = SeamScan._centre

    def later(scan):
        scan._centre_m = centre(scan) + 0.015 * scan._nominal.direction
        return scan._centre_m

    def profiles():
        tracked_ns = cell.stamps[0] if cell.stamps else 0
        return [each for each in cell._profiles if seen or each[0] >= tracked_ns]

    monkeypatch.setattr(SeamScan, '_centre', later)
    cell.profiles = profiles
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert sum('it is scanned again' in note for _, note in cell.stages) == 1
    assert cell.path.length_m == pytest.approx(cell.scene.truth.length_m, abs=0.002)


def test_a_start_that_the_rule_goes_on_to_refuse_is_a_fault(monkeypatch):
    """The images come, and show the joint: only the seam points begin late."""
    cell, cycle = make(JointType.FILLET)
    refused_ns = refuse_within(monkeypatch, cell, 9.0, 'start')
    with pytest.raises(SeamError, match='start of the seam is missing.*Remedy: Look at'):
        cycle.run()
    assert len(refused_ns) > 30 and entered(cell)[-2:] == [Stage.TRACK, Stage.FAULT] and standing(cell)


def test_an_end_that_the_rule_refuses_is_a_fault(monkeypatch):
    cell, cycle = make(JointType.FILLET)
    refuse_within(monkeypatch, cell, 9.0, 'end')
    with pytest.raises(SeamError, match='end of the seam is missing'):
        cycle.run()
    assert entered(cell)[-2:] == [Stage.TRACK, Stage.FAULT] and standing(cell)


def test_a_path_that_leaves_out_the_first_points_is_a_fault(monkeypatch):
    cell, cycle = make(JointType.FILLET)

    def without_the_first(points, *settings):
        return seam_path(points[16:], *settings)

    monkeypatch.setattr('simulated_cell.seam_path', without_the_first)
    with pytest.raises(SeamPathError, match='start of the seam is missing'):
        cycle.run()
    assert entered(cell)[-2:] == [Stage.FINISH, Stage.FAULT]


@pytest.mark.slow
def test_a_stripe_lost_for_80_ms_is_bridged():
    """Three images without a stripe: no alarm, and the path goes on across the gap."""
    cell, cycle = make(JointType.FILLET)
    lost = []

    def blind(stage, images):
        if stage is Stage.TRACK and len(cell.seam_points()) > 60 and len(lost) < 3:
            lost.append(images)
            return True
        return False

    cell.blind = blind
    cycle.run()
    assert len(lost) == 3
    assert_followed_to_its_end(cell)


@pytest.mark.slow
def test_a_seam_hidden_for_as_long_as_a_path_may_have_a_hole_is_followed_on(monkeypatch):
    """20 mm of a shadow on the joint: the stripe is there, the rule refuses each profile."""
    cell, cycle = make(JointType.FILLET)
    hidden = []

    def located(*arguments):
        if cell.stages[-1][0] is Stage.TRACK and len(cell.seam_points()) > 60 and len(hidden) < 32:
            hidden.append(arguments)
            raise SeamError('no corner')
        return locate_seam(*arguments)

    monkeypatch.setattr('simulated_cell.locate_seam', located)
    cycle.run()
    assert len(hidden) == 32
    assert_followed_to_its_end(cell)


def assert_followed_to_its_end(cell):
    assert entered(cell) == ALL_STAGES
    assert cell.path.length_m == pytest.approx(cell.scene.truth.length_m, abs=0.005)
    across_mm = 1000 * distances_to_polyline(cell.path.positions_m, cell.scene.truth.positions_m)
    assert across_mm.max() < 0.3


def test_a_seam_hidden_for_longer_is_lost(monkeypatch):
    cell, cycle = make(JointType.FILLET)
    hidden_ns = []

    def located(*arguments):
        if cell.stages[-1][0] is Stage.TRACK and len(cell.seam_points()) > 60:
            hidden_ns.append(cell.now_ns())
            raise SeamError('no corner')
        return locate_seam(*arguments)

    monkeypatch.setattr('simulated_cell.locate_seam', located)
    with pytest.raises(SeamError, match='was lost after'):
        cycle.run()
    assert standing(cell)
    hole_s = PathSettings().max_gap_mm / ScanSettings().speed_mm_s
    assert hole_s < (hidden_ns[-1] - hidden_ns[0]) / 1e9 < hole_s + 3.0  # the robot brakes


def test_images_that_no_longer_come_stop_the_motion():
    cell, cycle = make(JointType.FILLET)
    last = []

    def newest_image_ns():
        under_way = cell.stages[-1] != (Stage.TRACK, '') and cell.stages[-1][0] is Stage.TRACK
        if under_way and len(cell.seam_points()) > 60:
            last.append(cell.now_ns())
        return last[0] if last else cell.now_ns()

    cell.newest_image_ns = newest_image_ns
    with pytest.raises(DeviceLostError, match='No image has been dealt with'):
        cycle.run()
    assert entered(cell)[-2:] == [Stage.TRACK, Stage.FAULT] and standing(cell)


def test_a_correction_that_the_robot_does_not_take_is_noticed_at_once_and_the_robot_braked():
    cell, cycle = make(JointType.FILLET)
    sent, deaf = cell.move, []

    def move(trajectory, start_ns):
        tracking = cell.stages[-1] != (Stage.TRACK, '') and cell.stages[-1][0] is Stage.TRACK
        if tracking and not deaf:  # the first correction: as if its message had been lost
            deaf.append(cell.now_ns())
        else:
            sent(trajectory, start_ns)

    cell.move = move
    with pytest.raises(TrajectoryRejectedError, match='off the way'):
        cycle.run()
    assert (cell.now_ns() - deaf[0]) / 1e9 < 3.0
    assert entered(cell)[-1] is Stage.FAULT and standing(cell)


def test_a_first_motion_that_comes_late_and_is_refused_is_sent_again():
    cell, cycle = make(JointType.FILLET)
    cell.stop_in = Stage.IDENTIFY
    sent, waited, late = cell.move, cell.wait, []

    def move(trajectory, start_ns):
        if late:
            sent(trajectory, start_ns)
        else:
            late.append('under way')

    def wait(condition, timeout_s):
        if late == ['under way']:
            late.append('refused')
            raise TrajectoryRejectedError('joint_6 stands at 0 deg and the trajectory starts at -60 deg.')
        return waited(condition, timeout_s)

    cell.move, cell.wait = move, wait
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert entered(cell) == [Stage.APPROACH, Stage.IDENTIFY, Stage.FAULT] and late[-1] == 'refused'


@pytest.mark.slow
def test_stopped_in_the_middle_of_the_weld_the_robot_is_braked():
    cell, cycle = make(JointType.FILLET)
    cell.stop_in = Stage.WELD
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert entered(cell)[-2:] == [Stage.WELD, Stage.FAULT] and standing(cell)
    assert np.abs(cell.robot_positions() - cell.trajectory.positions_rad[-1]).max() > 0.01  # not at its end


def test_an_error_without_a_name_brakes_the_robot_too():
    cell, cycle = make(JointType.FILLET)
    cell.profile = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        cycle.run()
    assert entered(cell) == [Stage.APPROACH, Stage.FAULT] and 'internal error' in cell.stages[-1][1]
    assert standing(cell)


@pytest.mark.parametrize('stage', [Stage.APPROACH, Stage.IDENTIFY, Stage.TRACK])
def test_stopped_in_any_stage_the_robot_comes_to_rest(stage):
    cell, cycle = make(JointType.FILLET)
    cell.stop_in = stage
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert entered(cell)[-1] is Stage.FAULT
    assert standing(cell)


def test_a_cycle_begins_once_the_robot_stands():
    cell, cycle = make(JointType.FILLET)
    home = cell.robot_positions()
    cell.move(plan_joint_move(home, home + 0.2, cell.model, TrajectorySettings()), cell.now_ns())
    cell.stop_in = Stage.IDENTIFY
    with pytest.raises(StageStoppedError):
        cycle.run()
    assert entered(cell) == [Stage.APPROACH, Stage.IDENTIFY, Stage.FAULT]


def test_a_robot_that_never_stands_is_a_fault():
    cell, cycle = make(JointType.FILLET)
    cell.robot_state = lambda: (cell.now_ns(), np.full(6, cell.now_ns() / 1e10))
    with pytest.raises(StageTimeoutError, match='stand still'):
        cycle.run()


def test_where_no_image_comes_it_is_told_what_the_nodes_say():
    cell, cycle = make(JointType.FILLET)
    cell.profile, cell.newest_image_ns = lambda: None, lambda: 0
    with pytest.raises(StageTimeoutError, match=r'at rest in vain\. seam_detector: It sees nothing\. Rem'):
        cycle.run()


def test_a_cell_that_is_not_complete_is_named():
    cell, cycle = make(JointType.FILLET)
    cell.ready = lambda: 'joint_states'
    with pytest.raises(StageTimeoutError, match='Missing: joint_states') as refused:
        cycle.run()
    assert isinstance(refused.value, WeldCellError)
    assert entered(cell) == [Stage.FAULT]


def test_a_cycle_that_is_stopped_leaves_its_record(tmp_path):
    cell, cycle = make(JointType.FILLET, records=tmp_path)
    cell.stop_in = Stage.APPROACH
    with pytest.raises(StageStoppedError):
        cycle.run()
    record = the_record(tmp_path)
    assert record.outcome == 'stopped' and 'in stage approach: stopped' in record.reason
    assert len(record.seams) == 1 and record.seams[0].path is None and record.seams[0].arc is None


def test_an_error_of_the_program_leaves_its_record(tmp_path):
    cell, cycle = make(JointType.FILLET, records=tmp_path)
    cell.ready = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        cycle.run()
    assert 'internal error: ZeroDivisionError' in the_record(tmp_path).reason


def test_no_weld_is_sent_whose_record_has_no_room(tmp_path):
    """The scan is left out: what counts is that the room is looked at after the plan and before the weld is sent."""
    cell, cycle = make(JointType.FILLET, records=tmp_path)
    sent = []
    cell.plan_weld = lambda source, timeout_s: (
        [room.unlink() for room in (tmp_path / OPEN).glob('*.room')] and 'planned'
    )
    cell.execute_weld = lambda timeout_s: sent.append('weld')
    stages = cycle._stages
    cycle._stages = lambda nominal: stages(nominal)[-2:]
    with pytest.raises(RecordError, match='the room .* is gone'):
        cycle.run()
    assert sent == [] and cell.stages[-1][0] is Stage.FAULT
    assert the_record(tmp_path).outcome == 'fault'


def test_what_cannot_be_kept_of_a_cycle_does_not_cost_its_record(tmp_path):
    cell, cycle = make(JointType.FILLET, records=tmp_path)
    cell.stop_in = Stage.APPROACH
    cell.seam_points = lambda: [SeamPoint(np.full(3, np.nan), np.array([0.0, 0.0, 1.0]), 1)]
    cell.path = SeamPath(np.zeros((2, 3)), np.eye(3)[:2], np.eye(3)[:2], 0.1, 0.1, 0)
    with pytest.raises(StageStoppedError):
        cycle.run()
    record = the_record(tmp_path)
    assert record.outcome == 'stopped' and 'Its details could not be kept' in record.reason and record.seams == ()


def test_a_refusal_of_the_controller_is_in_the_record(tmp_path):
    cell, cycle = make(JointType.FILLET, records=tmp_path)
    stages = cycle._stages
    cycle._stages = lambda nominal: stages(nominal)[-2:]
    cell.plan_weld = lambda source, timeout_s: 'planned'
    here = cell.robot_positions()
    cell.execute_weld = lambda timeout_s: (plan_joint_move(here, here + 0.1, cell.model, TrajectorySettings()), 0)

    def refused(condition, timeout_s, wait=cell.wait):
        if cell.stages and cell.stages[-1][0] is Stage.WELD:
            raise TrajectoryRejectedError('joint_1 is too fast')
        return wait(condition, timeout_s)

    cell.wait = refused
    with pytest.raises(TrajectoryRejectedError):
        cycle.run()
    controller = the_record(tmp_path).seams[0].controller
    assert controller.answer == 'joint_1 is too fast' and controller.reached is False


def approved(cell, cycle, consent):
    """Run a cycle of which the scan is left out and the approval is this."""
    stages, here = cycle._stages, cell.robot_positions()
    cycle._stages = lambda nominal: stages(nominal)[-3:]
    cell.plan_weld = lambda source, timeout_s: 'planned'
    cell.trajectory = plan_joint_move(here, here + 0.1, cell.model, TrajectorySettings())
    cell.approve_weld = lambda timeout_s: consent
    cycle.run()


def test_a_weld_waits_for_approval_and_its_record_says_whose(tmp_path):
    cell, cycle = make(JointType.FILLET, records=tmp_path, approval=True)
    approved(cell, cycle, Consent(7, 'Anna', '2026-11-29T10:00:00.000Z', 'Ben', '2026-11-29T10:00:09.000Z'))
    assert entered(cell) == [Stage.PLAN, Stage.APPROVE, Stage.WELD, Stage.DONE]
    arc = the_record(tmp_path).seams[0].arc
    assert (arc.armed, arc.approved_by, arc.armed_by, arc.armed_utc[-5:]) == (True, 'Anna', 'Ben', '.000Z')


def test_a_weld_that_nobody_approves_is_not_sent(tmp_path):
    cell, cycle = make(JointType.FILLET, records=tmp_path, approval=True)
    with pytest.raises(StageTimeoutError, match='Nobody has approved'):
        approved(cell, cycle, None)
    assert entered(cell) == [Stage.PLAN, Stage.APPROVE, Stage.FAULT]
    assert the_record(tmp_path).seams[0].trajectory is None
