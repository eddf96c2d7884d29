"""What went wrong in the images of a replay, for people."""

from collections.abc import Iterable

from weld_cell.errors import WeldCellError
from weld_cell.wording import counted


def told_failures(failed: Iterable[tuple[str, WeldCellError]]) -> list[str]:
    """A line for each kind of error: in how many images, and the first one's reason and remedy.

    Args:
        failed: Images in their order: where each is ("at 1.000 s"), and its error.
    """
    kinds: dict[str, list[tuple[str, WeldCellError]]] = {}
    for where, error in failed:
        kinds.setdefault(type(error).__name__, []).append((where, error))
    return [
        f'{name}: {counted(len(images), "image")}, the first {images[0][0]}: {images[0][1]}'
        for name, images in sorted(kinds.items())
    ]
