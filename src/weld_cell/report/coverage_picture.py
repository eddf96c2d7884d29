"""Coverage of calibration views over the image, as a picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from weld_cell.calibration.boards import BoardView
from weld_cell.calibration.coverage import GRID, LEAST_SHARE, region_counts
from weld_cell.records import ImageArray
from weld_cell.wording import counted

WIDTH_PX = 960
_PAPER, _LINES, _POOR, _LEFT_OUT = (255, 255, 255), (170, 170, 170), (205, 205, 255), (60, 60, 220)
_LETTER_PX = 22


def coverage_picture(views: Sequence[BoardView], left_out: Sequence[str], missing: Sequence[str]) -> ImageArray:
    """BGR picture: the points of each view in its colour, outliers as crosses, poor regions red, and what is missing.

    Args:
        views: Every view.
        left_out: Names of the outliers.
        missing: Lines of text, see `coverage.missing_views`.
    """
    size = np.array(views[0].size_px)
    scale = WIDTH_PX / size[0]
    height = int(round(size[1] * scale))
    picture = np.full((height + _LETTER_PX * (len(missing) + 2), WIDTH_PX, 3), _PAPER, np.uint8)
    _draw_regions(picture[:height], views)
    for number, view in enumerate(views):
        colour = _colours(len(views))[number]
        for x, y in np.rint(view.pixels * scale).astype(int).tolist():
            if view.name in left_out:
                cv2.drawMarker(picture, (x, y), _LEFT_OUT, cv2.MARKER_TILTED_CROSS, 7, 1, cv2.LINE_AA)
            else:
                cv2.circle(picture, (x, y), 3, colour, -1, cv2.LINE_AA)
    first = f'{counted(len(views), "view")}, {len(left_out)} left out.' + (
        ' Missing:' if missing else ' No view is missing.'
    )
    for row, words in enumerate([first, *(f'- {line}' for line in missing)]):
        place = (10, height + _LETTER_PX * (row + 1))
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
    return picture


def _colours(count: int) -> list[tuple[int, int, int]]:
    steps = np.linspace(0, 255, count).astype(np.uint8)[:, None]
    return [(int(b), int(g), int(r)) for b, g, r in cv2.applyColorMap(steps, cv2.COLORMAP_TURBO)[:, 0]]


def _draw_regions(picture: ImageArray, views: Sequence[BoardView]) -> None:
    counts = region_counts(views)
    poor = counts < LEAST_SHARE * counts.sum()
    xs, ys = (
        np.linspace(0, side, count + 1).astype(int) for side, count in zip(picture.shape[1::-1], GRID, strict=True)
    )
    for row, column in np.ndindex(counts.shape):
        corner, opposite = (int(xs[column]), int(ys[row])), (int(xs[column + 1]) - 1, int(ys[row + 1]) - 1)
        if poor[row, column]:
            cv2.rectangle(picture, corner, opposite, _POOR, -1)
        cv2.rectangle(picture, corner, opposite, _LINES, 1)
