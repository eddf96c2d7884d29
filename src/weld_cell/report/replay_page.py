"""HTML page with the pipeline's result for each image of a recording."""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from weld_cell.bags.reading import RecordedImage
from weld_cell.errors import WeldCellError
from weld_cell.images import write_image
from weld_cell.pipeline import ReplayResult, failures, interpolated_stretches, open_ends, told_type
from weld_cell.records import ImageArray
from weld_cell.report.overlays import draw_joint_type
from weld_cell.report.page import Picture, write_page
from weld_cell.stations.scanned_image import ScannedImage, draw_scanned
from weld_cell.wording import counted


def write_replay_page(
    result: ReplayResult, recording: Iterable[RecordedImage], folder: Path, most: int = 0, quiet: bool = True
) -> None:
    """Draw an overlay for each image, or for some of them, and write index.html over them.

    Args:
        result: What the pipeline found.
        recording: The same images again.
        folder: Result folder; overlays go to overlays/ in it.
        most: Draw no more; 0: all.
        quiet: Say nothing of how many they are and how much room they take.
    """
    pictures = folder / 'overlays'
    pictures.mkdir(parents=True, exist_ok=True)
    shown: list[Picture] = []
    chosen = shown_images(result, most)
    with tqdm(total=len(chosen), unit='overlay', disable=quiet) as bar:
        for recorded in recording:
            number = recorded.image.sequence
            image = chosen.get(number)
            if image is None:
                continue
            name = f'overlays/{number:05d}.png'
            write_image(folder / name, draw_result(recorded.image.pixels, image))
            if not (shown or quiet):
                count, room_mb = len(result.images), 1e-6 * (folder / name).stat().st_size * len(chosen)
                told = f'overlays of {len(chosen)} of {count} images, about {room_mb:.1f} MB: {pictures}'
                tqdm.write(told, file=sys.stderr)
            shown.append(Picture(name, f'{number}: {_caption(image)}'))
            bar.update()
    path = result.path
    write_page(
        folder,
        'replay.html.j2',
        told=not isinstance(result.decision, WeldCellError),
        heading=told_type(result.decision),
        found=not isinstance(path, WeldCellError),
        path=path
        if isinstance(path, WeldCellError)
        else f'{1e3 * path.length_m:.1f} mm, {counted(path.rejected, "point")} rejected',
        doubts=open_ends(result) + interpolated_stretches(result),
        failures=[(name, len(images)) for name, images in failures(result.images).items()],
        images=len(result.images),
        drawn=len(shown),
        pictures=shown,
    )


def shown_images(result: ReplayResult, most: int) -> dict[int, ScannedImage]:
    """Images to draw, by their number: those of the scan from the first stripe to the last, spread evenly.

    Args:
        result: What the pipeline found.
        most: So many at most; 0: all images, those before and after the scan too.
    """
    images = sorted(result.images, key=lambda image: image.sequence)
    if not most or len(images) <= most:
        return {image.sequence: image for image in images}
    of_scan = [image for image in images if image.sweep == result.scan.number and image.profile is not None]
    if of_scan:
        first, last = of_scan[0].sequence, of_scan[-1].sequence
        images = [image for image in images if first <= image.sequence <= last]
    places = np.unique(np.linspace(0, len(images) - 1, min(most, len(images))).round().astype(int))
    return {images[place].sequence: images[place] for place in places}


def draw_result(pixels: ImageArray, image: ScannedImage) -> ImageArray:
    """The furthest stage that an image reached, drawn over it."""
    if image.profile is not None and image.observation is None and image.estimate is not None:
        return draw_joint_type(pixels, image.profile, image.estimate)
    return draw_scanned(pixels, image)


def _caption(image: ScannedImage) -> str:
    if image.error is not None:
        return f'{type(image.error).__name__}: {image.error.message}'
    return str(image.estimate.joint_type) if image.estimate else ''
