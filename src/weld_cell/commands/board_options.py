"""Command-line options that describe a calibration board."""

import argparse

from weld_cell.calibration.boards import APRILTAG, CHARUCO, DICTIONARIES, KINDS, Board
from weld_cell.option_types import above_zero, whole_number

_DICTIONARY = {CHARUCO: '5X5_100', APRILTAG: 'APRILTAG_36H11'}
BOARD_EXAMPLES = """  --kind chessboard --size 9x6 --pitch-mm 25                    9 x 6 inner corners in all
  --kind charuco --size 11x8 --pitch-mm 20 --marker-mm 15       11 x 8 squares; may be half hidden
  --kind apriltag --size 6x5 --pitch-mm 40 --marker-mm 30       6 x 5 tags, 40 mm from edge to same edge
  --kind apriltag --size 1x1 --marker-mm 55.2 --first-id 10     one tag
  --kind circles --size 7x7 --pitch-mm 37.5
  --kind asymmetric_circles --size 4x11 --pitch-mm 20           4 circles a row, 40 mm apart; rows 20 mm apart"""


def add_board_arguments(parser: argparse.ArgumentParser) -> None:
    """--kind, --size, --pitch-mm, --marker-mm, --dictionary, --first-id."""
    board = parser.add_argument_group('board')
    board.add_argument('--kind', choices=KINDS, required=True, help='what is on it')
    board.add_argument(
        '--size',
        type=_size,
        required=True,
        metavar='CxR',
        help='columns x rows of the whole board: inner corners of a chessboard, squares of a ChArUco board, tags, '
        'circles',
    )
    board.add_argument(
        '--pitch-mm',
        type=above_zero('mm'),
        metavar='MM',
        help='from square, tag or circle to the next; of asymmetric circles from row to row, which is half of the '
        'way from circle to circle of a row',
    )
    board.add_argument(
        '--marker-mm', type=above_zero('mm'), metavar='MM', help='side of a marker or tag, its black border included'
    )
    board.add_argument(
        '--dictionary', choices=DICTIONARIES, metavar='NAME', help='of the markers (default: 5X5_100, APRILTAG_36H11)'
    )
    board.add_argument(
        '--first-id', type=whole_number(0), default=0, metavar='N', help='of the first marker (default: 0)'
    )


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.lower().partition('x')
    if not (columns.isdecimal() and rows.isdecimal()):
        raise argparse.ArgumentTypeError(f'expected columns x rows such as 9x6, got {text}')
    return int(columns), int(rows)


def chosen_board(arguments: argparse.Namespace) -> Board:
    """The board that the options name.

    Raises:
        ValueError: such a board cannot be, or a length is missing.
    """
    columns, rows = arguments.size
    marked, single = arguments.kind in _DICTIONARY, arguments.kind == APRILTAG and columns == rows == 1
    pitch_mm = arguments.pitch_mm or (arguments.marker_mm if single else None)
    if pitch_mm is None:
        raise ValueError('--pitch-mm: from square, tag or circle to the next; measure it on the board')
    if marked and arguments.marker_mm is None:
        raise ValueError('--marker-mm: side of a marker, its black border included; measure it on the board')
    return Board(
        arguments.kind,
        columns,
        rows,
        pitch_mm / 1000,
        arguments.marker_mm / 1000 if marked else 0.0,
        (arguments.dictionary or _DICTIONARY[arguments.kind]) if marked else '',
        arguments.first_id,
    )
