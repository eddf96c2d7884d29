"""A detected board, drawn over its image."""

import cv2
import numpy as np

from weld_cell.calibration.boards import BoardView
from weld_cell.images import to_grey
from weld_cell.records import ImageArray

_POINT, _FIRST, _WORDS = (80, 220, 80), (60, 60, 255), (0, 200, 255)


def board_overlay(pixels: ImageArray, view: BoardView) -> ImageArray:
    """BGR picture: each point of the board, its first one red, and how many there are."""
    picture: ImageArray = np.repeat(to_grey(pixels)[:, :, None], 3, axis=2)
    radius = max(3, picture.shape[1] // 250)
    for number, (x, y) in zip(view.numbers, np.rint(view.pixels).astype(int).tolist(), strict=True):
        cv2.circle(picture, (x, y), radius, _FIRST if number == 0 else _POINT, 2, cv2.LINE_AA)
    words = f'{view.name}: {len(view.pixels)} of {len(view.board.points)} points'
    cv2.putText(picture, words, (10, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.7, _WORDS, 2, cv2.LINE_AA)
    return picture
