"""The launcher with real processes: what it prints, how it ends them, and that it leaves none behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ros2_commands import PATIENCE_S

ROS2 = [sys.executable, '-m', 'pip_ros']
SOURCE = Path(__file__).parents[2] / 'src' / 'pip_ros'

# Counts the signals that it got, and stays alive for as many as it is told to; a file `ready` tells that it does.
STUBBORN = """
import signal, sys, time
from pathlib import Path
left = int(sys.argv[1])
def on_signal(number, frame):
    global left
    print('got', signal.Signals(number).name, flush=True)
    left -= 1
    if left < 0:
        sys.exit(0)
signal.signal(signal.SIGINT, on_signal)
signal.signal(signal.SIGTERM, on_signal)
print('ready', flush=True)
Path(sys.argv[0]).with_name('ready').touch()
while True:
    time.sleep(0.02)
"""


class Launch:
    """A `ros2 launch` of a file with the given body, in a folder of its own."""

    def __init__(self, tmp_path: Path, body: str, *arguments: str) -> None:
        path = tmp_path / 'test.launch.xml'
        path.write_text(f'<launch>{body}</launch>')
        self.stubborn = tmp_path / 'stubborn.py'
        self.stubborn.write_text(STUBBORN)
        environment = os.environ | {
            'PYTHONPATH': str(SOURCE),
            'ROS_LOG_DIR': str(tmp_path / 'log'),
            'FOLDER': str(tmp_path),
        }
        self.process = subprocess.Popen(
            [*ROS2, 'launch', str(path), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ''

    def read_until(self, text: str, times: int = 1) -> None:
        """Read lines until the text came so often; the test's time limit is that of `end`."""
        while self.output.count(text) < times:
            line = self.process.stdout.readline()
            assert line, f'ended without "{text}":\n{self.output}'
            self.output += line

    def send(self, number: signal.Signals) -> None:
        """Signal the launcher alone."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Read the rest, wait for the end, return the exit code; no child may be left."""
        rest, _ = self.process.communicate(timeout=PATIENCE_S)
        self.output += rest
        assert self.alive() == []
        return self.process.returncode

    def alive(self) -> list[int]:
        """Children that still run, once the kernel has had its time to kill them."""
        pids = [int(pid) for pid in re.findall(r'process started with pid \[(\d+)\]', self.output)]
        deadline = time.monotonic() + PATIENCE_S
        while (left := [pid for pid in pids if _runs(pid)]) and time.monotonic() < deadline:
            time.sleep(0.01)
        return left


def _runs(pid: int) -> bool:
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != 'Z'


def _stubborn(signals: int, **attributes: str) -> str:
    words = ' '.join(f'{name}="{value}"' for name, value in attributes.items())
    command = f'{sys.executable} $(env FOLDER)/stubborn.py {signals}'
    return f'<executable cmd="{command}" name="s" output="screen" {words}/>'


def test_an_empty_file_ends_at_once(tmp_path):
    launch = Launch(tmp_path, '')
    assert launch.end() == 0
    assert [line.split(':')[0] for line in launch.output.splitlines()] == ['[INFO] [launch]', '[INFO] [launch]']


def test_clean_end_and_death_are_reported_and_the_exit_code_is_0(tmp_path):
    launch = Launch(
        tmp_path,
        '<executable cmd="true"/><executable cmd="sh -c \'exit 3\'"/>'
        '<executable cmd="sh -c \'kill -9 $$\'" name="killed"/>',
    )
    assert launch.end() == 0
    assert re.search(r'\[INFO\] \[true-1\]: process has finished cleanly \[pid \d+\]', launch.output)
    assert re.search(r"\[sh-2\]: process has died \[pid \d+, exit code 3, cmd 'sh -c exit 3'\]", launch.output)
    assert re.search(r'\[ERROR\] \[killed-3\]: process has died \[pid \d+, exit code -9', launch.output)


@pytest.mark.parametrize(
    ('output', 'on_screen', 'in_log'),
    [('log', {'err'}, {'out', 'err'}), ('screen', {'out', 'err'}, set()), ('both', {'out', 'err'}, {'out', 'err'})],
)
def test_where_output_goes(tmp_path, output, on_screen, in_log):
    launch = Launch(tmp_path, f'<executable cmd="sh -c \'echo out; printf err >&amp;2\'" output="{output}"/>')
    assert launch.end() == 0
    log = next((tmp_path / 'log').glob('*/launch.log')).read_text()
    assert set(re.findall(r'^\[sh-1\] (\w+)$', launch.output, re.MULTILINE)) == on_screen
    assert set(re.findall(r'^[\d.]+ \[sh-1\] (\w+)$', log, re.MULTILINE)) == in_log


def test_long_and_broken_lines_come_through(tmp_path):
    code = "import sys; sys.stdout.buffer.write(b'a' * 300000 + bytes([10, 255, 10]))"
    (tmp_path / 'long.py').write_text(code)
    launch = Launch(tmp_path, f'<executable cmd="{sys.executable} $(env FOLDER)/long.py" name="p" output="screen"/>')
    assert launch.end() == 0
    assert '[p-1] ' + 'a' * 300000 + '\n' in launch.output
    assert '[p-1] \ufffd\n' in launch.output


@pytest.mark.parametrize(
    ('body', 'message'),
    [
        ('<nonsense/>', 'unknown entity'),
        ('<executable cmd="sleep 60"/><executable cmd="$(var no)"/>', "'no' does not exist"),
    ],
)
def test_an_error_in_the_file_starts_nothing(tmp_path, body, message):
    launch = Launch(tmp_path, body)
    assert launch.end() == 1
    assert message in launch.output
    assert 'process started' not in launch.output


def test_a_program_that_is_not_there_is_reported_and_the_others_run(tmp_path):
    launch = Launch(tmp_path, '<executable cmd="/no/such/program"/><executable cmd="true"/>')
    assert launch.end() == 0
    assert '[ERROR] [program-1]: exception occurred while executing process' in launch.output
    assert 'finished cleanly' in launch.output


def test_respawn_is_limited_and_delayed(tmp_path):
    began = time.monotonic()
    launch = Launch(tmp_path, '<executable cmd="false" respawn="true" respawn_delay="0.2" respawn_max_retries="2"/>')
    assert launch.end() == 0
    assert launch.output.count('process started') == launch.output.count('process has died') == 3
    assert time.monotonic() - began > 0.4


def test_a_killed_process_is_respawned_until_ctrl_c(tmp_path):
    launch = Launch(tmp_path, _stubborn(0, respawn='true'))
    launch.read_until('ready')
    os.kill(int(re.search(r'pid \[(\d+)\]', launch.output).group(1)), signal.SIGKILL)
    launch.read_until('ready', times=2)
    assert 'exit code -9' in launch.output
    launch.send(signal.SIGINT)
    assert launch.end() == 0
    assert launch.output.count('process started') == 2


def test_on_exit_shutdown_ends_the_others(tmp_path):
    until_ready = "sh -c 'until [ -e $FOLDER/ready ]; do sleep 0.02; done'"
    launch = Launch(tmp_path, f'{_stubborn(0)}<executable cmd="{until_ready}" on_exit="shutdown" respawn="true"/>')
    assert launch.end() == 0
    assert '[s-1] got SIGINT' in launch.output
    assert launch.output.count('process started') == 2
    assert '[launch]: process[sh-2] was required: shutting down launched system' in launch.output


def test_ctrl_c_reaches_each_child_once(tmp_path):
    launch = Launch(tmp_path, _stubborn(0) * 2)
    launch.read_until('ready', times=2)
    launch.send(signal.SIGINT)
    assert launch.end() == 0
    assert launch.output.count('got SIGINT') == 2
    assert launch.output.count('finished cleanly') == 2
    assert 'user interrupted with ctrl-c (SIGINT)' in launch.output


@pytest.mark.parametrize('delay_s', [0.0, 0.05, 0.1, 0.2, 0.4])
def test_ctrl_c_at_any_moment_of_the_start_leaves_nothing(tmp_path, delay_s):
    """Also while the launcher is imported. Before that it is Python's, which loses a Ctrl-C now and then."""
    launch = Launch(tmp_path, _stubborn(0) * 3)
    maps = Path(f'/proc/{launch.process.pid}/maps')
    while '_asyncio' not in maps.read_text():
        time.sleep(0.001)
    time.sleep(delay_s)
    launch.send(signal.SIGINT)
    launch.end()


def test_sigterm_and_sigkill_follow_when_patience_ends(tmp_path):
    launch = Launch(tmp_path, _stubborn(9, sigterm_timeout='0.3', sigkill_timeout='0.3'))
    launch.read_until('ready')
    launch.send(signal.SIGINT)
    assert launch.end() == 0
    assert re.findall(r"escalating to '(\w+)'", launch.output) == ['SIGTERM', 'SIGKILL']
    assert re.findall(r"sending signal '(\w+)'", launch.output) == ['SIGINT', 'SIGTERM', 'SIGKILL']
    assert 'exit code -9' in launch.output


def test_further_ctrl_c_escalates_without_waiting(tmp_path):
    launch = Launch(tmp_path, _stubborn(9, sigterm_timeout='60', sigkill_timeout='60'))
    launch.read_until('ready')
    for sent in ('SIGINT', 'SIGTERM'):
        launch.send(signal.SIGINT)
        launch.read_until(f'got {sent}')
    launch.send(signal.SIGINT)
    assert launch.end() == 0


def test_sigterm_to_the_launcher_ends_the_children_in_order(tmp_path):
    launch = Launch(tmp_path, _stubborn(0))
    launch.read_until('ready')
    launch.send(signal.SIGTERM)
    assert launch.end() == 1
    assert 'got SIGINT' in launch.output


def test_sigkill_to_the_launcher_takes_the_children_with_it(tmp_path):
    launch = Launch(tmp_path, _stubborn(9) * 2)
    launch.read_until('ready', times=2)
    launch.send(signal.SIGKILL)
    assert launch.end() == -signal.SIGKILL


def test_what_a_child_started_goes_with_it(tmp_path):
    launch = Launch(tmp_path, '<executable cmd="sh -c \'sleep 300 &amp; echo grandchild $!\'" output="screen"/>')
    assert launch.end() == 0
    grandchild = int(re.search(r'grandchild (\d+)', launch.output).group(1))
    assert not _runs(grandchild)


def test_the_environment_of_a_child(tmp_path):
    launch = Launch(
        tmp_path,
        '<set_env name="A" value="1"/><executable cmd="sh -c \'echo $A $B $PYTHONUNBUFFERED\'" '
        'output="screen"><env name="B" value="2"/></executable>',
    )
    assert launch.end() == 0
    assert '[sh-1] 1 2 1\n' in launch.output


@pytest.mark.parametrize(
    ('words', 'code', 'message'),
    [
        (['launch'], 2, 'required: package_name'),
        (['frobnicate'], 2, "invalid choice: 'frobnicate'"),
        (['doctor'], 1, 'not supported by pip_ros'),
        (['launch', 'no_such_package', 'a.launch.xml'], 1, 'not found'),
        (['launch', '/no/such.launch.xml'], 1, 'no launch file'),
        (['run', 'no_such_package', 'x'], 1, 'not found'),
    ],
)
def test_wrong_command_lines(words, code, message):
    environment = os.environ | {'PYTHONPATH': str(SOURCE)}
    done = subprocess.run(
        [*ROS2, *words], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == code
    assert message in done.stderr


def test_run_becomes_the_executable(tmp_path):
    folder = tmp_path / 'lib' / 'demo'
    folder.mkdir(parents=True)
    (folder / 'show').write_text('#!/bin/sh\necho $$ "$@"\nexit 7\n')
    (folder / 'show').chmod(0o755)
    process = subprocess.Popen(
        [*ROS2, 'run', 'demo', 'show', '-v', '--ros-args', '-r', '__node:=n', '-p', 'a:=1'],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {'PYTHONPATH': str(SOURCE), 'AMENT_PREFIX_PATH': str(tmp_path)},
    )
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert output.split() == [str(process.pid), '-v', '--ros-args', '-r', '__node:=n', '-p', 'a:=1']
    assert process.returncode == 7
