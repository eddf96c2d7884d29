"""The command line: help with examples, clear errors, exit codes."""

import os
import signal
import subprocess
import sys
import time
import weakref

import numpy as np
import pytest

from weld_cell.cli import COMMANDS, _parser, interruptible, main
from weld_cell.commands import parts_list
from weld_cell.compiled import compiled


@compiled('UniTuple(float64[::1], 2)(int64)')
def sums(count):
    """Long in machine code, then the calls of Python by which numba makes the arrays it returns."""
    values = np.zeros(2)
    for number in range(count):
        values[0] += np.sin(number)
    return values[:1], values[1:]


@pytest.mark.parametrize('words', [(), ('bag',), ('nonsense',), ('replay',)])
def test_wrong_usage_exits_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert 'usage: weld_cell' in capsys.readouterr().err


@pytest.mark.parametrize('path', COMMANDS, ids=' '.join)
def test_each_command_has_help_with_an_example(path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*path, '--help'])
    assert ended.value.code == 0
    assert f'weld_cell {" ".join(path)} ' in capsys.readouterr().out.split('Examples:')[1]


@pytest.mark.parametrize('path', COMMANDS, ids=' '.join)
def test_a_command_is_known_without_a_word_after_it(path, capsys):
    try:
        assert _parser(path).parse_args(path).module == COMMANDS[path][0]
    except SystemExit:  # it asks for more
        assert f'usage: weld_cell {" ".join(path)} ' in capsys.readouterr().err


@pytest.mark.parametrize('seed', ['-1', '1.5', 'x', str(2**31)])
@pytest.mark.parametrize('path', [('run',), ('evaluate', 'seam'), ('evaluate', 'parts'), ('train', 'joint-type')])
def test_a_seed_that_is_none_is_named(path, seed, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*path, '--seed', seed])
    assert ended.value.code == 2
    assert 'argument --seed: expected a whole number from 0 to 2147483647' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('words', 'usage', 'said'),
    [
        (['--vresion', 'check'], 'weld_cell', 'unrecognized arguments: --vresion; did you mean --version?'),
        (['rnu'], 'weld_cell', 'did you mean run?'),
        (['evaluate', 'traking'], 'weld_cell evaluate', 'did you mean tracking?'),
        (['run', '--drfit=slip'], 'weld_cell run', 'unrecognized arguments: --drfit=slip; did you mean --drift?'),
        (['run', 'v'], 'weld_cell run', 'unrecognized arguments: v\n'),
        (['models', 'list', '--xyz'], 'weld_cell models list', 'unrecognized arguments: --xyz\n'),
        (['evaluate', 'seam', '--types', 'filet'], 'weld_cell evaluate seam', 'did you mean fillet?'),
    ],
)
def test_a_mistyped_word_is_answered_with_the_usage_of_its_command_and_the_nearest_word(words, usage, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = capsys.readouterr().err
    assert ended.value.code == 2 and told.startswith(f'usage: {usage} [') and said in told


def test_trouble_exits_with_1_and_a_remedy(tmp_path, capsys):
    assert main(['replay', str(tmp_path / 'nowhere'), '--out', str(tmp_path)]) == 1
    assert 'Remedy:' in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / 'out').symlink_to(tmp_path / 'nowhere')
    assert main(['replay', str(tmp_path), '--out', str(tmp_path / 'out')]) == 1
    said = capsys.readouterr().err
    assert f'{tmp_path / "out"}: File exists. Remedy: Check the path' in said


def test_sigterm_ends_a_command_as_ctrl_c_does(monkeypatch, capsys):
    monkeypatch.setattr(parts_list, 'run', lambda arguments: signal.raise_signal(signal.SIGTERM))
    assert main(['parts', 'list']) == 143
    assert capsys.readouterr().err == 'weld_cell: interrupted\n'
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.fixture(params=['alone', 'beside the handler of another signal'])
def child_handler(request):
    """torch's loader leaves one for SIGCHLD, which comes here with the end of the process that interrupts."""
    previous = signal.getsignal(signal.SIGCHLD)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL if request.param == 'alone' else lambda *_: None)
    yield
    signal.signal(signal.SIGCHLD, previous)


def test_ctrl_c_within_a_compiled_function_is_not_lost(child_handler):
    sums(1)  # is compiled by now
    with pytest.raises(KeyboardInterrupt), interruptible():
        interrupt = subprocess.Popen(['sh', '-c', f'sleep 0.1; kill -INT {os.getpid()}'])
        while interrupt.poll() is None:
            sums(5_000_000)
        sums(5_000_000)
    interrupt.wait()


def test_ctrl_c_within_the_callback_of_a_weak_reference_is_not_lost():
    def interrupted_within_a_callback():
        thing = set()
        _watched = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing
        time.sleep(60.0)

    with pytest.raises(KeyboardInterrupt), interruptible():
        interrupted_within_a_callback()


def test_the_exit_code_of_ctrl_c_within_the_text_of_another_program(tmp_path):
    """As libraries run texts that they write themselves; python -m would end by SIGINT, without the exit code."""
    (tmp_path / 'program.py').write_text(
        'import sys\nfrom weld_cell.cli import interruptible\ntry:\n    with interruptible():\n'
        '        exec("import signal; signal.raise_signal(signal.SIGINT)")\n'
        'except KeyboardInterrupt:\n    sys.exit(130)'
    )
    assert subprocess.run([sys.executable, '-m', 'program'], cwd=tmp_path, check=False).returncode == 130
