"""The libraries of the extra `farm`, each imported when it is first needed."""

import importlib
from types import ModuleType

from weld_cell.errors import FarmLibraryError

REMEDY = "Install them: pip install 'weld_cell[farm]'."


def farm_library(name: str) -> ModuleType:
    """A module of Dask, pyarrow, fsspec or blake3.

    Raises:
        FarmLibraryError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise FarmLibraryError(f'Many bags need the library {name.partition(".")[0]} ({error}).', REMEDY) from error
