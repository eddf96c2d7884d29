"""Programs written and read again, dry run and armed, and what is refused."""

import dataclasses

import numpy as np
import pytest
from program_parts import SETTINGS, bent_program, bent_weld, procedures, random_welds, robot, welding_tool

from weld_cell.errors import ArmConfigurationError, ProgramNameError, ProgramWeldError, RobotProgramError
from weld_cell.evaluation.robot_programs import round_trip
from weld_cell.programs.build import build_program, weld_values
from weld_cell.programs.languages import WRITERS, program_files, read_program, read_text
from weld_cell.programs.names import suitable_name
from weld_cell.programs.settings import MoveSettings
from weld_cell.records import ArcEvent, MotionPhase, MoveKind, ProgramLanguage

LANGUAGES = pytest.mark.parametrize('language', list(WRITERS), ids=str)
WELD_M = 0.06 + 0.08 * np.pi / 2.0
ARC_WORDS = ('ArcL', 'ArcC', 'ARCON', 'ARCOF', 'ARCSWI', 'Weld Start', 'Arc Start', 'Weld End', 'digital_out')


def written(program, language, armed=True, settings=SETTINGS):
    return {file.name: file.content for file in program_files(program, robot(), language, settings, armed)}


def reread(language, armed=True, settings=SETTINGS, **moves):
    files = written(bent_program(**moves), language, armed, settings)
    return read_text(language, {name: content.decode('ascii') for name, content in files.items()}, settings)


@LANGUAGES
def test_written_and_read_again_the_tool_goes_as_planned(language):
    trips = [round_trip(trajectory, program, language, robot(), SETTINGS) for trajectory, program in random_welds(10)]
    assert max(trip.position_mm for trip in trips) <= 0.05
    assert max(trip.angle_deg for trip in trips) <= 0.05
    assert max(trip.joint_deg for trip in trips) <= 0.05


@LANGUAGES
def test_nothing_switches_the_arc_unless_armed(language):
    for armed in (False, True):
        text = ''.join(content.decode('ascii') for content in written(bent_program(), language, armed).values())
        assert any(word in text for word in ARC_WORDS) is armed
    dry = reread(language, armed=False)
    assert {move.arc for move in dry.moves} == {ArcEvent.OFF}
    assert len(dry.moves) == len(bent_program().moves)


@LANGUAGES
def test_the_first_move_is_in_robot_joints(language):
    taught = reread(language)
    assert taught.moves[0].kind is MoveKind.JOINT and not taught.unread


def test_approach_weld_and_departure():
    program = bent_program(tolerance_mm=0.1, tolerance_deg=0.5)
    arcs = [move.arc for move in program.moves]
    assert arcs[:3] == [ArcEvent.OFF, ArcEvent.OFF, ArcEvent.START] and arcs[-2:] == [ArcEvent.END, ArcEvent.OFF]
    assert [move.kind for move in program.moves[:3]] == [MoveKind.JOINT, MoveKind.JOINT, MoveKind.LINEAR]
    assert program.moves[2].speed_m_s == pytest.approx(0.05) and program.moves[3].speed_m_s == 0.01
    start, seam = (program.moves[k].target.pose[:3, 3] for k in (1, 2))
    assert np.linalg.norm(seam - start) == pytest.approx(0.05, abs=1e-6)
    assert MoveKind.CIRCULAR in {move.kind for move in program.moves}


def test_targets_are_given_in_the_work_frame():
    moved = bent_program(work_frame_xyz_mm=(500.0, 0.0, 100.0), work_frame_rpy_deg=(0.0, 0.0, 90.0))
    in_base = bent_program().moves[-1].target.pose[:3, 3]
    x, y, z = in_base - [0.5, 0.0, 0.1]
    np.testing.assert_allclose(moved.moves[-1].target.pose[:3, 3], [y, -x, z], atol=1e-9)


@LANGUAGES
@pytest.mark.parametrize('name', ['', '1_seam', 'naht_für_a', 'my seam', 'x' * 65])
def test_a_name_that_the_controller_does_not_take_is_refused(language, name):
    with pytest.raises(ProgramNameError, match='The program name') as refused:
        written(bent_program(name), language)
    offered = refused.value.remedy.split('"')[1]
    assert written(bent_program(offered), language)


@pytest.mark.parametrize(
    ('language', 'name'),
    [
        (ProgramLanguage.RAPID, 'Module'),
        (ProgramLanguage.KRL, 'lin'),
        (ProgramLanguage.URSCRIPT, 'movel'),
        (ProgramLanguage.TP, 'COM1'),
        (ProgramLanguage.INFORM, 'aux'),
    ],
)
def test_a_reserved_word_is_no_name(language, name):
    with pytest.raises(ProgramNameError, match=f'"{name}" is a reserved word') as refused:
        written(bent_program(name), language)
    assert written(bent_program(refused.value.remedy.split('"')[1]), language)


def test_suitable_names():
    assert suitable_name('2026-11-29 lap', 24) == 'w2026_11_29_lap'
    assert suitable_name('', 8) == 'w'


@pytest.mark.parametrize(
    ('name', 'moves', 'told'),
    [
        ('', {}, 'The weld has no procedure'),
        ('spot', {}, 'The weld procedure "spot" does not exist'),
        ('lap', {'weave_pattern': 'zigzag'}, 'A weave of 3 mm does not fit the joint: its width is not known'),
        ('lap', {'weave_pattern': 'zigzag', 'weave_width_mm': 8.0, 'joint_width_mm': 6.0}, 'the joint is 6 mm wide'),
    ],
)
def test_a_weld_without_procedure_or_with_a_wide_weave_is_refused(name, moves, told):
    with pytest.raises(ProgramWeldError, match=told):
        weld_values(procedures(), name, MoveSettings(**moves))


@pytest.mark.parametrize('language', [ProgramLanguage.INFORM, ProgramLanguage.TP], ids=str)
def test_a_work_frame_without_a_number_is_refused(language):
    with pytest.raises(RobotProgramError, match="frame 0 is the robot's own"):
        written(bent_program(work_frame_xyz_mm=(500.0, 0.0, 0.0)), language)


@pytest.mark.parametrize(
    ('language', 'pattern', 'lines'),
    [
        (ProgramLanguage.RAPID, 'zigzag', ['weavedata wvWeld:=[1,0,4.00,3.00,0,0.20,0,0.20,0,0,0,0,0,0,0]']),
        (
            ProgramLanguage.KRL,
            'zigzag',
            ['Pattern #Triangle,Length 4.00,Amplitude 1.50', 'LeftSideDelay 0.20'],
        ),
        (ProgramLanguage.INFORM, 'sine', ['WVON AMP=1.5 FREQ=2.5 ANGL=90.0', 'WVOF']),
        (ProgramLanguage.TP, 'sine', ['Weave Sine[2.5Hz,1.5mm,0.200s,0.200s]', 'Weave End']),
        (ProgramLanguage.TP, 'circle', ['Weave Circle[2.5Hz,1.5mm,0.200s,0.200s]']),
    ],
)
def test_a_weave_in_the_language_s_own_form(language, pattern, lines):
    """10 mm/s over 4 mm are 2.5 Hz; 3 mm from side to side are 1.5 mm to each."""
    sizes = {'weave_width_mm': 3.0, 'weave_length_mm': 4.0, 'weave_dwell_s': 0.2, 'joint_width_mm': 5.0}
    program = bent_program(weave_pattern=pattern, **sizes)
    text = ''.join(content.decode() for content in written(program, language).values())
    assert all(line in text for line in lines)
    taught = reread(language, weave_pattern=pattern, **sizes)
    assert {move.weave for move in taught.moves if move.arc is ArcEvent.WELD} == {True}
    assert not taught.moves[0].weave and not taught.moves[-1].weave


def test_a_weave_that_the_language_lacks_is_refused():
    sizes = {'joint_width_mm': 5.0}
    with pytest.raises(ProgramWeldError, match='RAPID has no weave of the pattern "circle"'):
        written(bent_program(weave_pattern='circle', **sizes), ProgramLanguage.RAPID)
    with pytest.raises(ProgramWeldError, match='URScript has no weave'):
        written(bent_program(weave_pattern='sine', **sizes), ProgramLanguage.URSCRIPT)


def test_urscript_weaves_by_its_path():
    """3 mm from side to side, 4 mm a period: a corner every 2 mm, 1.5 mm beside the seam on either side in turn."""
    sizes = {'weave_pattern': 'zigzag', 'weave_width_mm': 3.0, 'weave_length_mm': 4.0, 'joint_width_mm': 5.0}
    taught = reread(ProgramLanguage.URSCRIPT, **sizes)
    sways = [move for move in taught.moves if move.arc is ArcEvent.WELD]
    length_mm = 1e3 * WELD_M
    assert len(sways) == pytest.approx(length_mm / 2.0, abs=1.0)
    straight = np.array([move.target.pose[:2, 3] for move in sways if move.target.pose[1, 3] < -0.05])
    np.testing.assert_allclose(np.abs(straight[:, 0] - 1.0), 0.0015, atol=2e-5)
    assert np.all(np.diff(np.sign(straight[:, 0] - 1.0)) != 0)
    np.testing.assert_allclose(np.diff(straight[:, 1]), 0.002, atol=2e-4)
    assert sways[0].speed_m_s == pytest.approx(0.01 * np.hypot(3.0, 2.0) / 2.0, rel=0.01)


def test_older_forms_of_the_controllers():
    older = dataclasses.replace(
        SETTINGS,
        tp=dataclasses.replace(SETTINGS.tp, arc_form='arc', weld_schedule=6),
        inform=dataclasses.replace(SETTINGS.inform, rconf_fields='6', speed_unit='cm_min'),
    )
    listing = written(bent_program(), ProgramLanguage.TP, settings=older)['seam_1.ls'].decode()
    assert 'Arc Start[6]' in listing and 'Arc End[6]' in listing and 'Weld Start' not in listing
    job = written(bent_program(), ProgramLanguage.INFORM, settings=older)['SEAM_1.JBI'].decode()
    assert '///RCONF 0,0,0,0,0,0\r\n' in job and ' V=60.0' in job
    assert reread(ProgramLanguage.INFORM, settings=older).moves[-2].speed_m_s == pytest.approx(0.01)


def test_joint_moves_in_pulses():
    ratios = (1000.0, 1100.0, 900.0, 500.0, 480.0, 250.0)
    counting = dataclasses.replace(SETTINGS, inform=dataclasses.replace(SETTINGS.inform, pulses_per_degree=ratios))
    taught = reread(ProgramLanguage.INFORM, settings=counting)
    assert taught.moves[0].target.in_pulses
    np.testing.assert_array_equal(taught.moves[0].target.joints, [0, 0, 0, 0, -90 * 480, 0])


def build(trajectory):
    values = weld_values(procedures(), 'lap', MoveSettings())
    return build_program(trajectory, values, robot(), welding_tool(), 'seam', MoveSettings())


def test_a_trajectory_that_welds_nothing_is_refused():
    scan = dataclasses.replace(bent_weld(), phases=(MotionPhase.SCAN,) * len(bent_weld().phases))
    with pytest.raises(ProgramWeldError, match='has no weld'):
        build(scan)


def test_a_pose_out_of_the_configuration_is_refused():
    poses = bent_weld().tool_poses.copy()
    poses[200, :3, 3] += [0.0, 0.001, 0.0]
    with pytest.raises(ArmConfigurationError, match='Point 200 .* lead 1.00 mm and 0.00 deg away'):
        build(dataclasses.replace(bent_weld(), tool_poses=poses))


def test_a_wrist_that_turns_over_on_a_line_is_refused():
    """Joints 4, 5 and 6 in the other posture from point 300 on: the same poses."""
    joints = bent_weld().positions_rad.copy()
    joints[300:, 3] += np.pi
    joints[300:, 4] *= -1.0
    joints[300:, 5] += np.pi
    with pytest.raises(ArmConfigurationError, match="Point 300 .*the wrist's sense changed"):
        build(dataclasses.replace(bent_weld(), positions_rad=joints))


def test_a_file_of_no_language_is_refused(tmp_path):
    with pytest.raises(RobotProgramError, match='no robot language is known by the ending ".txt"'):
        read_program(tmp_path / 'a.txt', SETTINGS)
    with pytest.raises(RobotProgramError, match='cannot be read'):
        read_program(tmp_path / 'a.mod', SETTINGS)
    (tmp_path / 'a.script').write_bytes(b'def a():\0\n')
    with pytest.raises(RobotProgramError, match='is no text'):
        read_program(tmp_path / 'a.script', SETTINGS)
