"""Calibration boards: their geometry, and detection of their points in an image.

Frame of a board, seen from its front: origin at its first point, x along a row, y down the columns, z into the board.
Points count row by row.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from weld_cell.calibration.board_extent import is_part_of_more
from weld_cell.calibration.tag_corners import refined_tag_corners
from weld_cell.errors import BoardNotFoundError, ImageError
from weld_cell.images import to_grey
from weld_cell.records import FloatArray, ImageArray, IntArray

CHESSBOARD, CHARUCO, APRILTAG = 'chessboard', 'charuco', 'apriltag'
CIRCLES, ASYMMETRIC_CIRCLES = 'circles', 'asymmetric_circles'
KINDS = (CHESSBOARD, CHARUCO, APRILTAG, CIRCLES, ASYMMETRIC_CIRCLES)
DICTIONARIES = tuple(
    name.removeprefix('DICT_') for name in dir(cv2.aruco) if name.startswith('DICT_') and name.upper() == name
)
LEAST_PITCH_M, MOST_PITCH_M = 0.001, 0.5
MARKED_LEAST_POINTS = 6
"""Of a board whose points have names: a pose wants four, and two more to say that it is right."""
_CHESSBOARD_FIRST_PX = 1024
"""Longest side of the image in which a chessboard is looked for first; its corners are refined in the whole image."""
_SUBPIX_STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-4)
_SUBPIX_SHARE, _SUBPIX_LEAST_PX, _SUBPIX_MOST_PX = 0.45, 2, 11
"""Half side of the window about a corner: a share of the way to the next corner."""
_PLANE_LEAST_PX, _PLANE_SHARE = 3.0, 0.06
"""How far from a plane's image a tag's corner may lie, also as a share of its side: lenses bend planes."""
_BLOB_SHARE = (2e-5, 2e-2)
"""Area of a circle as a share of the image."""


@dataclass(frozen=True)
class Board:
    """A calibration board.

    Attributes:
        kind: One of `KINDS`.
        columns, rows: Inner corners of a chessboard, squares of a ChArUco board, tags, or circles of a row and of a
            column (asymmetric circles: as cv2.findCirclesGrid counts them).
        pitch_m: Side of a square; from a tag's edge to that of the next; from circle to circle (asymmetric: half of
            that within a row).
        marker_m: Side of a marker or tag, its black border included; 0 where there are none.
        dictionary: Of the markers, as cv2.aruco names it without DICT_.
        first_id: Of the first marker.

    Raises:
        ValueError: a board that cannot be.
    """

    kind: str
    columns: int
    rows: int
    pitch_m: float
    marker_m: float = 0.0
    dictionary: str = ''
    first_id: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f'kind of board: expected one of {", ".join(KINDS)}, got {self.kind!r}')
        least = {CHESSBOARD: 3, CHARUCO: 2, APRILTAG: 1}.get(self.kind, 2)
        if min(self.columns, self.rows) < least:
            raise ValueError(
                f'a {self.kind} board: expected from {least} x {least}, got {self.columns} x {self.rows}'
            )
        if not LEAST_PITCH_M <= self.pitch_m <= MOST_PITCH_M:
            raise ValueError(
                f'pitch of the board: expected {1000 * LEAST_PITCH_M:g} to {1000 * MOST_PITCH_M:g} mm, '
                f'got {1000 * self.pitch_m:g}; metres taken for millimetres?'
            )
        if self.is_marked and not (0.0 < self.marker_m < self.pitch_m or self.kind == APRILTAG and self.is_single):
            raise ValueError(
                f'marker of the board: expected from 0 to its pitch {self.pitch_m:g} m, got {self.marker_m:g}'
            )
        if self.is_marked and self.dictionary not in DICTIONARIES:
            raise ValueError(f'dictionary: expected one of {", ".join(DICTIONARIES)}, got {self.dictionary!r}')
        if self.is_marked:
            self._require_markers()

    def _require_markers(self) -> None:
        most = len(self.aruco_dictionary().bytesList) - 1
        if not 0 <= self.marker_ids[0] <= self.marker_ids[-1] <= most:
            raise ValueError(
                f'markers of the board {self.kind} {self.columns} x {self.rows}: expected ids of 0 to {most}, which '
                f'{self.dictionary} has, got {self.marker_ids[0]} to {self.marker_ids[-1]}; take a dictionary with '
                'more markers, a smaller board, or another first id'
            )

    @property
    def marker_ids(self) -> range:
        """Ids of its markers: one a tag, one in every second square of a ChArUco board."""
        count = self.columns * self.rows // (2 if self.kind == CHARUCO else 1)
        return range(self.first_id, self.first_id + count)

    @property
    def is_marked(self) -> bool:
        """Whether each of its points has a name, so that a part of it is enough."""
        return self.kind in (CHARUCO, APRILTAG)

    @property
    def is_single(self) -> bool:
        """Whether it is one tag."""
        return self.columns == self.rows == 1

    @property
    def symmetry(self) -> int:
        """In how many ways, by turning it in its plane, it looks the same: 1, 2 (half a turn) or 4."""
        if self.is_marked or (self.kind == ASYMMETRIC_CIRCLES and self.rows % 2):
            return 1
        if self.kind == CHESSBOARD and (self.columns + self.rows) % 2:
            return 1  # half a turn exchanges black and white
        quarter = self.columns == self.rows and not (self.kind == CHESSBOARD and self.columns % 2)
        return 4 if quarter and self.kind != ASYMMETRIC_CIRCLES else 2

    @cached_property
    def points(self) -> FloatArray:
        """(n, 3) of all its points, in its frame. A tag has four, clockwise from its upper left corner."""
        if self.kind == APRILTAG:
            corners = self.marker_m * np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
            flat = (self.pitch_m * _grid(self.columns, self.rows)[:, None] + corners).reshape(-1, 2)
        elif self.kind == CHARUCO:
            flat = self.pitch_m * _grid(self.columns - 1, self.rows - 1)
        else:
            flat = self.pitch_m * self._places(_grid(self.columns, self.rows))
        return np.column_stack([flat, np.zeros(len(flat))])

    def places_of_more(self) -> tuple[FloatArray, ...]:
        """Of a board without markers: where a larger one has points too, (n, 2) in pitches.

        Beyond each of its sides, and halfway between its points along rows and columns.
        """
        columns, rows = np.arange(self.columns), np.arange(self.rows)
        sides = [(columns, np.full(self.columns, row)) for row in (-1, self.rows)]
        sides += [(np.full(self.rows, column), rows) for column in (-1, self.columns)]
        between = [_grid(self.columns - 1, self.rows), _grid(self.columns, self.rows - 1)]
        halfway = [self._places(counted) for counted in between]
        halfway[0][:, 0] += 1.0 if self.kind == ASYMMETRIC_CIRCLES else 0.5
        halfway[1] += 0.5 * (self._places(between[1] + [0.0, 1.0]) - halfway[1])
        return (*(self._places(np.column_stack(side).astype(float)) for side in sides), *halfway)

    def _places(self, counted: FloatArray) -> FloatArray:
        """(n, 2) in pitches, of column and row."""
        if self.kind == ASYMMETRIC_CIRCLES:
            return np.column_stack([2 * counted[:, 0] + counted[:, 1] % 2, counted[:, 1]])
        return counted

    @cached_property
    def turned_orders(self) -> tuple[IntArray, ...]:
        """Of each way in which it looks the same: its points' numbers in the order in which they are then found."""
        if self.symmetry == 1:
            return (np.arange(len(self.points)),)
        grid = np.arange(self.columns * self.rows).reshape(self.rows, self.columns)
        return tuple(np.rot90(grid, 4 // self.symmetry * turn).ravel() for turn in range(self.symmetry))

    @property
    def middle(self) -> FloatArray:
        """(3,) between its outermost points."""
        middle: FloatArray = 0.5 * (self.points.min(axis=0) + self.points.max(axis=0))
        return middle

    def describe(self) -> str:
        """In words."""
        marks = f', markers {self.dictionary} of {1000 * self.marker_m:g} mm' if self.is_marked else ''
        return f'{self.kind} {self.columns} x {self.rows}, pitch {1000 * self.pitch_m:g} mm{marks}'

    def aruco_dictionary(self) -> cv2.aruco.Dictionary:
        """Its markers."""
        return cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, f'DICT_{self.dictionary}'))

    def aruco_board(self) -> cv2.aruco.CharucoBoard:
        """A ChArUco board as OpenCV has it."""
        return cv2.aruco.CharucoBoard(
            (self.columns, self.rows),
            self.pitch_m,
            self.marker_m,
            self.aruco_dictionary(),
            np.array(self.marker_ids, np.int32),
        )


@dataclass(frozen=True, eq=False)
class BoardView:
    """A board in an image.

    Attributes:
        name: Of the image.
        size_px: (width, height) of the image.
        pixels: (n, 2) where its points are.
        numbers: (n,) which of the board's points they are.
        board: The board.
    """

    name: str
    size_px: tuple[int, int]
    pixels: FloatArray
    numbers: IntArray
    board: Board

    @property
    def points(self) -> FloatArray:
        """(n, 3) the same points in the board's frame."""
        points: FloatArray = self.board.points[self.numbers]
        return points

    def turned(self, turn: int) -> 'BoardView':
        """The same image, its board taken for one that is turned, see `Board.turned_orders`."""
        numbers = self.board.turned_orders[turn][self.numbers]
        return BoardView(self.name, self.size_px, self.pixels, numbers, self.board)


def detect_board(board: Board, image: ImageArray, name: str = 'image') -> BoardView:
    """Find a board in an image, to a fraction of a pixel.

    Args:
        board: What to look for.
        image: Grey (h, w) or BGR (h, w, 3).
        name: For messages.

    Raises:
        BoardNotFoundError: it is not there, or too little of it.
        ImageError: no image.
    """
    if image.size == 0 or image.ndim not in (2, 3):
        raise ImageError(f'{name}: expected pixels (h, w) or (h, w, 3), got {image.shape}.', 'Check the camera.')
    grey = to_grey(image)
    find = {CHESSBOARD: _chessboard, CHARUCO: _charuco, APRILTAG: _tags}.get(board.kind, _circles)
    pixels, numbers = find(board, grey)
    if not len(pixels):
        raise BoardNotFoundError(
            f'{name}: no {board.describe()} is to be seen.',
            'Check kind, columns and rows of the board; light it evenly; let all of it be in the image'
            + (' or most of it.' if board.is_marked else '.'),
        )
    if not board.is_marked:
        _require_whole(board, grey, pixels, name)
    return BoardView(name, (grey.shape[1], grey.shape[0]), pixels, numbers, board)


def _require_whole(board: Board, grey: ImageArray, pixels: FloatArray, name: str) -> None:
    """Refuse a part of a larger board.

    Raises:
        BoardNotFoundError: it is one.
    """
    places = board.points[:, :2] / board.pitch_m
    circles = board.kind != CHESSBOARD
    if is_part_of_more(grey, places, pixels, board.places_of_more(), circles):
        raise BoardNotFoundError(
            f'{name}: the {board.kind} board is larger than {board.columns} x {board.rows}.',
            'Count all of it: which of its points are found differs from image to image.',
        )


def _grid(columns: int, rows: int) -> FloatArray:
    """(columns * rows, 2) x, y of whole steps, row by row."""
    return np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2).astype(float)


Found = tuple[FloatArray, IntArray]
_NOTHING: Found = (np.empty((0, 2)), np.empty(0, int))


def _chessboard(board: Board, grey: ImageArray) -> Found:
    size = (board.columns, board.rows)
    corners = _corners_in_reduced(grey, size)
    if corners is None:
        return _NOTHING
    pixels = _refined(grey, corners, size)
    if board.symmetry == 1 and _first_square_is_bright(grey, pixels.reshape(board.rows, board.columns, 2)):
        pixels = pixels[::-1]
    if _is_mirrored(pixels.reshape(board.rows, board.columns, 2)):
        return _NOTHING
    return np.ascontiguousarray(pixels), np.arange(len(pixels))


def _corners_in_reduced(grey: ImageArray, size: tuple[int, int]) -> FloatArray | None:
    """(n, 2) of a chessboard's corners, found in a smaller copy of a large image; None without a board of this size.

    What OpenCV does with a board of another size takes minutes in an image of ten million pixels.
    """
    for most_px, ways in ((_CHESSBOARD_FIRST_PX, (_corners_by_quads, _corners_by_saddles)), _CHESSBOARD_NEXT):
        scale = max(1.0, max(grey.shape) / most_px)
        whole = (round(grey.shape[1] / scale), round(grey.shape[0] / scale))
        reduced = grey if scale == 1.0 else _resized(grey, whole)
        for way in ways:
            corners = way(reduced, size)
            if corners is not None:
                steps = np.array([grey.shape[1] / whole[0], grey.shape[0] / whole[1]])
                found: FloatArray = (corners + 0.5) * steps - 0.5
                return found
        if scale == 1.0:
            break
    return None


def _resized(grey: ImageArray, size_px: tuple[int, int]) -> ImageArray:
    return np.asarray(cv2.resize(grey, size_px, interpolation=cv2.INTER_AREA), np.uint8)


def _corners_by_quads(grey: ImageArray, size: tuple[int, int]) -> FloatArray | None:
    flags = cv2.CALIB_CB_ADAPTIVE_THRESH | cv2.CALIB_CB_NORMALIZE_IMAGE | cv2.CALIB_CB_FAST_CHECK
    found, corners = cv2.findChessboardCorners(grey, size, flags=flags)
    return np.asarray(corners, float).reshape(-1, 2) if found else None


def _corners_by_saddles(grey: ImageArray, size: tuple[int, int]) -> FloatArray | None:
    flags = cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_NORMALIZE_IMAGE
    found, corners = cv2.findChessboardCornersSB(grey, size, flags=flags)
    return np.asarray(corners, float).reshape(-1, 2) if found else None


_CHESSBOARD_NEXT = (2 * _CHESSBOARD_FIRST_PX, (_corners_by_saddles,))
"""A fine or distant board; by quads a board of another size would take a minute here."""


def _refined(grey: ImageArray, corners: FloatArray, size: tuple[int, int]) -> FloatArray:
    grid = corners.reshape(size[1], size[0], 2)
    steps = [np.linalg.norm(np.diff(grid, axis=axis), axis=-1).min() for axis in (0, 1)]
    half = int(np.clip(_SUBPIX_SHARE * min(steps), _SUBPIX_LEAST_PX, _SUBPIX_MOST_PX))
    refined = cv2.cornerSubPix(
        grey, corners.reshape(-1, 1, 2).astype(np.float32), (half, half), (-1, -1), _SUBPIX_STOP
    )
    return np.asarray(refined, float).reshape(-1, 2)


def _first_square_is_bright(grey: ImageArray, grid: FloatArray) -> bool:
    """Whether the square between the first four corners is brighter than its neighbours; a board's first is black."""
    middles = 0.25 * (grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:])
    columns, rows = np.rint(middles).astype(int).transpose(2, 0, 1)
    values = grey[rows.clip(0, grey.shape[0] - 1), columns.clip(0, grey.shape[1] - 1)].astype(float)
    even = np.add.outer(np.arange(len(values)), np.arange(values.shape[1])) % 2 == 0
    return bool(values[even].mean() > values[~even].mean())


def _is_mirrored(grid: FloatArray) -> bool:
    """Whether columns and rows run the other way round than on a board that is seen from its front."""
    along, down = grid[0, -1] - grid[0, 0], grid[-1, 0] - grid[0, 0]
    return bool(along[0] * down[1] - along[1] * down[0] < 0)


def detector_parameters() -> cv2.aruco.DetectorParameters:
    """For markers, their corners to a fraction of a pixel."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.cornerRefinementMaxIterations = 100
    parameters.cornerRefinementMinAccuracy = 1e-4
    return parameters


def _charuco(board: Board, grey: ImageArray) -> Found:
    for legacy in (False, True):  # boards printed before OpenCV 4.6 begin with the other colour where rows are even
        pattern = board.aruco_board()
        pattern.setLegacyPattern(legacy)
        detector = cv2.aruco.CharucoDetector(pattern, cv2.aruco.CharucoParameters(), detector_parameters())
        corners, numbers, _, _ = detector.detectBoard(grey)
        if numbers is not None and len(numbers) >= MARKED_LEAST_POINTS:
            return np.asarray(corners, float).reshape(-1, 2), np.asarray(numbers, int).ravel()
    return _NOTHING


def _tags(board: Board, grey: ImageArray) -> Found:
    detector = cv2.aruco.ArucoDetector(board.aruco_dictionary(), detector_parameters())
    corners, ids, _ = detector.detectMarkers(grey)
    if ids is None or not len(ids):
        return _NOTHING
    places = np.asarray(ids, int).ravel() - board.first_id
    ours = (places >= 0) & (places < board.columns * board.rows)
    if not ours.any() or (4 * ours.sum() < MARKED_LEAST_POINTS and not board.is_single):
        return _NOTHING
    tags = [np.asarray(found, float).reshape(4, 2) for found, own in zip(corners, ours, strict=True) if own]
    pixels = np.concatenate([refined_tag_corners(grey, tag) for tag in tags])
    return _on_one_plane(board, pixels, (4 * places[ours, None] + np.arange(4)).ravel())


def _on_one_plane(board: Board, pixels: FloatArray, numbers: IntArray) -> Found:
    """Leave out what is far from where the rest of the board puts it: a tag that is half hidden is still read."""
    if len(numbers) <= 8:  # two tags cannot say which of them is wrong
        return pixels, numbers
    side_px = np.linalg.norm(np.diff(pixels.reshape(-1, 4, 2), axis=1), axis=-1).min()
    most_px = max(_PLANE_LEAST_PX, _PLANE_SHARE * side_px)
    _, near = cv2.findHomography(board.points[numbers, :2], pixels, cv2.RANSAC, most_px)
    near = np.repeat(np.asarray(near, bool).reshape(-1, 4).all(axis=1), 4)
    return pixels[near], numbers[near]


def _circles(board: Board, grey: ImageArray) -> Found:
    grid = cv2.CALIB_CB_SYMMETRIC_GRID if board.kind == CIRCLES else cv2.CALIB_CB_ASYMMETRIC_GRID
    for dark in (True, False):
        for way in (grid, grid | cv2.CALIB_CB_CLUSTERING):
            found, centres = cv2.findCirclesGrid(
                grey, (board.columns, board.rows), flags=way, blobDetector=_blob_detector(grey, dark)
            )
            if found:
                pixels = np.asarray(centres, float).reshape(-1, 2)
                if board.kind == CIRCLES and _is_mirrored(pixels.reshape(board.rows, board.columns, 2)):
                    pixels = pixels.reshape(board.rows, board.columns, 2)[:, ::-1].reshape(-1, 2)
                return pixels, np.arange(len(pixels))
    return _NOTHING


def _blob_detector(grey: ImageArray, dark: bool) -> Any:
    parameters = cv2.SimpleBlobDetector.Params()
    parameters.minArea, parameters.maxArea = (share * grey.size for share in _BLOB_SHARE)
    parameters.blobColor = 0 if dark else 255
    parameters.minDistBetweenBlobs = 5
    return cv2.SimpleBlobDetector.create(parameters)
