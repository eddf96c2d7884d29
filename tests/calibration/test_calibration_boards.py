"""Boards are printed to scale, and found where they are printed."""

import re

import cv2
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from weld_cell.calibration.boards import Board, detect_board
from weld_cell.calibration.views import find_views
from weld_cell.cli import main
from weld_cell.errors import BoardNotFoundError
from weld_cell.report.board_sheet import MM_PER_INCH, RULE_ROOM_MM, board_figure

PAGE_MM = (260.0, 200.0)
DPI = 254.0  # ten pixels a millimetre
BOARDS = {
    'chessboard': (Board('chessboard', 9, 6, 0.02), (40.0 - 10.0, 23.0)),
    'charuco': (Board('charuco', 11, 8, 0.02, 0.015, '5X5_100', 3), None),
    'apriltag': (Board('apriltag', 5, 4, 0.04, 0.03, 'APRILTAG_36H11', 7), None),
    'one tag': (Board('apriltag', 1, 1, 0.1, 0.1, 'APRILTAG_36H11', 10), None),
    'circles': (Board('circles', 7, 5, 0.025), None),
    'asymmetric_circles': (Board('asymmetric_circles', 4, 11, 0.012), None),
}
TILTED = np.diag([0.5, 0.5, 1.0]) @ [[0.5, 0.07, 60.0], [-0.06, 0.48, 110.0], [1.2e-5, 4e-5, 1.0]]


def printed(board):
    """Grey picture of the page, and the homography of the board's frame (m) into it."""
    figure = board_figure(board, PAGE_MM)
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return cv2.cvtColor(np.asarray(canvas.buffer_rgba()), cv2.COLOR_RGBA2GRAY)


def expected_mm(board):
    """Where its points are on the page, by hand: the printed area is in the middle, the first point in its corner."""
    pitch, marker = 1000 * board.pitch_m, 1000 * board.marker_m
    width, height, inset = {
        'chessboard': ((board.columns + 1) * pitch, (board.rows + 1) * pitch, pitch),
        'charuco': (board.columns * pitch, board.rows * pitch, pitch),
        'apriltag': ((board.columns - 1) * pitch + marker, (board.rows - 1) * pitch + marker, 0.0),
        'circles': ((board.columns - 1) * pitch + 0.6 * pitch, (board.rows - 1) * pitch + 0.6 * pitch, 0.3 * pitch),
        'asymmetric_circles': (
            7 * pitch + 0.6 * np.sqrt(2) * pitch,
            10 * pitch + 0.6 * np.sqrt(2) * pitch,
            0.3 * np.sqrt(2) * pitch,
        ),
    }[board.kind]
    first = [(PAGE_MM[0] - width) / 2 + inset, (PAGE_MM[1] - RULE_ROOM_MM - height) / 2 + inset]
    return first + 1000 * board.points[:, :2]


def seen_at(board, picture):
    """The page from aside, and where the points are in the image."""
    pixels = expected_mm(board) * DPI / MM_PER_INCH - 0.5  # the first pixel's middle is 0
    soft = cv2.GaussianBlur(picture, (0, 0), 3.0)  # of a fourth of the size it is less than a pixel
    image = cv2.warpPerspective(soft, TILTED, (750, 600), flags=cv2.INTER_LINEAR, borderValue=255)
    return image, cv2.perspectiveTransform(pixels[None], TILTED)[0]


@pytest.mark.parametrize('name', BOARDS)
def test_found_where_it_is_printed(name):
    board, _ = BOARDS[name]
    image, true_px = seen_at(board, printed(board))
    view = detect_board(board, image)
    assert len(view.numbers) == len(board.points) and view.size_px == (750, 600)
    error_px = np.linalg.norm(view.pixels - true_px[view.numbers], axis=1)
    assert np.sqrt(np.mean(error_px**2)) < 0.15 and error_px.max() < 0.5


@pytest.mark.parametrize(
    ('name', 'size'),
    [('chessboard', (8, 6)), ('chessboard', (9, 5)), ('chessboard', (7, 4)), ('circles', (6, 5)), ('circles', (5, 4)),
     ('asymmetric_circles', (4, 9)), ('asymmetric_circles', (3, 11))],
)  # fmt: skip
def test_a_part_of_a_larger_board_is_no_board(name, size):
    """Which part is found differs from image to image."""
    board = BOARDS[name][0]
    image, _ = seen_at(board, printed(board))
    with pytest.raises(BoardNotFoundError):
        detect_board(Board(name, *size, board.pitch_m), image)


def test_a_larger_board_is_told_by_its_size():
    board = BOARDS['chessboard'][0]
    image, _ = seen_at(board, printed(board))
    with pytest.raises(BoardNotFoundError, match='larger than 7 x 4') as caught:
        detect_board(Board('chessboard', 7, 4, board.pitch_m), image)
    assert 'Count all of it' in caught.value.remedy


@pytest.mark.parametrize(('name', 'least'), [('charuco', 30), ('apriltag', 30)])
def test_half_hidden_boards_with_markers_are_used(name, least):
    board, _ = BOARDS[name]
    image, true_px = seen_at(board, printed(board))
    image[:, :350] = 128
    view = detect_board(board, image)
    assert least <= len(view.numbers) < 0.8 * len(board.points)
    assert np.abs(view.pixels - true_px[view.numbers]).max() < 0.5


LARGE_PX = (2600, 2080)
LARGE_BOARDS = {
    'chessboard': BOARDS['chessboard'][0],
    'fine chessboard': Board('chessboard', 25, 18, 0.009),
    'charuco': Board('charuco', 24, 18, 0.01, 0.0075, '5X5_250'),
    'apriltag': Board('apriltag', 8, 6, 0.03, 0.022, 'APRILTAG_36H11'),
}


def large_image(board):
    """A photograph of five million pixels, and where the points are in it."""
    scale = LARGE_PX[0] / 750
    larger = np.array([[scale, 0, 0.5 * scale - 0.5], [0, scale, 0.5 * scale - 0.5], [0, 0, 1]]) @ TILTED
    pixels = expected_mm(board) * DPI / MM_PER_INCH - 0.5
    image = cv2.warpPerspective(printed(board), larger, LARGE_PX, flags=cv2.INTER_LINEAR, borderValue=255)
    return cv2.GaussianBlur(image, (0, 0), 1.5), cv2.perspectiveTransform(pixels[None], larger)[0]


@pytest.mark.parametrize('name', LARGE_BOARDS)
def test_large_boards_in_a_large_image(name):
    board = LARGE_BOARDS[name]
    image, true_px = large_image(board)
    view = detect_board(board, image)
    assert len(view.numbers) > 0.95 * len(board.points)
    assert np.abs(view.pixels - true_px[view.numbers]).max() < 1.0


def test_a_wrong_size_in_a_large_image_is_not_looked_for_in_all_of_it(monkeypatch):
    """There OpenCV takes minutes for one image."""
    looked_at = []

    def watched(find):
        def call(grey, size, **options):
            looked_at.append((find.__name__, max(grey.shape)))
            return find(grey, size, **options)

        return call

    for name in ('findChessboardCorners', 'findChessboardCornersSB'):
        monkeypatch.setattr(cv2, name, watched(getattr(cv2, name)))
    board = LARGE_BOARDS['chessboard']
    image, _ = large_image(board)
    with pytest.raises(BoardNotFoundError):
        detect_board(Board('chessboard', 10, 7, board.pitch_m), image)
    assert looked_at == [
        ('findChessboardCorners', 1024),
        ('findChessboardCornersSB', 1024),
        ('findChessboardCornersSB', 2048),
    ]


def test_no_board_and_one_that_is_half_hidden():
    board, _ = BOARDS['chessboard']
    with pytest.raises(BoardNotFoundError, match='a.png: no chessboard 9 x 6, pitch 20 mm'):
        detect_board(board, np.full((300, 400), 200, np.uint8), 'a.png')
    image, _ = seen_at(board, printed(board))
    image[:, :350] = 128
    with pytest.raises(BoardNotFoundError):
        detect_board(board, image)


def test_a_chessboard_upside_down_keeps_its_first_corner():
    board, _ = BOARDS['chessboard']
    image, true_px = seen_at(board, printed(board))
    view = detect_board(board, np.ascontiguousarray(image[::-1, ::-1]))
    there = np.array([749.0, 599.0]) - view.pixels
    assert np.abs(there - true_px).max() < 0.5


@pytest.mark.parametrize(
    ('kind', 'columns', 'rows', 'symmetry'),
    [
        ('chessboard', 9, 6, 1),
        ('chessboard', 9, 11, 2),
        ('chessboard', 8, 6, 2),
        ('chessboard', 7, 7, 2),
        ('chessboard', 6, 6, 4),
        ('circles', 7, 7, 4),
        ('circles', 7, 5, 2),
        ('asymmetric_circles', 4, 11, 1),
        ('asymmetric_circles', 4, 10, 2),
    ],
)
def test_which_boards_look_the_same_when_turned(kind, columns, rows, symmetry):
    board = Board(kind, columns, rows, 0.02)
    assert board.symmetry == len(board.turned_orders) == symmetry
    offsets = board.points[:, :2] - board.points[:, :2].mean(axis=0)
    for turn, order in enumerate(board.turned_orders):
        angle = 2 * np.pi * turn / symmetry
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turned = offsets[order]
        assert any(np.allclose(turned, offsets @ each, atol=1e-9) for each in (rotation, rotation.T))


@pytest.mark.parametrize(
    'values', [('chessboard', 2, 6, 0.02), ('chessboard', 9, 6, 20.0), ('charuco', 9, 6, 0.02, 0.03, '5X5_100'),
               ('charuco', 9, 6, 0.02, 0.01, '5X5'), ('dots', 9, 6, 0.02), ('chessboard', 9, 6, 0.000025),
               ('charuco', 20, 15, 0.02, 0.01, '5X5_100'), ('apriltag', 6, 5, 0.02, 0.01, 'APRILTAG_36H11', 580),
               ('apriltag', 6, 5, 0.02, 0.01, 'APRILTAG_36H11', -1)]
)  # fmt: skip
def test_boards_that_cannot_be(values):
    with pytest.raises(ValueError, match='expected'):
        Board(*values)


def test_the_command_writes_a_page_of_the_paper(tmp_path, capsys):
    words = ['calibrate', 'board', '--kind', 'charuco', '--size', '11x8', '--pitch-mm', '20', '--marker-mm', '15']
    assert main([*words, '--paper', 'A4', '-o', str(tmp_path / 'board.pdf')]) == 0
    page = re.search(rb'/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)', (tmp_path / 'board.pdf').read_bytes()).groups()
    np.testing.assert_allclose([float(p) * 25.4 / 72 for p in page], [297.0, 210.0], atol=0.01)
    assert main([*words[:-4], '--pitch-mm', '40', '--marker-mm', '30', '--paper', 'A4', '-o', 'x.pdf']) == 2
    assert 'mm with its margins, A4 is 210 x 297' in capsys.readouterr().err
    assert main([*words, '-o', 'b.png']) == 2 and 'a PDF is written' in capsys.readouterr().err


def test_a_board_of_other_markers_is_told_by_its_markers():
    image = cv2.resize(printed(BOARDS['apriltag'][0]), None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    for board, told in (
        (
            Board('apriltag', 5, 4, 0.04, 0.03, 'APRILTAG_36H11', 100),
            'ids 100 to 119 of APRILTAG_36H11; to be seen are 7,',
        ),
        (Board('charuco', 11, 8, 0.02, 0.015, '5X5_100'), '15, 16, 17, 18 and 8 more of APRILTAG_36H11'),
    ):
        with pytest.raises(BoardNotFoundError, match='found in none of 1 images') as caught:
            find_views(board, [('a', image)])
        assert told in caught.value.message
    with pytest.raises(BoardNotFoundError, match='; no marker is to be seen'):
        find_views(BOARDS['charuco'][0], [('a', np.full_like(image, 90))])
