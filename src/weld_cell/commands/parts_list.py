"""`weld_cell parts list`: list the part library."""

import argparse

from weld_cell.commands.parts import add_library_argument, open_library
from weld_cell.commands.printing import table
from weld_cell.part_library import LibraryPart

EXAMPLES = """Examples:
  weld_cell parts list
  weld_cell parts list --library my_parts/

Exit code 1 if a part is damaged: it is named with file, line and key, and the others are listed."""
_HEADS = ['code', 'size mm', 'area mm2', 'thickness mm', 'mm/px', 'seams', 'notes']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_library_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """List the parts."""
    library = open_library(arguments)
    print(table(_HEADS, [_row(part) for part in library.parts]))
    return 1 if library.faults else 0


def _row(part: LibraryPart) -> list[str]:
    width, height = part.size_mm
    numbers = [f'{part.area_mm2:.0f}', f'{part.thickness_mm:g}', f'{part.mm_per_px:.4g}', str(len(part.job))]
    notes = ' '.join(part.notes.split())
    return [part.code, f'{width:.1f} x {height:.1f}', *numbers, notes if len(notes) <= 60 else f'{notes[:57]}...']
