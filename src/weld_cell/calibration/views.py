"""Detection of a board in many images, with consistency checks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from weld_cell.calibration.boards import Board, BoardView, detect_board
from weld_cell.calibration.markers_seen import markers_told
from weld_cell.errors import BoardNotFoundError, CalibrationError, ImageError
from weld_cell.images import image_files, read_image
from weld_cell.records import ImageArray


@dataclass(frozen=True, eq=False)
class BoardViews:
    """What was found in a set of images.

    Attributes:
        found: The board in each image that shows it.
        missed: Names of the other images, and why.
    """

    found: tuple[BoardView, ...]
    missed: tuple[tuple[str, str], ...]

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of the images."""
        return self.found[0].size_px


def find_views(
    board: Board, images: Iterable[tuple[str, ImageArray | ImageError]], step: Callable[[], object] = lambda: None
) -> BoardViews:
    """Look for a board in images.

    Args:
        board: What to look for.
        images: Name and pixels, or why an image cannot be read.
        step: Called after each.

    Raises:
        BoardNotFoundError: it is in none of them.
        CalibrationError: the images have two sizes.
    """
    found: list[BoardView] = []
    missed: list[tuple[str, str]] = []
    first_image: ImageArray | None = None
    for name, image in images:
        try:
            if isinstance(image, ImageError):
                raise image
            first_image = image if first_image is None else first_image
            found.append(detect_board(board, image, name))
        except (BoardNotFoundError, ImageError) as error:
            missed.append((name, error.message))
        step()
    if not found:
        told = f' {markers_told(board, first_image)}.' if board.is_marked and first_image is not None else ''
        raise BoardNotFoundError(
            f'The board ({board.describe()}) is found in none of {len(missed)} images; of the first: '
            f'{missed[0][1] if missed else "there are no images"}{told}',
            'Check kind, columns and rows: a chessboard is counted by its inner corners, a ChArUco board by its '
            'squares; its dictionary and first id. Light it evenly and let all of it be in the image.',
        )
    require_one_size(found)
    return BoardViews(tuple(found), tuple(missed))


def require_one_size(views: Iterable[BoardView]) -> None:
    """Refuse images of two sizes.

    Raises:
        CalibrationError: names one image of each size.
    """
    first_of = {view.size_px: view.name for view in reversed(list(views))}
    if len(first_of) > 1:
        told = ', '.join(f'{name} has {width} x {height} px' for (width, height), name in first_of.items())
        raise CalibrationError(
            f'The images have {len(first_of)} sizes: {told}.',
            'Use images of one camera with one region; leave the others out.',
        )


def folder_images(folder: Path) -> list[tuple[str, ImageArray | ImageError]]:
    """Names and pixels of the images in a folder, in natural order.

    Raises:
        ImageError: there are none.
    """
    return [(path.name, _read(path)) for path in image_files(folder)]


def _read(path: Path) -> ImageArray | ImageError:
    try:
        return read_image(path)
    except ImageError as error:
        return error
