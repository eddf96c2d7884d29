"""A robot program over its plan: moves, and deviation of the planned tool poses."""

from pathlib import Path

import matplotlib

matplotlib.use('Agg')  # a cell PC has no screen
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from weld_cell.evaluation.program_path import Followed
from weld_cell.geometry.transforms import unit
from weld_cell.programs.settings import MoveSettings
from weld_cell.records import ArcEvent, FloatArray, MoveKind, ProgramLanguage, RobotProgram
from weld_cell.report.run_pictures import BREAK, FOUND, MUTED, TRUE

STRAIGHT_SHARE = 1e-3
"""A weld whose spread across is a smaller share of that along has no plane of its own."""

_COLOURS = {MoveKind.LINEAR: BREAK, MoveKind.CIRCULAR: TRUE}
_PLAN_IN, _LEAST_PLAN_IN, _REST_IN = 7.5, 1.8, 5.2
"""Width and least height of the plan, and the height of what is below it, in inches."""


def draw_program(
    followed: Followed, program: RobotProgram, language: ProgramLanguage, armed: bool, moves: MoveSettings, path: Path
) -> None:
    """The weld in the plane in which it is widest, and the deviations along it against their tolerances.

    The ends of the moves are marked in both.
    """
    points = followed.planned[followed.welds, :3, 3]
    ends = move_ends(program, points)
    flat = 1e3 * (points - points[0]) @ plan_axes(points).T
    along_mm = 1e3 * np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    height = float(np.clip(1.3 * _PLAN_IN * np.ptp(flat[:, 1]) / np.ptp(flat[:, 0]), _LEAST_PLAN_IN, _PLAN_IN))
    figure, (plan, away, turned) = plt.subplots(
        3,
        1,
        figsize=(9, height + _REST_IN),
        layout='constrained',
        gridspec_kw={'height_ratios': [height, 0.4 * _REST_IN, 0.4 * _REST_IN]},
    )
    mode = 'ARMED: the arc is struck' if armed else 'dry run: the arc stays off'
    figure.suptitle(f'{program.name} in {language}, procedure {program.weld.procedure}; {mode}')
    _draw_plan(plan, flat, ends)
    weld_mm, weld_deg = 1e3 * followed.away_m[followed.welds], np.rad2deg(followed.turned_rad[followed.welds])
    _draw_deviation(away, along_mm, weld_mm, moves.tolerance_mm, 'mm', ends)
    _draw_deviation(turned, along_mm, weld_deg, moves.tolerance_deg, 'deg', ends)
    away.set(ylabel='position (mm)', title='Planned tool poses against the program, read again')
    turned.set(ylabel='orientation (deg)', xlabel='along the weld (mm)')
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def plan_axes(points: FloatArray) -> FloatArray:
    """(2, 3) axes of the plane in which points (n, 3) spread most, the first from their start to their end.

    A straight weld is shown with the horizontal across.
    """
    _, spread, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    along, across = directions[0], directions[1]
    if along @ (points[-1] - points[0]) < 0.0:
        along = -along
    if spread[1] < STRAIGHT_SHARE * spread[0]:
        upright = np.array([0.0, 0.0, 1.0]) if abs(along[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
        across = unit(np.cross(upright, along))
    return np.stack([along, across])


def move_ends(program: RobotProgram, points: FloatArray) -> list[tuple[MoveKind, int]]:
    """Kind of each move of the weld, and the index of the planned point (n, 3) in which it ends."""
    welds = [move for move in program.moves if move.arc in (ArcEvent.WELD, ArcEvent.END)]
    ends, begun = [], 0
    for move in welds[:-1]:
        place = (program.T_base_work @ move.target.pose)[:3, 3]
        begun += int(np.argmin(np.linalg.norm(points[begun:] - place, axis=1)))
        ends.append((move.kind, begun))
    return [*ends, *((move.kind, len(points) - 1) for move in welds[-1:])]


def _draw_plan(plan: Axes, flat_mm: FloatArray, ends: list[tuple[MoveKind, int]]) -> None:
    plan.plot(*flat_mm.T, color=MUTED, lw=3, alpha=0.5, label='planned')
    plan.plot(*flat_mm[0], 's', ms=7, mfc='none', color=FOUND, label='start of the weld')
    for kind in dict.fromkeys(kind for kind, _ in ends):
        places = flat_mm[[end for of, end in ends if of is kind]]
        plan.plot(*places.T, 'o', ms=5, color=_COLOURS[kind], label=f'end of a {kind} move')
    plan.set(xlabel='along (mm)', ylabel='across (mm)')
    plan.set_aspect('equal', adjustable='datalim')
    plan.legend(fontsize='small', ncols=4, loc='lower center', bbox_to_anchor=(0.5, 1.0))
    plan.margins(y=0.1)
    plan.grid(alpha=0.3)


def _draw_deviation(
    plot: Axes,
    along_mm: FloatArray,
    values: FloatArray,
    tolerance: float,
    unit_name: str,
    ends: list[tuple[MoveKind, int]],
) -> None:
    """Deviations (n,) along the weld from 0 to beyond their tolerance."""
    most = float(values.max())
    plot.axhline(tolerance, color=FOUND, ls='--', label=f'tolerance {tolerance:g} {unit_name}')
    plot.plot(along_mm, values, color=MUTED, label=f'at most {most:.4f} {unit_name}')
    for kind, end in ends:
        plot.axvline(along_mm[end], color=_COLOURS[kind], lw=0.8, alpha=0.6)
    top = max(tolerance, most)
    plot.set_ylim(-0.08 * top, 1.4 * top)
    plot.legend(fontsize='small', ncols=2, loc='upper right')
    plot.grid(alpha=0.3)
