"""Markers visible in an image, whatever board was given, to name a wrong dictionary or first id."""

from collections.abc import Sequence

import cv2
import numpy as np

from weld_cell.calibration.boards import DICTIONARIES, Board, detector_parameters
from weld_cell.images import to_grey
from weld_cell.records import ImageArray

_MOST_NAMED = 12
_FEW_BITS = 4
"""A single marker of so many bits a side may be anything."""


def markers_told(board: Board, image: ImageArray) -> str:
    """Which markers a board has and which the image shows, in words.

    Args:
        board: With markers, not to be found in the image.
        image: Grey (h, w) or BGR (h, w, 3).
    """
    ids, grey = board.marker_ids, to_grey(image)
    wanted = f'It has the ids {ids[0]} to {ids[-1]} of {board.dictionary}'
    seen = {board.dictionary: _ids(board.dictionary, grey)}
    if not seen[board.dictionary]:
        seen |= {name: _ids(name, grey) for name in DICTIONARIES if name != board.dictionary}
    name = max(seen, key=lambda name: (len(seen[name]), -len(_dictionary(name).bytesList)))
    if not seen[name] or (len(seen[name]) == 1 and _dictionary(name).markerSize <= _FEW_BITS):
        return f'{wanted}; no marker is to be seen'
    return f'{wanted}; to be seen are {_listed(seen[name])} of {name}'


def _dictionary(name: str) -> cv2.aruco.Dictionary:
    return cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, f'DICT_{name}'))


def _ids(name: str, grey: ImageArray) -> list[int]:
    _, ids, _ = cv2.aruco.ArucoDetector(_dictionary(name), detector_parameters()).detectMarkers(grey)
    return [] if ids is None else sorted(np.asarray(ids, int).ravel().tolist())


def _listed(ids: Sequence[int]) -> str:
    more = f' and {len(ids) - _MOST_NAMED} more' if len(ids) > _MOST_NAMED else ''
    return ', '.join(map(str, ids[:_MOST_NAMED])) + more
