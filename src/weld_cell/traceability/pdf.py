"""The PDF report of one weld, by matplotlib.

What belongs in it is named by ISO 3834-5 (records of welding) and ISO 15609-1 (procedure, material, filler, gas,
parameters); what the cell was not told is printed as not known, to be filled in by hand.
"""

import textwrap
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from weld_cell.traceability.chain import Entry
from weld_cell.traceability.record import PictureRecord, SeamRecord, WeldRecord
from weld_cell.traceability.store import write_whole
from weld_cell.traceability.text import (
    Facts,
    calibration_facts,
    cycle_facts,
    in_one_line,
    quality_facts,
    seam_facts,
    software_facts,
    spot_facts,
)
from weld_cell.traceability.verify import wrong_with

A4_INCH = 8.27, 11.69
LEFT, RIGHT, TOP, BOTTOM = 0.09, 0.94, 0.93, 0.07
LINE, LETTERS, COLUMN = 0.0155, 70, 0.24
"""Height of a line of text, digits of a value on a line, and where values begin beside their names."""
PICTURES_ON_A_PAGE = 2
_LEAST_LINES = 3
SIGNING = 0.06
"""Height that the signatures take at the foot of a page."""
FACTS_BESIDE_DRAWINGS = 28
"""Lines of facts that leave room for the drawings of a seam."""
LEAST_SPREAD_MM = 0.5
FONT = 'DejaVu Sans'
"""matplotlib brings it."""
BLUE, RED, GREEN, MUTED = '#1d5fbf', '#b3261e', '#14713d', '#55606e'
SIGNATURES = 'Operator, date', 'Examiner, date'


def write_pdf(entry: Entry, folder: Path, path: Path) -> None:
    """Write the report of a record.

    Args:
        entry: The record.
        folder: Where it and its pictures are kept.
        path: Of the report.

    Raises:
        RecordError: the record cannot be read, or the file not written.
    """
    content = BytesIO()
    style = matplotlib.rc_context(
        {'font.family': [FONT], 'font.size': 8, 'pdf.fonttype': 42, 'text.parse_math': False}  # a dollar sign is one
    )
    with style, PdfPages(content) as pages:
        made = list(_pages(entry, entry.record, folder))
        for number, page in enumerate(made, 1):
            _frame(page, entry, number, len(made))
            pages.savefig(page)
        pages.infodict().update(Title=f'Weld record {entry.number}', Subject=entry.sha256)
    write_whole(path, content.getvalue())


def _pages(entry: Entry, record: WeldRecord, folder: Path) -> Iterator[Figure]:
    yield from _signed_pages(entry, record)
    for seam in record.seams:
        yield from _seam_pages(seam)
    for k in range(0, len(record.pictures), PICTURES_ON_A_PAGE):
        yield _picture_page(record.pictures[k : k + PICTURES_ON_A_PAGE], folder)
    facts = [('Calibration', calibration_facts(record)), ('Software', software_facts(record))]
    yield from _text_pages([*facts, ('Stages', _stages(record))])


def _stages(record: WeldRecord) -> Facts:
    """Each stage with its last note: those before it tell of its progress."""
    last = [
        stage
        for stage, after in zip(record.stages, (*record.stages[1:], None), strict=True)
        if after is None or after.stage != stage.stage
    ]
    return [(f'{stage.after_s:.1f} s', f'{stage.stage} {stage.note}') for stage in last]


def _page() -> Figure:
    return Figure(figsize=A4_INCH)


def _frame(page: Figure, entry: Entry, number: int, pages: int) -> None:
    """Head and foot of a page."""
    page.text(LEFT, 0.955, f'Weld record {entry.number}', fontsize=13, weight='bold')
    page.text(RIGHT, 0.955, f'page {number} of {pages}', ha='right', color=MUTED)
    page.text(LEFT, 0.03, f'SHA-256 {entry.sha256}', fontsize=6, color=MUTED, family='monospace')
    page.text(RIGHT, 0.03, 'weld_cell', ha='right', fontsize=6, color=MUTED)


def _signed_pages(entry: Entry, record: WeldRecord) -> Iterator[Figure]:
    """What is signed: each page has room for it."""
    groups = [
        ('Welding procedure and material', quality_facts(record.quality)),
        ('Cycle', cycle_facts(entry, record)),
        ('Inspection of spot welds', spot_facts(record) or [('', 'none inspected')]),
    ]
    for page in _text_pages(groups, BOTTOM + SIGNING):
        for k, label in enumerate(SIGNATURES):
            left = LEFT + 0.45 * k
            page.add_artist(matplotlib.lines.Line2D([left, left + 0.36], [BOTTOM + 0.025] * 2, color='black', lw=0.6))
            page.text(left, BOTTOM + 0.01, label, fontsize=7, color=MUTED)
        yield page


def _wrapped(facts: Facts) -> Facts:
    """Names and values, a line each; the lines after a value's first one have no name."""
    return [
        (printable(name) if k == 0 else '', line)
        for name, value in facts
        for k, line in enumerate(textwrap.wrap(printable(value), LETTERS) or [''])
    ]


@cache
def _letters() -> frozenset[int]:
    """Of the font."""
    return frozenset(get_font(findfont(FONT)).get_charmap())


def printable(text: str) -> str:
    """A text in letters of the font; in place of another one stands its number in Unicode."""
    known = _letters()
    return ''.join(letter if ord(letter) in known else f'[U+{ord(letter):04X}]' for letter in in_one_line(text))


def _lines(page: Figure, height: float, title: str, lines: Facts) -> float:
    """A title and lines from a height downward; the height below them."""
    page.text(LEFT, height - LINE, title, fontsize=10, weight='bold', color=BLUE)
    height -= 1.3 * LINE
    for name, line in lines:
        height -= LINE
        page.text(LEFT, height, name, color=MUTED)
        page.text(LEFT + COLUMN, height, line)
    return height - LINE


def _text_pages(groups: list[tuple[str, Facts]], bottom: float = BOTTOM) -> Iterator[Figure]:
    """As many pages as the groups need; a group longer than what is left goes on on the next page."""
    page, height = _page(), TOP
    for title, facts in groups:
        rest = _wrapped(facts)
        while rest:
            room = int((height - bottom) / LINE) - 3
            if room < min(len(rest), _LEAST_LINES):
                yield page
                page, height = _page(), TOP
                continue
            height = _lines(page, height, title, rest[:room])
            rest = rest[room:]
    yield page


def _seam_pages(seam: SeamRecord) -> Iterator[Figure]:
    """Facts and drawings of a seam, on one page where the facts leave room."""
    title, facts = f'Seam {seam.number}', seam_facts(seam)
    lines = _wrapped(facts)
    if len(lines) > FACTS_BESIDE_DRAWINGS:
        yield from _text_pages([(title, facts)])
        lines = [('', 'drawings')]
    yield _seam_page(seam, title, lines)


def _seam_page(seam: SeamRecord, title: str, lines: Facts) -> Figure:
    page = _page()
    height = _lines(page, TOP, title, lines)
    grid = page.add_gridspec(2, 2, left=LEFT + 0.02, right=RIGHT, top=height - 0.03, bottom=BOTTOM + 0.03)
    grid.update(hspace=0.42, wspace=0.26)
    drawings = (_draw_sizes, 'no gap measured'), (_draw_residuals, 'no residuals'), (_draw_path, 'no path found')
    for place, (draw, nothing) in enumerate((*drawings, (_draw_motion, 'no trajectory sent'))):
        axes = page.add_subplot(grid[place // 2, place % 2])
        if not draw(axes, seam):
            axes.text(0.5, 0.5, nothing, ha='center', va='center', color=MUTED, transform=axes.transAxes)
            axes.set_axis_off()
    return page


def _draw_sizes(axes: Axes, seam: SeamRecord) -> bool:
    """Gap and mismatch along the seam."""
    if seam.along is None:
        return False
    for name, color, mark, size in (('gap_mm', BLUE, 'o', 5), ('mismatch_mm', RED, '.', 3)):  # rings about dots
        values = np.array(getattr(seam.along, name), dtype=float)
        label = name.removesuffix('_mm')
        axes.plot(seam.along.along_mm, values, mark, ms=size, mfc='none', mew=0.8, color=color, label=label)
    low, high = axes.get_ylim()
    middle, half = (low + high) / 2, max(high - low, LEAST_SPREAD_MM) / 2
    axes.set(xlabel='along the seam (mm)', ylabel='mm', title='Root gap and mismatch')
    axes.set_ylim(middle - half, middle + half)
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3)
    return True


def _draw_residuals(axes: Axes, seam: SeamRecord) -> bool:
    """How far the seam points lie from the path; outliers may lie outside."""
    if seam.along is None:
        return False
    most = (seam.path.residual_max_mm if seam.path else None) or max(seam.along.residual_mm, default=0.0)
    axes.plot(seam.along.along_mm, seam.along.residual_mm, '.', ms=3, color=MUTED)
    axes.set(xlabel='along the seam (mm)', ylabel='mm', title='Seam points from the path')
    axes.set_ylim(0.0, max(LEAST_SPREAD_MM, 1.2 * most))  # outliers lie above
    axes.grid(alpha=0.3)
    return True


def _draw_path(axes: Axes, seam: SeamRecord) -> bool:
    """The path from above, with its start and the tool's way over it."""
    if seam.path is None:
        return False
    path = 1000 * np.array(seam.path.positions_m)
    axes.plot(path[:, 0], path[:, 1], '-', color=GREEN, lw=2, label='path')
    axes.plot(*path[0, :2], 'o', color=GREEN, label='start')
    axes.set(xlabel='x in base_link (mm)', ylabel='y (mm)', title='Seam path from above')
    axes.set_aspect('equal', adjustable='datalim')
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3)
    return True


def _draw_motion(axes: Axes, seam: SeamRecord) -> bool:
    """The robot joints as they were sent, and the weld within."""
    motion = seam.trajectory
    if motion is None:
        return False
    positions_deg = np.degrees(np.array(motion.positions_rad))
    for name, column in zip(motion.joint_names, positions_deg.T, strict=True):
        axes.plot(motion.times_s, column, lw=1, label=name)
    if motion.weld_start_s is not None and motion.weld_end_s is not None:
        axes.axvspan(motion.weld_start_s, motion.weld_end_s, color=BLUE, alpha=0.08, label='weld')
    axes.set(xlabel='s', ylabel='deg', title='Robot joints as sent')
    axes.legend(fontsize=5, ncol=2)
    axes.grid(alpha=0.3)
    return True


def _picture_page(pictures: tuple[PictureRecord, ...], folder: Path) -> Figure:
    page = _page()
    for k, picture in enumerate(pictures):
        axes = page.add_axes((LEFT, TOP - 0.43 * (k + 1), RIGHT - LEFT, 0.39))
        _draw_picture(axes, picture, folder)
        axes.set_title(printable(f'{picture.what} ({picture.file})'), fontsize=8, loc='left')
        axes.set_axis_off()
    return page


def _draw_picture(axes: Axes, picture: PictureRecord, folder: Path) -> None:
    """A picture as it was kept; of another one only that it is gone or was altered."""
    wrong = wrong_with(folder, picture)
    pixels = None if wrong else cv2.imread(str(folder / picture.file), cv2.IMREAD_COLOR)
    if pixels is not None:
        axes.imshow(pixels[:, :, ::-1])
        return
    said = f'{printable(picture.file)}\n{wrong or "is no picture"}: see "weld_cell records verify"'
    axes.text(0.5, 0.5, said, ha='center', va='center', color=RED, transform=axes.transAxes)
