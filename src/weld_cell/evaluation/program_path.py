"""Where the tool goes by a program that was read, and how far that is from the plan; knows nothing of the fitting."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation, Slerp

from weld_cell.errors import RobotProgramError
from weld_cell.programs.controller_axes import planned_joints
from weld_cell.programs.settings import ProgramSettings
from weld_cell.records import (
    ArcEvent,
    BoolArray,
    FloatArray,
    MotionPhase,
    MoveKind,
    ProgramLanguage,
    RobotProgram,
    RobotTrajectory,
    TaughtMove,
    TaughtProgram,
)
from weld_cell.trajectory.robot_model import RobotModel

STEP_M = 2e-4


@dataclass(frozen=True, eq=False)
class ReadPath:
    """The tool's way along the lines and arcs of a program.

    Attributes:
        points: (n, 3) in base_link, at most STEP_M apart.
        rotations: (n) of the tool.
    """

    points: FloatArray
    rotations: Rotation


def taught_joints(
    move: TaughtMove, program: TaughtProgram, robot: RobotModel, settings: ProgramSettings
) -> FloatArray:
    """(6,) robot joints of the URDF of a target that is given in the controller's joints.

    Raises:
        RobotProgramError: it is not, or in pulses whose size is not known.
    """
    joints = move.target.joints
    if joints is None:
        raise RobotProgramError(f'Line {move.line} names no robot joints.', 'Begin the program with a joint move.')
    if program.language is ProgramLanguage.URSCRIPT:
        return np.deg2rad(joints)
    if move.target.in_pulses:
        ratio = np.array(settings.inform.pulses_per_degree)
        if not ratio.all():
            raise RobotProgramError('The pulses per degree are not known.', 'Set inform.pulses_per_degree.')
        joints = joints / ratio
    return planned_joints(joints, robot, settings.axes(program.language))


def target_pose(
    move: TaughtMove,
    program: TaughtProgram,
    robot: RobotModel,
    settings: ProgramSettings,
    T_tool0_tool: FloatArray,
    T_base_work: FloatArray,
) -> FloatArray:
    """(4, 4) T_base_tool where a move ends."""
    if move.target.pose is not None:
        return T_base_work @ move.target.pose
    return robot.forward(taught_joints(move, program, robot, settings), T_tool0_tool)


def read_path(moves: list[TaughtMove], start: FloatArray, T_base_work: FloatArray) -> ReadPath:
    """The way along linear and circular moves from a pose (4, 4) in base_link.

    Raises:
        ValueError: a move has no pose.
    """
    points, turns, pose = [start[None, :3, 3]], [start[None, :3, :3]], start
    for move in moves:
        if move.target.pose is None:
            raise ValueError(f'line {move.line} has no pose')
        goal = T_base_work @ move.target.pose
        if move.kind is MoveKind.CIRCULAR and move.via is not None and move.via.pose is not None:
            places = _arc(pose[:3, 3], (T_base_work @ move.via.pose)[:3, 3], goal[:3, 3])
        else:
            places = _line(pose[:3, 3], goal[:3, 3])
        between = Slerp([0.0, 1.0], Rotation.from_matrix(np.stack([pose[:3, :3], goal[:3, :3]])))
        points.append(places)
        turns.append(between(np.linspace(0.0, 1.0, len(places) + 1)[1:]).as_matrix())
        pose = goal
    return ReadPath(np.concatenate(points), Rotation.from_matrix(np.concatenate(turns)))


def deviations(planned: FloatArray, path: ReadPath) -> tuple[FloatArray, FloatArray]:
    """Distance in metres (n,) and turn in radians (n,) of planned poses (n, 4, 4) from a path.

    Each planned pose is held against the nearest place of the path, between two of its points as well.
    """
    nearest = cKDTree(path.points).query(planned[:, :3, 3])[1]
    away, turned = np.full(len(planned), np.inf), np.full(len(planned), np.inf)
    wanted = Rotation.from_matrix(planned[:, :3, :3])
    for side in (-1, 0):
        first = np.clip(nearest + side, 0, len(path.points) - 2)
        along = path.points[first + 1] - path.points[first]
        squares = np.maximum(np.sum(along**2, axis=1), 1e-18)
        share = np.clip(np.sum((planned[:, :3, 3] - path.points[first]) * along, axis=1) / squares, 0.0, 1.0)
        gap = np.linalg.norm(planned[:, :3, 3] - path.points[first] - share[:, None] * along, axis=1)
        step = (path.rotations[first].inv() * path.rotations[first + 1]).as_rotvec()
        there = path.rotations[first] * Rotation.from_rotvec(share[:, None] * step)
        angle = np.atleast_1d((there.inv() * wanted).magnitude())
        turned = np.where(gap < away, angle, turned)
        away = np.minimum(gap, away)
    return away, turned


@dataclass(frozen=True, eq=False)
class Followed:
    """How a program that was read follows the plan.

    Attributes:
        planned: (n, 4, 4) planned tool poses of approach, weld and departure in base_link.
        away_m: (n,) their distances from the path that was read.
        turned_rad: (n,) their turns from it.
        welds: (n,) whether the arc burns there.
    """

    planned: FloatArray
    away_m: FloatArray
    turned_rad: FloatArray
    welds: BoolArray


def follow(
    trajectory: RobotTrajectory,
    program: RobotProgram,
    taught: TaughtProgram,
    robot: RobotModel,
    settings: ProgramSettings,
) -> Followed:
    """Hold what was read against the plan: approach, weld and departure each by itself.

    Raises:
        ValueError: other moves were read than were written.
    """
    if len(taught.moves) != len(program.moves):
        raise ValueError(f'{len(program.moves)} moves were written, {len(taught.moves)} read')
    weld = [i for i, phase in enumerate(trajectory.phases) if phase is MotionPhase.WELD]
    begin, end = weld[0], min(weld[-1] + 1, len(trajectory.phases) - 1)
    at_rest = np.flatnonzero(np.abs(trajectory.velocities_rad_s[: begin + 1]).max(axis=1) < 1e-6)
    approach = int(at_rest[at_rest < begin][-1]) if (at_rest < begin).any() else begin
    arcs = [move.arc for move in program.moves]
    free = sum(move.kind is MoveKind.JOINT for move in program.moves)
    started = arcs.index(ArcEvent.START) + 1 if ArcEvent.START in arcs else free
    cuts = [free, started, arcs.index(ArcEvent.END) + 1, len(arcs)]
    rows = [slice(approach, begin + 1), slice(begin, end + 1), slice(end, len(trajectory.phases))]
    found = []
    for part, first, last in zip(rows, cuts, cuts[1:], strict=False):
        if last == first:
            continue
        frames = program.T_tool0_tool, program.T_base_work
        start = target_pose(taught.moves[first - 1], taught, robot, settings, *frames)
        path = read_path(list(taught.moves[first:last]), start, program.T_base_work)
        planned = trajectory.tool_poses[part]
        found.append((planned, *deviations(planned, path), np.full(len(planned), part is rows[1])))
    return Followed(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _line(start: FloatArray, end: FloatArray) -> FloatArray:
    count = max(1, int(np.ceil(np.linalg.norm(end - start) / STEP_M)))
    share = np.linspace(0.0, 1.0, count + 1)[1:, None]
    places: FloatArray = start + share * (end - start)
    return places


def _arc(start: FloatArray, via: FloatArray, end: FloatArray) -> FloatArray:
    """Places on the circle through three, from where the perpendicular planes of two chords meet the circle's."""
    normal = np.cross(via - start, end - via)
    normal /= np.linalg.norm(normal)
    planes = np.stack([via - start, end - via, normal])
    heights = [planes[0] @ (start + via) / 2.0, planes[1] @ (via + end) / 2.0, normal @ start]
    centre = np.linalg.solve(planes, heights)
    out, last = start - centre, end - centre
    sweep = np.arctan2(normal @ np.cross(out, last), out @ last) % (2.0 * np.pi)
    count = max(2, int(np.ceil(sweep * np.linalg.norm(out) / STEP_M)))
    turns = Rotation.from_rotvec(sweep * np.linspace(0.0, 1.0, count + 1)[1:, None] * normal)
    places: FloatArray = centre + turns.apply(out)
    return places
