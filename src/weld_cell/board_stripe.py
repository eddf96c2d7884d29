"""The laser stripe on a calibration board, in any direction in the image.

The stripe stage looks for stripes along the columns, as the laser sensor shows them; of other cameras it gets the
image turned. Only the board is looked at: what is behind it is lit as well.
"""

import numpy as np

from weld_cell.calibration.boards import BoardView
from weld_cell.calibration.laser_plane import StripeOnBoard
from weld_cell.errors import StripeAbsentError, StripeError
from weld_cell.records import FloatArray, ImageArray
from weld_cell.stripe import StripeSettings, extract_stripe

LEAST_SHARE = 0.4
"""Of the way across the board on which the stripe is seen."""
_MARGIN_PX = 8


def stripe_on_board(board: BoardView, lit: ImageArray, settings: StripeSettings | None = None) -> StripeOnBoard:
    """Find the stripe where the board is.

    Args:
        board: Where it is.
        lit: (h, w) or (h, w, 3) with the laser on.
        settings: Of the stripe stage.

    Raises:
        StripeAbsentError: no stripe there in either direction.
    """
    left, top = np.maximum(np.floor(board.pixels.min(axis=0)).astype(int) - _MARGIN_PX, 0)
    right, bottom = np.ceil(board.pixels.max(axis=0)).astype(int) + _MARGIN_PX
    crop = np.ascontiguousarray(lit[top:bottom, left:right])
    upright = _points(crop, settings or StripeSettings())
    lying = _points(np.ascontiguousarray(np.swapaxes(crop, 0, 1)), settings or StripeSettings())[:, ::-1]
    height, width = crop.shape[:2]
    share, longest = max((len(upright) / height, upright), (len(lying) / width, lying), key=lambda found: found[0])
    if share < LEAST_SHARE:  # the gaps between a board's own marks are bright and narrow, too
        raise StripeAbsentError(
            f'{board.name}: no laser stripe on the board.', 'Check that the laser was on and crosses the board.'
        )
    return StripeOnBoard(board, longest + np.array([left, top]))


def _points(pixels: ImageArray, settings: StripeSettings) -> FloatArray:
    """(n, 2) u, v of a stripe along the columns; none where there is no such."""
    try:
        profile = extract_stripe(pixels, settings).measured()
    except StripeError:
        return np.empty((0, 2))
    return profile.pixels
