"""A weave as separate moves, for controllers without one: a zigzag of lines about the weld."""

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from weld_cell.geometry.transforms import make_transform, unit
from weld_cell.programs.moves import circle_through
from weld_cell.records import ArcEvent, FloatArray, MoveKind, ProgramMove, ProgramTarget, Weave

STEP_M = 2e-4
_BLEND_SHARE = 0.2


def woven(moves: tuple[ProgramMove, ...], weave: Weave) -> list[ProgramMove]:
    """Moves whose weld goes to and fro across the seam, a quarter of a period after its start first.

    The tool's speed is raised by as much as its way is longer, so that the travel along the seam keeps its speed.

    Args:
        moves: Of a program, the arc on some of them.
        weave: Width and length of a zigzag.
    """
    found: list[ProgramMove] = []
    weld: list[ProgramMove] = []
    for move in moves:
        if move.arc in (ArcEvent.WELD, ArcEvent.END):
            weld.append(move)
        else:
            found.append(move)
        if move.arc is ArcEvent.END:
            found += _zigzag(found[-1].target, weld, weave)
            weld = []
    return found


def _zigzag(start: ProgramTarget, weld: list[ProgramMove], weave: Weave) -> list[ProgramMove]:
    points, rotations = _sampled(start, weld)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    period, width = 1e-3 * weave.length_mm, 1e-3 * weave.width_mm
    places = np.arange(0.25 * period, along[-1], 0.5 * period)
    nearest = np.clip(np.searchsorted(along, places), 1, len(along) - 1)
    across = np.cross(unit(points[nearest] - points[nearest - 1]), rotations[nearest].as_matrix()[:, :, 2])
    sides = np.where(np.arange(len(places)) % 2 == 0, 0.5, -0.5)[:, None] * width
    corners = points[nearest] + sides * unit(across)
    steps = np.linalg.norm(np.diff(np.vstack([points[:1], corners, points[-1:]]), axis=0), axis=1)
    last = weld[-1]
    speed = last.speed_m_s * float(steps.sum() / along[-1])
    poses = [make_transform(corner, rotations[k]) for corner, k in zip(corners, nearest, strict=True)]
    targets = [ProgramTarget(pose, last.target.joints_rad) for pose in poses]
    zones = 1e3 * _BLEND_SHARE * np.minimum(steps[:-1], steps[1:])
    line = replace(last, kind=MoveKind.LINEAR, speed_m_s=speed, arc=ArcEvent.WELD, via=None)
    sways = [replace(line, target=target, zone_mm=float(zone)) for target, zone in zip(targets, zones, strict=True)]
    return [*sways, replace(line, arc=ArcEvent.END, zone_mm=last.zone_mm)]


def _sampled(start: ProgramTarget, weld: list[ProgramMove]) -> tuple[FloatArray, Rotation]:
    """Positions (n, 3) about STEP_M apart along the weld, and orientations (n)."""
    points, turns, pose = [start.pose[None, :3, 3]], [start.pose[None, :3, :3]], start.pose
    for move in weld:
        goal = move.target.pose
        circle = None if move.via is None else circle_through(pose[:3, 3], move.via.pose[:3, 3], goal[:3, 3])
        chord = float(np.linalg.norm(goal[:3, 3] - pose[:3, 3]))
        length = chord if circle is None else circle.radius_m * circle.sweep_rad
        share = np.linspace(0.0, 1.0, int(np.ceil(length / STEP_M)) + 1)[1:]
        straight = pose[:3, 3] + share[:, None] * (goal[:3, 3] - pose[:3, 3])
        points.append(straight if circle is None else circle.at(share))
        between = Slerp([0.0, 1.0], Rotation.from_matrix(np.stack([pose[:3, :3], goal[:3, :3]])))
        turns.append(between(share).as_matrix())
        pose = goal
    return np.concatenate(points), Rotation.from_matrix(np.concatenate(turns))
