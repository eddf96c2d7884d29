"""The simulated parts of the shipped library: `python -m weld_cell.sim.shipped_parts config/parts` draws it again.

Two mirrored pairs of brackets, each from its seed, at the resolution of the Mako on the simulated cell's workpiece.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from weld_cell.part_library import LibraryPart, save_part
from weld_cell.records import FloatArray, JobSeam, JointType
from weld_cell.sim.sheet_metal import SheetPart
from weld_cell.sim.sheet_metal_drawing import as_sheet, draw_part
from weld_cell.sim.sheet_metal_random import random_part

MM_PER_PX = 0.56
SEEDS = {'A': (7, 0.34), 'B': (27, 0.80)}
"""Name of a pair -> seed and asymmetry in percent."""
JOINT_TYPES = {'A': JointType.LAP, 'B': None}
_MARGIN_PX = 8
_CLEAR_MM = 9.0  # of metal on both sides of a seam
_SEAM_INSET_MM = 4.0
_NOTES = (
    'Simulated: pair {name}, {hand}, {asymmetry:g} % from being its own mirror image, drawn by '
    'python -m weld_cell.sim.shipped_parts config/parts. The seam runs along the axis where the sheet is free of '
    'edges, cutouts and bends: there ends a second plate that lies on it.'
)


def shipped_part(code: str) -> SheetPart:
    """The simulated part of a code of the shipped library, such as A-R.

    Raises:
        ValueError: there is none.
    """
    name, _, hand = code.partition('-')
    if name not in SEEDS or hand not in {'R', 'L'}:
        raise ValueError(f'code: expected one of {", ".join(shipped_codes())}, got {code!r}')
    seed, asymmetry = SEEDS[name]
    right, left = random_part(np.random.default_rng(seed), asymmetry)
    return right if hand == 'R' else left


def shipped_codes() -> list[str]:
    """All codes."""
    return [f'{name}-{hand}' for name in SEEDS for hand in ('R', 'L')]


def library_part(code: str) -> LibraryPart:
    """The part as the library has it."""
    part, (name, _, hand) = shipped_part(code), code.partition('-')
    points = part.outline.polygon(0.01)
    low, high = points.min(axis=0), points.max(axis=0)
    size = (np.ceil((high - low) / MM_PER_PX).astype(int) + 2 * _MARGIN_PX + 1).tolist()
    origin = _MARGIN_PX + np.array([-low[0], high[1]]) / MM_PER_PX
    pixels, cover = (
        draw_part(drawn, 0.0, origin, (size[0], size[1]), 1.0 / MM_PER_PX, 0, np.random.default_rng(0))
        for drawn in (part, _white(part))
    )
    notes = _NOTES.format(name=name, hand={'R': 'right', 'L': 'left'}[hand], asymmetry=SEEDS[name][1])
    job = (shipped_seam(code),)
    return LibraryPart(code, pixels, cover, origin, 0.0, MM_PER_PX, part.thickness_mm, job, notes=notes)


def shipped_seam(code: str) -> JobSeam:
    """Where the seam of the part of a code is.

    Raises:
        ValueError: there is none of that code.
    """
    name, _, hand = code.partition('-')
    return _seam(shipped_part(f'{name}-R'), hand == 'L', JOINT_TYPES[name])


def _white(part: SheetPart) -> SheetPart:
    """Its silhouette."""
    return SheetPart(part.outline, part.cutouts, (), 'plain', part.thickness_mm, 1.0)


def _seam(right: SheetPart, mirrored: bool, joint_type: JointType | None) -> JobSeam:
    """Along the axis, the longest line clear of edges, cutouts and bends; the left part's is the mirror image."""
    ends = 1e-3 * _free_line(right) * [1.0, -1.0 if mirrored else 1.0]
    start, end = np.column_stack([ends, np.zeros(2)])
    return JobSeam(start, end, np.array([0.0, 0.0, 1.0]), joint_type)


def _free_line(part: SheetPart) -> FloatArray:
    """(2, 2) its ends in mm, on a raster of one millimetre."""
    sheet = as_sheet(part, 1.0, np.random.default_rng(0))
    flat = ((sheet.cover > 0.99) & ~sheet.slope.any(axis=2)).astype(np.uint8)
    clear = cv2.distanceTransform(flat, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > _CLEAR_MM
    steps = np.diff(np.pad(clear.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, first = np.nonzero(steps == 1)
    _, last = np.nonzero(steps == -1)
    longest = int(np.argmax(last - first))
    columns = np.array([first[longest] + _SEAM_INSET_MM, last[longest] - 1 - _SEAM_INSET_MM])
    return np.column_stack([columns - sheet.origin_texel[0], np.full(2, sheet.origin_texel[1] - rows[longest])])


def main(arguments: list[str]) -> int:
    """Write the library into the folder that is named."""
    if len(arguments) != 1:
        print('Usage: python -m weld_cell.sim.shipped_parts FOLDER', file=sys.stderr)
        return 2
    for code in shipped_codes():
        print(save_part(Path(arguments[0]), library_part(code), replace=True))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
