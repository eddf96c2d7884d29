"""Ctrl-C before Python has come to our code prints no traceback: who has the signal, and from where on."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

HOOK = Path(sysconfig.get_path('purelib')) / '0_quiet_ctrl_c.pth'
PROBE = """#!{python}
import signal
{before}
print(getattr(signal.getsignal(signal.SIGINT), '__name__', None) or signal.getsignal(signal.SIGINT))
"""
TAKEN_OVER = """
from pip_ros.ctrl_c import leaving_at_once
with leaving_at_once():
    print(signal.getsignal(signal.SIGINT).__name__)
"""

pytestmark = pytest.mark.skipif(not HOOK.exists(), reason=f'{HOOK} is absent: not set up by ./bootstrap')


def _probe(path, before='', ignored=False):
    path.parent.mkdir(parents=True)
    path.write_text(PROBE.format(python=sys.executable, before=before))
    path.chmod(0o755)
    # Tests that run in the background of a script would hand on that it is ignored.
    command = ['env', '--ignore-signal=INT' if ignored else '--default-signal=INT', path]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize('name', ['bin/ros2', 'bin/weld_cell', 'bin/joint_type', 'lib/weld_cell/joint_type'])
def test_the_system_has_the_signal_until_our_command_begins(tmp_path, name):
    assert _probe(tmp_path / name) == ['0']  # signal.SIG_DFL


def test_other_commands_keep_pythons_handler(tmp_path):
    assert _probe(tmp_path / 'bin' / 'pytest') == ['default_int_handler']


def test_a_job_in_the_background_goes_on_ignoring_it(tmp_path):
    assert _probe(tmp_path / 'bin' / 'ros2', ignored=True) == ['1']  # signal.SIG_IGN


def test_a_command_takes_it_over(tmp_path):
    assert _probe(tmp_path / 'bin' / 'ros2', TAKEN_OVER) == ['_leave', 'default_int_handler']
