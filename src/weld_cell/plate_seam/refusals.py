"""When a seam that was found is not certain enough to weld along."""

from weld_cell.errors import PlateSeamDoubtfulError
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import PlateSeam

_LOOK = 'Clean the seam, take clamps off it, or mend the light; else weld by the laser sensor.'


def refuse_doubtful(seam: PlateSeam, unseen_mm: float, settings: PlateSeamSettings) -> None:
    """Refuse a seam that is seen too little, too scattered, or whose confidence is too low.

    Args:
        seam: As measured.
        unseen_mm: Its longest stretch without a reading.
        settings: Limits.

    Raises:
        PlateSeamDoubtfulError: says the figure and its limit.
    """
    if unseen_mm > settings.max_unseen_mm:
        raise PlateSeamDoubtfulError(
            f'The seam is hidden for {unseen_mm:.0f} mm, at most {settings.max_unseen_mm:.0f} are bridged.', _LOOK
        )
    if seam.seen_share < settings.min_seen_share:
        raise PlateSeamDoubtfulError(
            f'Of the seam {100 * seam.seen_share:.0f} % are seen, {100 * settings.min_seen_share:.0f} are needed.',
            _LOOK,
        )
    if seam.scatter_mm > settings.max_scatter_mm:
        raise PlateSeamDoubtfulError(
            f'The readings scatter by {seam.scatter_mm:.2f} mm about the seam, at most {settings.max_scatter_mm:.2f} '
            'are trusted.',
            _LOOK,
        )
    if seam.confidence < settings.min_confidence:
        raise PlateSeamDoubtfulError(
            f'The confidence in the seam is {seam.confidence:.2f}, {settings.min_confidence:.2f} is needed.', _LOOK
        )
