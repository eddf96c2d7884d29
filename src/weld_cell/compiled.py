"""Loops over pixels and rows, compiled to machine code with numba."""

import functools
import hashlib
import importlib.metadata
import os
import pickle
import platform
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

from weld_cell.wording import counted

_NOWHERE = 'Machine code cannot be kept: starting takes a minute. Set NUMBA_CACHE_DIR to a writable folder.'

IMAGE = 'Array(uint8, 2, "C", readonly=True)'
"""An image (h, w) that is read alone; one out of a bag cannot be written, and other types of numba refuse it."""

_PROCESSOR = ('model name', 'cpu family', 'model', 'flags', 'CPU implementer', 'CPU part', 'CPU variant', 'Features')
"""Lines of /proc/cpuinfo."""

Function = TypeVar('Function', bound=Callable[..., Any])
Arguments = ParamSpec('Arguments')
Returned = TypeVar('Returned')

_LOADING = threading.RLock()
"""One function is loaded at a time; the code of one may call helpers, which the same thread then loads."""


class Compiled(Generic[Arguments, Returned]):
    """A function that becomes machine code at its first call, or by `load`.

    numba itself is imported then: a process that only names the function takes neither its time nor its memory.
    Compiled functions may call it as they call any that numba has compiled.

    Args:
        function: In Python.
        signature: Of its machine code, which is kept; None: compiled for the types of each call, and not kept.
        options: Of numba.

    Attributes:
        py_func: The function in Python.
    """

    def __init__(self, function: Callable[Arguments, Returned], signature: str | None, **options: Any) -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self._signature, self._options = signature, options
        self._machine_code: Callable[Arguments, Returned] | None = None

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        """The function."""
        return (self._machine_code or self.load())(*args, **kwargs)

    @property
    def _numba_type_(self) -> object:
        """What numba takes it for in functions that call it."""
        return cast(Any, self.load())._numba_type_

    @property
    def is_kept(self) -> bool:
        """Whether numba has its machine code: newer than its file, by this numba, for this processor.

        False also where numba keeps it elsewhere than beside its file.
        """
        if os.environ.get('NUMBA_CACHE_DIR'):
            return False
        try:
            made_s = min(self._index.stat().st_mtime, self._mark.stat().st_mtime)
            is_newer = made_s >= Path(self.py_func.__code__.co_filename).stat().st_mtime
            return is_newer and _numba_of(self._index) == _installed_numba()
        except OSError:
            return False

    @property
    def _index(self) -> Path:
        """numba's list of the function's machine code."""
        code = self.py_func.__code__
        file, version = Path(code.co_filename), f'py{sys.version_info.major}{sys.version_info.minor}'
        name = f'{file.stem}.{self.py_func.__qualname__}-{code.co_firstlineno}.{version}{sys.abiflags}.nbi'
        return file.parent / '__pycache__' / name

    @property
    def _mark(self) -> Path:
        """An empty file: the list holds code for this processor, which only numba itself could read from it."""
        return self._index.with_suffix(f'.{_processor()}')

    def load(self) -> Callable[Arguments, Returned]:
        """Load its machine code, or compile it, where that has not been done yet."""
        with _LOADING:
            if self._machine_code is None:
                self._machine_code = self._compile()
            return self._machine_code

    def _compile(self) -> Callable[Arguments, Returned]:
        import numba

        if self._signature is None:
            return cast(Callable[Arguments, Returned], numba.njit(**self._options)(self.py_func))
        try:
            kept = numba.njit(self._signature, cache=True, **self._options)(self.py_func)
        except RuntimeError as error:
            if 'no locator' not in str(error):
                raise
            warnings.warn(_NOWHERE, stacklevel=2)
            kept = numba.njit(self._signature, **self._options)(self.py_func)
        if self._index.exists() and not self.is_kept:
            with suppress(OSError):  # a folder that cannot be written
                self._mark.touch()
        return cast(Callable[Arguments, Returned], kept)


@functools.cache
def _processor() -> str:
    """A short name of what numba compiles for: the processor's model and instructions."""
    try:
        first, _, _ = Path('/proc/cpuinfo').read_text(encoding='utf-8').partition('\n\n')
    except OSError:  # not Linux
        first = f'model name: {platform.processor()}'
    lines = [line for line in first.splitlines() if line.startswith(_PROCESSOR)]
    return hashlib.sha256('\n'.join([platform.machine(), *lines]).encode()).hexdigest()[:12]


@functools.cache
def _installed_numba() -> str:
    return importlib.metadata.version('numba')


def _numba_of(index: Path) -> str:
    """The version of numba that wrote a list of machine code."""
    with index.open('rb') as stream:
        return str(pickle.load(stream))


_FUNCTIONS: list[Compiled[..., Any]] = []


def compiled(signature: str, error_model: Literal['python', 'numpy'] = 'python') -> Callable[[Function], Function]:
    """Compile a function of numbers and arrays by numba, when it is needed.

    The types are given, so that an argument of another type is an error and not a compilation in the middle of a
    scan. The machine code is kept beside the source (or in the user's cache, where that is read-only): it is compiled
    once on a machine. Where neither can be written, as in a read-only container, each process compiles for itself,
    which takes it up to a minute, and says so. numba renews the code when the function's own file changes, and only
    then: a compiled function must not call one of another file (a test watches that), for it would go on with the old
    one. Constants of other files are taken in as they are then, too: after changing one, touch the files that import
    it.

    Args:
        signature: In numba's words, for instance 'float64(uint8[:, ::1], int64)'.
        error_model: 'python' raises where it is divided by zero; 'numpy' goes on with infinity, and only so can the
            processor divide several numbers at once.
    """

    def compile_it(function: Function) -> Function:
        _FUNCTIONS.append(Compiled(function, signature, nogil=True, error_model=error_model))
        return cast(Function, _FUNCTIONS[-1])

    return compile_it


def compiled_helper(error_model: Literal['python', 'numpy'] = 'python') -> Callable[[Function], Function]:
    """For a function that only compiled ones of the same file call: it becomes part of their machine code.

    It has no code of its own that would be kept, and be loaded. Its types are those it is called with.

    Args:
        error_model: See `compiled`.
    """

    def compile_it(function: Function) -> Function:
        return cast(Function, Compiled(function, None, error_model=error_model))

    return compile_it


def load_all(share: int = 0, shares: int = 1) -> None:
    """Load, or compile, the functions of all modules that are imported.

    Args:
        share, shares: Only those of each `shares`-th module, the one numbered `share` (from 0) the first of them:
            processes can divide the modules between them.
    """
    modules = sorted({function.__module__ for function in _FUNCTIONS})[share::shares]
    for function in list(_FUNCTIONS):
        if function.__module__ in modules:
            function.load()


def compile_missing(tell: Callable[[str], object]) -> None:
    """Compile, for a minute or more, those of the functions whose machine code is not kept.

    Args:
        tell: Is told so before, where there are any.
    """
    missing = [function for function in _FUNCTIONS if not function.is_kept]
    if missing:
        tell(
            f'Compiles {counted(len(missing), "function")} to machine code, unless NUMBA_CACHE_DIR has it: once on '
            'this machine, a minute or more.'
        )
    for function in missing:
        function.load()
