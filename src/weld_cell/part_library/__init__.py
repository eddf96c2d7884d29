"""The part library on disk: one folder for each part, with its template, its frame, its job and its notes."""

from weld_cell.part_library.part import LibraryPart, NominalSeam, PartThresholds
from weld_cell.part_library.storage import PartLibrary, load_library, load_part, save_part

__all__ = [
    'LibraryPart',
    'NominalSeam',
    'PartLibrary',
    'PartThresholds',
    'load_library',
    'load_part',
    'save_part',
]
