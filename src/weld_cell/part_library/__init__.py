"""The part library on disk: one folder for each part, with template, frame, job and notes."""

from weld_cell.part_library.part import LibraryPart, PartThresholds
from weld_cell.part_library.storage import PartLibrary, load_library, load_part, save_part

__all__ = [
    'LibraryPart',
    'PartLibrary',
    'PartThresholds',
    'load_library',
    'load_part',
    'save_part',
]
