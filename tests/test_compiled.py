"""The compiled functions of the package, all of them."""

import importlib
import os
import pickle
import pkgutil
import subprocess
import sys

import numba
import numpy as np
import pytest

import weld_cell
from weld_cell.compiled import Compiled, compile_missing, compiled, load_all

ROS = ('weld_cell.ros', 'weld_cell.nodes')


def all_modules():
    """Every module but those of ROS; those that train only where torch and onnx are installed."""
    for module in pkgutil.walk_packages(weld_cell.__path__, 'weld_cell.'):
        if not module.name.startswith(ROS):
            try:
                yield importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                if error.name not in ('torch', 'onnx'):
                    raise


MODULES = list(all_modules())
FUNCTIONS = [
    function
    for module in MODULES
    for function in vars(module).values()
    if isinstance(function, Compiled) and function.__module__ == module.__name__
]


@compiled('float64(float64[::1])')
def total(values):
    """A function like the others."""
    sum_ = 0.0
    for value in values:
        sum_ += value
    return sum_


@pytest.mark.parametrize('values', [[], [1.5], [1.0, 2.0, 4.0]])
def test_a_compiled_function_computes(values):
    assert total(np.array(values)) == sum(values)


def test_numba_is_imported_when_a_function_is_called():
    program = (
        'import sys, numpy as np\n'
        'from weld_cell.stripe.bridge import bridge_gaps\n'
        "before = 'numba' in sys.modules\n"
        'bridge_gaps.load()\n'
        "print(before, 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ['False', 'True']


@pytest.fixture
def a_loop(tmp_path, monkeypatch):
    """A file with one compiled function, its machine code kept, and that function."""
    file = tmp_path / 'a_loop.py'
    source = (
        'from weld_cell.compiled import compiled\n\n\n@compiled("int64(int64)")\ndef twice(x):\n    return 2 * x\n'
    )
    file.write_text(source)
    os.utime(file, (1e9, 1e9))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr('weld_cell.compiled._FUNCTIONS', [])
    monkeypatch.delitem(sys.modules, 'a_loop', raising=False)
    twice = importlib.import_module('a_loop').twice
    assert not twice.is_kept
    told = []
    compile_missing(told.append)
    assert twice.is_kept and twice(4) == 8 and 'to machine code' in told[0]
    compile_missing(told.append)
    assert len(told) == 1
    return file, twice


def test_what_is_compiled_is_kept_until_its_file_changes(a_loop):
    file, twice = a_loop
    os.utime(file, (9e9, 9e9))
    assert not twice.is_kept


def test_what_numba_keeps_elsewhere_is_not_looked_for_beside_the_file(a_loop, monkeypatch, tmp_path):
    _, twice = a_loop
    monkeypatch.setenv('NUMBA_CACHE_DIR', str(tmp_path))
    assert not twice.is_kept


def test_it_is_compiled_again_for_another_processor(a_loop, monkeypatch):
    _, twice = a_loop
    monkeypatch.setattr('weld_cell.compiled._processor', lambda: 'another')
    assert not twice.is_kept
    copy = Compiled(twice.py_func, 'int64(int64)', nogil=True, error_model='python')
    copy.load()  # finds it: numba itself asks the real processor
    assert twice.is_kept


def test_it_is_compiled_again_by_another_numba(a_loop):
    """numba writes its version in front of its list, and ignores the list of another."""
    file, twice = a_loop
    (index,) = (file.parent / '__pycache__').glob('*.nbi')
    with index.open('rb') as stream:
        assert pickle.load(stream) == numba.__version__ and twice.is_kept
        rest = stream.read()
    index.write_bytes(pickle.dumps('0.1') + rest)
    assert not twice.is_kept


def test_two_processes_load_every_function_once_between_them(monkeypatch):
    loaded = []

    class Recorded:
        def __init__(self, module):
            self.__module__ = module

        def load(self):
            loaded.append(self.__module__)

    monkeypatch.setattr('weld_cell.compiled._FUNCTIONS', [Recorded(name) for name in ('c', 'a', 'b', 'a')])
    load_all(0, 2)
    assert loaded == ['c', 'a', 'a']
    load_all(1, 2)
    assert loaded == ['c', 'a', 'a', 'b']


def test_an_argument_of_another_type_is_refused():
    with pytest.raises(TypeError, match='No matching definition'):
        total(np.array([1, 2]))


def test_no_compiled_function_calls_one_of_another_file():
    """numba keeps its code until its own file changes, and would go on with the other one as it was."""
    assert len(FUNCTIONS) > 20
    called = {
        (function.__module__, function.__name__, other.__module__)
        for function in FUNCTIONS
        for name in function.py_func.__code__.co_names
        if isinstance(other := vars(importlib.import_module(function.__module__)).get(name), Compiled)
    }
    assert not [call for call in called if call[0] != call[2]]


def test_where_machine_code_cannot_be_kept_it_is_compiled_all_the_same():
    """numba finds no place for code without a file, as it finds none in a container that is read-only."""
    source = 'def twice(x):\n    return x + x\n'
    names = {}
    exec(compile(source, '<no file>', 'exec'), names)  # noqa: S102
    with pytest.warns(UserWarning, match='NUMBA_CACHE_DIR'):
        assert compiled('float64(float64)')(names['twice'])(2.5) == 5.0
