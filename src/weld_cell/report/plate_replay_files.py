"""Plate seams of a replay as files, sorted and rounded for reproducible output, and a page."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from weld_cell.errors import WeldCellError
from weld_cell.images import write_image
from weld_cell.plate_replay import ReplayedPlates
from weld_cell.report.page import Picture, write_page

SEAMS_FILE, PATHS_FILE = 'plate_seams.csv', 'plate_paths.csv'
SEAM_COLUMNS = (
    'stamp_ns',
    'seams',
    'number',
    'length_mm',
    'gap_mm',
    'gap_least_mm',
    'gap_most_mm',
    'straightness_mm',
    'seen_share',
    'scatter_mm',
    'confidence',
    'error',
    'why',
)
PATH_COLUMNS = ('stamp_ns', 'x_m', 'y_m', 'z_m', 'gap_mm', 'u_px', 'v_px')


def write_plate_files(
    replayed: Iterable[ReplayedPlates], folder: Path, overlays: bool, every: int = 1
) -> Iterator[ReplayedPlates]:
    """Write plate_seams.csv (a row an image) and plate_paths.csv (a row a point of a seam to weld).

    The work is done while the caller iterates, so that it can show progress, and no image is kept.

    Args:
        replayed: Image by image.
        folder: Result folder.
        overlays: Write also pictures into overlays/, and index.html over them.
        every: Every how many images one of them.

    Yields:
        Each image once it is written.
    """
    (folder / 'overlays' if overlays else folder).mkdir(parents=True, exist_ok=True)
    shown: list[Picture] = []
    with (
        (folder / SEAMS_FILE).open('w', encoding='utf-8', newline='') as seams_file,
        (folder / PATHS_FILE).open('w', encoding='utf-8', newline='') as paths_file,
    ):
        seams, paths = (csv.writer(stream, lineterminator='\n') for stream in (seams_file, paths_file))
        seams.writerow(SEAM_COLUMNS)
        paths.writerow(PATH_COLUMNS)
        for number, image in enumerate(replayed):
            seams.writerow(_seam_row(image))
            paths.writerows(_path_rows(image))
            if overlays and number % every == 0:
                name = f'overlays/{number:05d}.png'
                write_image(folder / name, image.overlay)
                shown.append(Picture(name, f'{number}: {caption(image)}'))
            yield image
    if overlays:
        write_page(folder, 'plate_replay.html.j2', pictures=shown, every=every)


def caption(image: ReplayedPlates) -> str:
    """What an image shows, in a line."""
    seam = image.outcome
    if isinstance(seam, WeldCellError):
        return f'{type(seam).__name__}: {seam.message}'
    return f'a seam of {seam.length_mm:.1f} mm, gap {np.median(seam.gap_mm):.2f} mm'


def _seam_row(image: ReplayedPlates) -> Sequence[object]:
    seen, seam = image.seen, image.outcome
    seams = 0 if isinstance(seen, WeldCellError) else len(seen.survey.seams)
    if isinstance(seam, WeldCellError):
        return image.stamp_ns, seams, *[''] * (len(SEAM_COLUMNS) - 4), type(seam).__name__, seam.message
    assert not isinstance(seen, WeldCellError) and isinstance(seen.choice, int), 'there is a seam to weld'
    figures = (
        seam.length_mm,
        float(np.median(seam.gap_mm)),
        float(seam.gap_mm.min()),
        float(seam.gap_mm.max()),
        seam.straightness_mm,
        seam.seen_share,
        seam.scatter_mm,
        seam.confidence,
    )
    return image.stamp_ns, seams, 1 + seen.choice, *(f'{figure:.4f}' for figure in figures), '', ''


def _path_rows(image: ReplayedPlates) -> list[Sequence[object]]:
    seam = image.outcome
    if isinstance(seam, WeldCellError):
        return []
    return [
        (image.stamp_ns, *(f'{v:.7f}' for v in point), f'{gap:.4f}', *(f'{v:.3f}' for v in pixel))
        for point, gap, pixel in zip(seam.path_m, seam.gap_mm, seam.path_px, strict=True)
    ]
