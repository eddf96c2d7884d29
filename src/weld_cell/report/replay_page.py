"""HTML page with the pipeline's result for each image of a recording."""

from collections.abc import Iterable
from pathlib import Path

from weld_cell.bags.reading import RecordedImage
from weld_cell.errors import WeldCellError
from weld_cell.images import write_image
from weld_cell.pipeline import ReplayResult, failures, told_type
from weld_cell.records import ImageArray
from weld_cell.report.overlays import draw_joint_type
from weld_cell.report.page import Picture, write_page
from weld_cell.stations.scanned_image import ScannedImage, draw_scanned


def write_replay_page(result: ReplayResult, recording: Iterable[RecordedImage], folder: Path) -> None:
    """Draw an overlay for each image and write index.html over them.

    Args:
        result: What the pipeline found.
        recording: The same images again.
        folder: Result folder; overlays go to overlays/ in it.
    """
    pictures = folder / 'overlays'
    pictures.mkdir(parents=True, exist_ok=True)
    shown = []
    by_number = {image.sequence: image for image in result.images}
    for recorded in recording:
        number = recorded.image.sequence
        image = by_number.get(number)
        if image is None:  # outside of what was asked for
            continue
        name = f'overlays/{number:05d}.png'
        write_image(folder / name, draw_result(recorded.image.pixels, image))
        shown.append(Picture(name, f'{number}: {_caption(image)}'))
    path = result.path
    write_page(
        folder,
        'replay.html.j2',
        told=not isinstance(result.decision, WeldCellError),
        heading=told_type(result.decision),
        found=not isinstance(path, WeldCellError),
        path=path
        if isinstance(path, WeldCellError)
        else f'{1e3 * path.length_m:.1f} mm, {path.rejected} points rejected',
        failures=[(name, len(images)) for name, images in failures(result.images).items()],
        images=len(result.images),
        pictures=shown,
    )


def draw_result(pixels: ImageArray, image: ScannedImage) -> ImageArray:
    """The furthest stage that an image reached, drawn over it."""
    if image.profile is not None and image.observation is None and image.estimate is not None:
        return draw_joint_type(pixels, image.profile, image.estimate)
    return draw_scanned(pixels, image)


def _caption(image: ScannedImage) -> str:
    if image.error is not None:
        return f'{type(image.error).__name__}: {image.error.message}'
    return str(image.estimate.joint_type) if image.estimate else ''
