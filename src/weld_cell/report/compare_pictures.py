"""A bag that two runs judge differently, by matplotlib: an image with both seam points, and both paths."""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib

matplotlib.use('Agg')  # a farm has no screen
import matplotlib.pyplot as plt
import numpy as np

from weld_cell.bags.reading import open_bag
from weld_cell.errors import WeldCellError
from weld_cell.farm.comparison import Compared, Comparison, Side, distances_mm
from weld_cell.farm.results import Row
from weld_cell.images import to_grey
from weld_cell.records import FloatArray, ImageArray
from weld_cell.replays.laser import TOPIC
from weld_cell.report.replay_results import POINTS_FILE

COLOURS = ('#1d5fbf', '#b3261e')
_MARGIN_PX = 80


class _Seen(NamedTuple):
    """What a run says of an image."""

    seam_px: FloatArray | None
    error: str


def draw_difference(comparison: Comparison, bag: Compared, path: Path) -> None:
    """Draw one bag."""
    sides = ((comparison.a, bag.a, COLOURS[0]), (comparison.b, bag.b, COLOURS[1]))
    figure, all_axes = plt.subplot_mosaic(
        [['image', 'plan'], ['image', 'distance']], figsize=(11, 4.6), width_ratios=(1, 1.5), layout='constrained'
    )
    _draw_paths(all_axes['plan'], sides)
    _draw_distances(all_axes['distance'], [side.path_of(row) for side, row, _ in sides])
    _draw_image(all_axes['image'], bag, [(side.name, _seen(side, row), colour) for side, row, colour in sides])
    figure.suptitle(f'{bag.bag}: {", ".join(bag.changes)}', fontsize='medium')
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _draw_paths(axes: Any, sides: tuple[tuple[Side, Row, str], ...]) -> None:
    paths = [side.path_of(row) for side, row, _ in sides]
    present = [path for path in paths if len(path) > 1]
    axes.set(title='Seam from above', xlabel='along (mm)', ylabel='sideways (mm)')
    if not present:
        axes.text(0.5, 0.5, 'no path in either', ha='center', va='center', transform=axes.transAxes)
        return
    start, end = present[0][0], present[0][-1]
    along = (end - start) / np.linalg.norm(end - start)
    sideways = np.cross([0.0, 0.0, 1.0], along)
    for (side, row, colour), path in zip(sides, paths, strict=True):
        offsets = 1e3 * (path - start)
        label = f'{side.name}: {row.get("joint_type") or ""} {row["verdict"]}'
        axes.plot(offsets @ along, offsets @ sideways, '.-', ms=3, lw=1, color=colour, label=label)
    axes.legend(fontsize='small')
    axes.grid(alpha=0.3)


def _draw_distances(axes: Any, paths: list[FloatArray]) -> None:
    axes.set(xlabel='along (mm)', ylabel='distance (mm)')
    if min(map(len, paths)) < 2:
        axes.text(0.5, 0.5, 'one has no path', ha='center', va='center', transform=axes.transAxes)
        return
    for path, other, colour in zip(paths, reversed(paths), COLOURS, strict=True):
        lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        axes.plot(1e3 * lengths, distances_mm(path, other), color=colour)
    axes.set_ylim(bottom=0.0)
    axes.grid(alpha=0.3)


def _draw_image(axes: Any, bag: Compared, told: list[tuple[str, dict[int, _Seen], str]]) -> None:
    """The image in which both differ most, with the seam point of each."""
    axes.set_axis_off()
    stamp_ns = _telling_stamp(*(seen for _, seen, _ in told))
    pixels = None if stamp_ns is None else _image_at(str(bag.b['address']), stamp_ns)
    if pixels is None or stamp_ns is None:
        axes.text(0.5, 0.5, 'the image cannot be read here', ha='center', va='center', transform=axes.transAxes)
        return
    axes.imshow(pixels, cmap='gray', vmin=0, vmax=255)
    for name, seen, colour in told:
        at = seen.get(stamp_ns, _Seen(None, 'not looked at'))
        if at.seam_px is None:
            axes.plot([], [], 'x', color=colour, label=f'{name}: {at.error or "no seam point"}')
        else:
            axes.plot(*at.seam_px, 'x', ms=10, mew=1.6, color=colour, label=name)
    at_px = [seen[stamp_ns].seam_px for _, seen, _ in told if stamp_ns in seen]
    _zoom(axes, [each for each in at_px if each is not None])
    axes.set_title(f'Image at {stamp_ns / 1e9:.3f} s', fontsize='medium')
    axes.legend(fontsize='small', loc='lower right')


def _zoom(axes: Any, seams_px: list[FloatArray]) -> None:
    """Show what lies about the seam points (2,)."""
    if not seams_px:
        return
    low, high = np.min(seams_px, axis=0) - _MARGIN_PX, np.max(seams_px, axis=0) + _MARGIN_PX
    axes.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]))


def _telling_stamp(a: dict[int, _Seen], b: dict[int, _Seen]) -> int | None:
    """Of the images that both looked at, the one whose seam points differ most; one that only one has comes first."""
    both = sorted(a.keys() & b.keys())
    if not both:
        return None

    def difference(stamp_ns: int) -> float:
        first, second = a[stamp_ns].seam_px, b[stamp_ns].seam_px
        if first is None or second is None:
            return np.inf if (first is None) is not (second is None) else -1.0
        return float(np.linalg.norm(first - second))

    middle = both[len(both) // 2]
    most = max(both, key=difference)
    return most if difference(most) > 0 else middle


def _seen(side: Side, row: Row) -> dict[int, _Seen]:
    file = side.out / str(row['result']) / POINTS_FILE
    if not file.is_file():
        return {}
    with file.open(encoding='utf-8', newline='') as stream:
        return {int(line['stamp_ns']): _seen_of(line) for line in csv.DictReader(stream)}


def _seen_of(line: dict[str, str]) -> _Seen:
    if not line['seam_u_px']:
        return _Seen(None, line['error'])
    return _Seen(np.array([float(line['seam_u_px']), float(line['seam_v_px'])]), line['error'])


def _image_at(address: str, stamp_ns: int) -> ImageArray | None:
    """An image of a bag on this machine; None where it cannot be read."""
    if '://' in address:
        return None
    try:
        with open_bag(Path(address)) as bag:
            topic = next((name for name in (f'/{TOPIC}', f'/{TOPIC}/compressed') if name in bag.topics()), '')
            images = bag.images(topic) if topic else iter(())
            return next((to_grey(each.image.pixels) for each in images if each.image.stamp_ns == stamp_ns), None)
    except (WeldCellError, OSError):  # it is gone, or damaged there
        return None
