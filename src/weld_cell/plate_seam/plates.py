"""Settings of the plates: thickness, search region, and which of several seams is meant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice, numbers, text
from weld_cell.errors import PlateSeamAbsentError
from weld_cell.records import PlateSeam


@dataclass(frozen=True)
class PlatesSettings(Settings):
    """The plates under the area camera."""

    thickness_mm: float = bounded(
        1.5, 0.0, 200.0, 'mm', "height of the side on which the seam lies over the table's top (work_plane.height_m)"
    )
    locate: str = choice(
        'confirmed',
        ('confirmed', 'whole', 'network', 'box'),
        'where the seam is looked for: everywhere, to be confirmed by the network; everywhere; in the regions of the '
        'network; in box_xyxy',
    )
    box_xyxy: tuple[float, ...] = numbers(
        (0.0, 0.0, 0.0, 0.0), 'px', 'box: left, top, right and bottom of the region'
    )
    model_file: str = text('', 'confirmed, network: trained model (.onnx); empty: the shipped one')
    seam: str = choice(
        'longest', ('longest', 'first', 'most_confident', 'number'), 'which of several seams is the one to weld'
    )
    number: int = bounded(1, 1, 1000, '', 'number: which, counted from 1 from left to right, then from top to bottom')


_WORTH: dict[str, Callable[[PlateSeam], float]] = {
    'longest': lambda seam: seam.length_mm,
    'first': lambda seam: 0.0,
    'most_confident': lambda seam: seam.confidence,
}


def chosen_seam(seams: Sequence[PlateSeam], settings: PlatesSettings) -> int:
    """Which of the seams of an image is meant, counted from 0; of equals the first.

    Args:
        seams: In their order, at least one.
        settings: Say by what is chosen.

    Raises:
        ValueError: there are none.
        PlateSeamAbsentError: there are not so many.
    """
    if not seams:
        raise ValueError('expected at least one seam, got none')
    if settings.seam != 'number':
        worths = [_WORTH[settings.seam](seam) for seam in seams]
        return worths.index(max(worths))
    if settings.number > len(seams):
        raise PlateSeamAbsentError(
            f'Seam {settings.number} is asked for, {len(seams)} {"is" if len(seams) == 1 else "are"} seen.',
            'Correct plates.number, or look at plate_seam/overlay why the others are not seen.',
        )
    return settings.number - 1
