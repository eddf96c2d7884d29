"""Loops over pixels and rows, compiled to machine code with numba."""

import warnings
from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

import numba

_NOWHERE = 'Machine code cannot be kept: starting takes a minute. Set NUMBA_CACHE_DIR to a writable folder.'

IMAGE = 'Array(uint8, 2, "C", readonly=True)'
"""An image (h, w) that is read alone; one out of a bag cannot be written, and other types of numba refuse it."""

Function = TypeVar('Function', bound=Callable[..., Any])


def compiled(signature: str, error_model: Literal['python', 'numpy'] = 'python') -> Callable[[Function], Function]:
    """Compile a function of numbers and arrays by numba.

    The types are given, so that an argument of another type is an error and not a compilation in the middle of a
    scan. The machine code is kept beside the source (or in the user's cache, where that is read-only): only the first
    import on a machine compiles. Where neither can be written, as in a read-only container, each process compiles for
    itself, which takes it up to a minute, and says so. numba renews the code when the function's own file changes,
    and only then: a compiled function must not call one of another file (a test watches that), for it would go on
    with the old one. Constants of other files are taken in as they are then, too: after changing one, touch the files
    that import it.

    Args:
        signature: In numba's words, for instance 'float64(uint8[:, ::1], int64)'.
        error_model: 'python' raises where it is divided by zero; 'numpy' goes on with infinity, and only so can the
            processor divide several numbers at once.
    """

    def compile_it(function: Function) -> Function:
        options: dict[str, Any] = {'nogil': True, 'error_model': error_model}
        try:
            return cast(Function, numba.njit(signature, cache=True, **options)(function))
        except RuntimeError as error:
            if 'no locator' not in str(error):
                raise
            warnings.warn(_NOWHERE, stacklevel=2)
            return cast(Function, numba.njit(signature, **options)(function))

    return compile_it


def compiled_helper(error_model: Literal['python', 'numpy'] = 'python') -> Callable[[Function], Function]:
    """For a function that only compiled ones of the same file call: it becomes part of their machine code.

    It has no code of its own that would be kept, and be loaded at each import. Its types are those it is called with.

    Args:
        error_model: See `compiled`.
    """
    return cast(Callable[[Function], Function], numba.njit(error_model=error_model))
