"""`weld_cell calibrate board`: write a calibration board as a PDF at true scale."""

import argparse

from weld_cell.commands.board_options import BOARD_EXAMPLES, add_board_arguments, chosen_board
from weld_cell.option_types import file_to_write
from weld_cell.report.board_sheet import PAPERS_MM, write_board_pdf

EXAMPLES = f"""Examples:
  weld_cell calibrate board --kind charuco --size 11x8 --pitch-mm 20 --marker-mm 15 --paper A4 -o board.pdf

Boards:
{BOARD_EXAMPLES}

Print at 100 % ("actual size"), glue it onto something flat and stiff, and measure the rule and a long row with a
ruler. A board with markers may be partly hidden; one without must be seen whole, and for hand-eye calibration it must
not look the same when it is turned: a chessboard of 9 x 6, not of 9 x 7."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_board_arguments(parser)
    parser.add_argument(
        '--paper', choices=('fit', *PAPERS_MM), default='fit', help='page; fit: as large as the board (default: fit)'
    )
    parser.add_argument('-o', '--out', type=file_to_write, required=True, metavar='FILE', help='the PDF')


def run(arguments: argparse.Namespace) -> int:
    """Write the PDF.

    Raises:
        ModelError: it cannot be written.
    """
    if arguments.out.suffix.lower() not in ('', '.pdf'):
        raise ValueError(f'-o: a PDF is written, expected a name that ends in .pdf, got {arguments.out.name}')
    board = chosen_board(arguments)
    width, height = write_board_pdf(board, arguments.out, arguments.paper)
    print(f'{arguments.out}: {board.describe()}, page {width:g} x {height:g} mm. Print it at 100 %.')
    if board.symmetry > 1:
        print('It looks the same when it is turned: good for intrinsics, not for hand-eye calibration.')
    return 0
