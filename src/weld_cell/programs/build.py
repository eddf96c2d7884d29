"""A planned weld trajectory as a language-neutral program: joint moves, approach, weld, departure."""

from datetime import datetime
from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import ArmConfigurationError, ProgramWeldError
from weld_cell.geometry.transforms import invert, transform_from_xyz_rpy_deg
from weld_cell.programs.configuration import arm_posture
from weld_cell.programs.moves import FittedMove, Tolerance, fit_moves
from weld_cell.programs.settings import MoveSettings
from weld_cell.records import (
    ArcEvent,
    FloatArray,
    MotionPhase,
    MoveKind,
    ProgramMove,
    ProgramTarget,
    RobotProgram,
    RobotTrajectory,
    Weave,
    WeavePattern,
    WeldValues,
)
from weld_cell.trajectory.procedures import WeldProcedure, WeldProcedureName
from weld_cell.trajectory.robot_model import RobotModel

FIT_SHARE, BLEND_SHARE = 0.85, 0.1
"""Of the tolerance: for the moves and for the rounding of their corners; what is left is for rounded numbers."""

LEAST_ZONE_MM = 0.1
_SAME_M, _SAME_RAD = 5e-5, np.deg2rad(0.05)
_AT_REST_RAD_S = 1e-6


def weld_values(procedures: dict[WeldProcedureName, WeldProcedure], name: str, settings: MoveSettings) -> WeldValues:
    """Values of a weld, from its procedure and the weave of the settings.

    Raises:
        ProgramWeldError: there is no such procedure, or the weave is wider than the joint.
    """
    found = {str(key): procedure for key, procedure in procedures.items()}
    if name not in found:
        told = f'The weld procedure "{name}" does not exist' if name else 'The weld has no procedure'
        raise ProgramWeldError(f'{told}.', f'Use one of: {", ".join(found)}.')
    procedure = found[name]
    return WeldValues(
        name,
        procedure.travel_speed_mm_s * 1e-3,
        procedure.wire_feed_m_min,
        procedure.current_a,
        procedure.voltage_v,
        _weave(settings),
    )


def _weave(settings: MoveSettings) -> Weave:
    pattern = WeavePattern(settings.weave_pattern)
    if pattern is WeavePattern.NONE:
        return Weave()
    if settings.weave_width_mm > settings.joint_width_mm:
        known = (
            f'the joint is {settings.joint_width_mm:g} mm wide'
            if settings.joint_width_mm
            else 'its width is not known'
        )
        raise ProgramWeldError(
            f'A weave of {settings.weave_width_mm:g} mm does not fit the joint: {known}.',
            'Measure the joint and set moves.joint_width_mm, narrow the weave, or weld without.',
        )
    return Weave(pattern, settings.weave_width_mm, settings.weave_length_mm, settings.weave_dwell_s)


def build_program(
    trajectory: RobotTrajectory,
    weld: WeldValues,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    name: str,
    settings: MoveSettings,
    made: datetime = datetime(2000, 1, 1),
) -> RobotProgram:
    """The program of a planned weld.

    The first move goes in robot joints to where the plan begins. Free motions stay joint moves; approach, weld and
    departure become lines and arcs within the tolerance.

    Raises:
        ProgramWeldError: nothing is welded.
        ArmConfigurationError: a pose is not where the robot joints lead, or the arm changes its posture on a line.
    """
    sections = _sections(trajectory)
    _check_poses(trajectory, robot, T_tool0_tool)
    T_base_work = transform_from_xyz_rpy_deg(
        1e-3 * np.array(settings.work_frame_xyz_mm), np.array(settings.work_frame_rpy_deg)
    )
    to_work = invert(T_base_work)

    def target(index: int) -> ProgramTarget:
        return ProgramTarget(to_work @ trajectory.tool_poses[index], trajectory.positions_rad[index])

    moves = [ProgramMove(MoveKind.JOINT, target(0), 0.0, 0.0)]
    for phase, first, last in sections:
        if phase is None:
            moves.append(ProgramMove(MoveKind.JOINT, target(last), 0.0, 0.0))
            continue
        _check_posture(trajectory, robot, first, last)
        tolerance = Tolerance(
            FIT_SHARE * settings.tolerance_mm * 1e-3, FIT_SHARE * np.deg2rad(settings.tolerance_deg)
        )
        poses = trajectory.tool_poses[first : last + 1]
        fitted = fit_moves(poses, tolerance)
        speed = weld.travel_speed_m_s if phase is MotionPhase.WELD else _top_speed(trajectory, first, last)
        zones = [*(_zone_mm(poses, a, b, settings) for a, b in pairwise(fitted)), 0.0]
        for number, (fit, zone) in enumerate(zip(fitted, zones, strict=True)):
            via = target(first + fit.via) if fit.kind is MoveKind.CIRCULAR else None
            arc = _arc_event(phase, number == len(fitted) - 1)
            moves.append(ProgramMove(fit.kind, target(first + fit.end), speed, zone, arc, via))
    return RobotProgram(name, T_tool0_tool, T_base_work, settings.joint_speed_pct, weld, tuple(moves), made)


def _sections(trajectory: RobotTrajectory) -> list[tuple[MotionPhase | None, int, int]]:
    """From rest to rest: what is done, index of the first and of the last point; None is a free motion.

    Raises:
        ProgramWeldError: nothing is welded.
    """
    weld = [i for i, phase in enumerate(trajectory.phases) if phase is MotionPhase.WELD]
    if not weld:
        raise ProgramWeldError('The trajectory has no weld.', 'Give the record of a run that planned a weld.')
    begin, end, last = weld[0], min(weld[-1] + 1, len(trajectory.phases) - 1), len(trajectory.phases) - 1
    resting = np.flatnonzero(np.abs(trajectory.velocities_rad_s).max(axis=1) < _AT_REST_RAD_S)
    before = resting[resting < begin]
    start = int(before[-1]) if len(before) else 0
    sections: list[tuple[MotionPhase | None, int, int]] = []
    stops = [0, *(int(i) for i in before if 0 < i < start), start]
    sections += [(None, a, b) for a, b in pairwise(stops) if b > a]
    if begin > start:
        sections.append((MotionPhase.APPROACH, start, begin))
    sections.append((MotionPhase.WELD, begin, end))
    if last > end:
        sections.append((MotionPhase.DEPARTURE, end, last))
    return sections


def _arc_event(phase: MotionPhase, last: bool) -> ArcEvent:
    """The arc is struck where the approach ends and put out where the weld does."""
    if phase is MotionPhase.APPROACH:
        return ArcEvent.START if last else ArcEvent.OFF
    if phase is MotionPhase.WELD:
        return ArcEvent.END if last else ArcEvent.WELD
    return ArcEvent.OFF


def _top_speed(trajectory: RobotTrajectory, first: int, last: int) -> float:
    """Largest speed of the tool on the way, rounded to 0.1 mm/s."""
    part = slice(first, last + 1)
    steps = np.linalg.norm(np.diff(trajectory.tool_poses[part, :3, 3], axis=0), axis=1)
    return round(float((steps / np.diff(trajectory.times_s[part])).max()), 4)


def _zone_mm(poses: FloatArray, before: FittedMove, after: FittedMove, settings: MoveSettings) -> float:
    """Blending zone at a corner: it rounds the path, and the tool's turning, by a share of the tolerance at most."""
    ends = poses[[max(before.end - 1, before.start), before.end, min(after.start + 1, after.end)]]
    arrives, leaves = np.diff(ends[:, :3, 3], axis=0)
    lengths = np.linalg.norm([arrives, leaves], axis=1)
    bend = np.arctan2(np.linalg.norm(np.cross(arrives, leaves)), float(arrives @ leaves))
    turns = Rotation.from_matrix(ends[:, :3, :3])
    rates = (turns[:-1].inv() * turns[1:]).as_rotvec() / lengths[:, None]
    room = [settings.largest_zone_mm, 450.0 * _length(poses, before), 450.0 * _length(poses, after)]
    room.append(2.0 * BLEND_SHARE * settings.tolerance_mm / max(np.sin(bend / 2.0), 1e-9))
    turning = float(np.linalg.norm(rates[1] - rates[0]))
    room.append(4e3 * BLEND_SHARE * np.deg2rad(settings.tolerance_deg) / max(turning, 1e-9))
    return max(LEAST_ZONE_MM, float(np.floor(10.0 * min(room)) / 10.0))


def _length(poses: FloatArray, move: FittedMove) -> float:
    """Metres along the planned poses of a move."""
    points = poses[move.start : move.end + 1, :3, 3]
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _check_poses(trajectory: RobotTrajectory, robot: RobotModel, T_tool0_tool: FloatArray) -> None:
    reached = robot.forward(trajectory.positions_rad, T_tool0_tool)
    away = np.linalg.norm(reached[:, :3, 3] - trajectory.tool_poses[:, :3, 3], axis=1)
    planned = Rotation.from_matrix(trajectory.tool_poses[:, :3, :3])
    turned = np.atleast_1d((Rotation.from_matrix(reached[:, :3, :3]).inv() * planned).magnitude())
    wrong = np.flatnonzero((away > _SAME_M) | (turned > _SAME_RAD))
    if len(wrong):
        k = int(wrong[0])
        raise ArmConfigurationError(
            f"Point {k} of the plan is out of the arm's configuration: its robot joints lead {away[k] * 1e3:.2f} mm "
            f'and {np.rad2deg(turned[k]):.2f} deg away from its pose.',
            'Plan the weld again with the robot and the tool of this cell.',
        )


def _check_posture(trajectory: RobotTrajectory, robot: RobotModel, first: int, last: int) -> None:
    """No linear or circular move can change the posture."""
    begun = arm_posture(trajectory.positions_rad[first], robot)
    for k in range(first + 1, last + 1):
        posture = arm_posture(trajectory.positions_rad[k], robot)
        if posture != begun:
            x, y, z = trajectory.tool_poses[k, :3, 3]
            raise ArmConfigurationError(
                f"Point {k} of the plan, at ({x:.3f}, {y:.3f}, {z:.3f}) m in base_link, is out of the arm's "
                f'configuration: {_changed(begun, posture)} since the move began.',
                'Move the workpiece away from the singularity, or weld the seam in two parts.',
            )


def _changed(before: object, after: object) -> str:
    """Which part of a posture changed."""
    words = {'overhead': 'front and back', 'elbow_front': 'elbow up and down', 'wrist_negative': "the wrist's sense"}
    return ', '.join(f'{said} changed' for key, said in words.items() if vars(before)[key] != vars(after)[key])
