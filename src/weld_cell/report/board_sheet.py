"""A printable calibration board at true scale, with a scale bar."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from weld_cell.calibration.boards import APRILTAG, ASYMMETRIC_CIRCLES, CHARUCO, CHESSBOARD, CIRCLES, Board
from weld_cell.models.files import write_atomically
from weld_cell.records import FloatArray

PAPERS_MM = {
    'A4': (210.0, 297.0),
    'A3': (297.0, 420.0),
    'A2': (420.0, 594.0),
    'A1': (594.0, 841.0),
    'A0': (841.0, 1189.0),
}
MM_PER_INCH = 25.4
MARGIN_MM = 8.0
RULE_MM, RULE_ROOM_MM = 100.0, 14.0
RADIUS_SHARE = 0.3
"""Of a circle, as a share of the way to the nearest one."""

_INK: dict[str, Any] = {'facecolor': 'black', 'edgecolor': 'none', 'linewidth': 0, 'snap': False}


def write_board_pdf(board: Board, path: Path, paper: str = 'fit') -> tuple[float, float]:
    """Write a PDF of one page, to be printed at 100 %.

    Args:
        board: What to print.
        path: The file.
        paper: A name of `PAPERS_MM`, taken upright or lengthwise, or fit: as large as the board wants.

    Returns:
        Width and height of the page in mm.

    Raises:
        ValueError: the board does not fit on the paper.
        ModelError: the file cannot be written.
    """
    page_mm = _page(board, paper)
    figure = board_figure(board, page_mm)
    canvas: Any = FigureCanvasPdf(figure)
    write_atomically(path, lambda stream: canvas.print_pdf(stream, metadata={'CreationDate': None}))
    return page_mm


def board_figure(board: Board, page_mm: tuple[float, float]) -> Figure:
    """The page; its axes are in mm from the upper left corner."""
    figure = Figure(figsize=(page_mm[0] / MM_PER_INCH, page_mm[1] / MM_PER_INCH), facecolor='white')
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0.0, page_mm[0])
    axes.set_ylim(page_mm[1], 0.0)
    axes.set_axis_off()
    size = _size_mm(board)
    left, top = _corner_mm(board, page_mm)
    for x, y, width, height in _black_mm(board):
        axes.add_patch(Rectangle((left + x, top + y), width, height, **_INK))
    for x, y, radius in _circles_mm(board):
        axes.add_patch(Circle((left + x, top + y), radius, **_INK))
    y_rule = top + size[1] + 0.6 * RULE_ROOM_MM
    rule = min(RULE_MM, page_mm[0] - 2 * MARGIN_MM)
    axes.plot([left, left + rule], [y_rule, y_rule], color='black', linewidth=0.5)
    for mm in np.arange(0.0, rule + 0.5, 10.0):
        axes.plot([left + mm] * 2, [y_rule - 1.5, y_rule + 1.5], color='black', linewidth=0.5)
    axes.text(left, y_rule + 4.5, f'{rule:g} mm. {board.describe()}', fontsize=6, va='center')
    return figure


def page_mm(board: Board) -> tuple[float, float]:
    """Width and height of the smallest page for a board."""
    size = _size_mm(board)
    return size[0] + 2 * MARGIN_MM, size[1] + 2 * MARGIN_MM + RULE_ROOM_MM


def board_origin_mm(board: Board, page_mm: tuple[float, float]) -> tuple[float, float]:
    """x, y on the page of the origin of the board's frame, from the page's upper left corner."""
    left, top = _corner_mm(board, page_mm)
    inset = {CHESSBOARD: 1000 * board.pitch_m, CHARUCO: 1000 * board.pitch_m, APRILTAG: 0.0}
    first = inset.get(board.kind, _radius_mm(board))
    return left + first, top + first


def _corner_mm(board: Board, page_mm: tuple[float, float]) -> tuple[float, float]:
    """x, y of the upper left corner of what is printed."""
    size = _size_mm(board)
    return 0.5 * (page_mm[0] - size[0]), 0.5 * (page_mm[1] - size[1] - RULE_ROOM_MM)


def _page(board: Board, paper: str) -> tuple[float, float]:
    wanted = page_mm(board)
    if paper == 'fit':
        return wanted
    if paper not in PAPERS_MM:
        raise ValueError(f'paper: expected fit or one of {", ".join(PAPERS_MM)}, got {paper!r}')
    width, height = PAPERS_MM[paper]
    for page in ((width, height), (height, width)):
        if wanted[0] <= page[0] and wanted[1] <= page[1]:
            return page
    raise ValueError(
        f'the board wants {wanted[0]:.0f} x {wanted[1]:.0f} mm with its margins, {paper} is {width:g} x {height:g}'
    )


def _size_mm(board: Board) -> FloatArray:
    """(2,) width and height of what is printed."""
    steps = np.array([board.columns, board.rows], float)
    pitch, marker = 1000 * board.pitch_m, 1000 * board.marker_m
    if board.kind == CHESSBOARD:
        return (steps + 1) * pitch
    if board.kind == CHARUCO:
        return steps * pitch
    if board.kind == APRILTAG:
        return (steps - 1) * pitch + marker
    span: FloatArray = 1000 * board.points[:, :2].max(axis=0) + 2 * _radius_mm(board)
    return span


def _radius_mm(board: Board) -> float:
    nearest = board.pitch_m * (np.sqrt(2.0) if board.kind == ASYMMETRIC_CIRCLES else 1.0)
    return float(1000 * RADIUS_SHARE * nearest)


def _circles_mm(board: Board) -> FloatArray:
    """(n, 3) x, y of the middle and radius."""
    if board.kind not in (CIRCLES, ASYMMETRIC_CIRCLES):
        return np.empty((0, 3))
    radius = _radius_mm(board)
    return np.column_stack([1000 * board.points[:, :2] + radius, np.full(len(board.points), radius)])


def _black_mm(board: Board) -> list[tuple[float, float, float, float]]:
    """x, y, width, height of everything rectangular that is black."""
    pitch, marker = 1000 * board.pitch_m, 1000 * board.marker_m
    if board.kind == CHESSBOARD:  # black is the square between the first four corners, and so the one before it
        squares = np.argwhere(np.indices((board.rows + 1, board.columns + 1)).sum(axis=0) % 2 == 0)
        return [(column * pitch, row * pitch, pitch, pitch) for row, column in squares]
    if board.kind == APRILTAG:
        places = [
            (pitch * (n % board.columns), pitch * (n // board.columns)) for n in range(board.columns * board.rows)
        ]
        return [cell for n, place in enumerate(places) for cell in _marker_mm(board, n, place)]
    if board.kind != CHARUCO:
        return []
    colours = np.indices((board.rows, board.columns)).sum(axis=0) % 2
    black = [(column * pitch, row * pitch, pitch, pitch) for row, column in np.argwhere(colours == 0)]
    inset = 0.5 * (pitch - marker)
    for number, (row, column) in enumerate(np.argwhere(colours == 1)):
        black += _marker_mm(board, number, (column * pitch + inset, row * pitch + inset))
    return black


def _marker_mm(board: Board, number: int, place: tuple[float, float]) -> list[tuple[float, float, float, float]]:
    """The black cells of a marker, each row's neighbours in one piece."""
    dictionary = board.aruco_dictionary()
    cells = dictionary.markerSize + 2
    side = 1000 * board.marker_m / cells
    white = cv2.aruco.generateImageMarker(dictionary, board.first_id + number, cells) > 0
    pieces = []
    for row in range(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[True], white[row], [True]]).astype(int)))
        for begin, end in edges.reshape(-1, 2):
            pieces.append((place[0] + begin * side, place[1] + row * side, (end - begin) * side, side))
    return pieces
