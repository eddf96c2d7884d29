"""The set-up's choice of ROS 2: which requirements, when .venv is made anew, what is refused. Installs nothing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DISTRIBUTIONS = {'jazzy': '7.1.6', 'kilted': '9.1.2'}
# Answers what bootstrap asks first as Python does; makes no environment, installs nothing, keeps what was asked.
PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) echo 3.11 ;;
    *rclpy*) exit 1 ;;
    *ensurepip*) ;;
    *) echo "$@" >>"$ASKED"; exit 1 ;;
esac
"""

pytestmark = pytest.mark.skipif(not (ROOT / 'bootstrap').exists(), reason='not in the source tree')


@pytest.fixture
def checkout(tmp_path):
    """Copy of what the set-up depends on, with a .venv of Jazzy that a set-up has begun."""
    for name in ('bootstrap', 'setup.py', 'setup.cfg', *(path.name for path in ROOT.glob('requirements*.txt'))):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / 'src/pip_ros', tmp_path / 'src/pip_ros', ignore=shutil.ignore_patterns('__pycache__'))
    for python in (tmp_path / 'python', tmp_path / '.venv/bin/python'):
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(PYTHON)
        python.chmod(0o755)
    (tmp_path / '.venv/.kind').write_text('pypi jazzy 3.11\n')
    return tmp_path


def set_up(folder, python, **chosen):
    kept = {name: value for name, value in os.environ.items() if name not in ('ROS', 'ROS_DISTRO')}
    environment = {**kept, 'PYTHON': str(python), 'ASKED': str(folder / 'asked'), **chosen}
    command = [str(folder / 'bootstrap'), 'run']
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def pins(name):
    text = (ROOT / f'requirements-{name}.txt').read_text()
    return dict(re.findall(r'^(ros-[\w-]+(?:\[\w+\])?)==([\d.]+)', text, re.MULTILINE))


def test_both_distributions_have_the_same_packages():
    assert pins('jazzy').keys() == pins('kilted').keys()
    assert {name: pins(name)['ros-rclpy[fastrtps]'] for name in DISTRIBUTIONS} == DISTRIBUTIONS


@pytest.mark.parametrize('chosen', [{}, {'ROS': ''}, {'ROS': 'jazzy'}])
def test_jazzy_where_none_is_named_goes_on_in_its_environment(checkout, chosen):
    assert set_up(checkout, checkout / 'python', **chosen).returncode == 1
    asked = (checkout / 'asked').read_text()
    assert 'pip install' in asked and '-r requirements.txt -r requirements-jazzy.txt' in asked


def test_another_distribution_begins_with_an_environment_of_its_own(checkout):
    done = set_up(checkout, checkout / 'python', ROS='kilted')
    assert 'pypi kilted' in done.stdout and (checkout / 'asked').read_text() == '-m venv .venv\n'
    assert not (checkout / '.venv').exists()


@pytest.mark.parametrize('name', ['dev', 'lyrical', 'Kilted'])
def test_an_unknown_distribution_is_refused_and_touches_nothing(checkout, name):
    done = set_up(checkout, checkout / 'python', ROS=name)
    assert done.returncode == 1 and f'ROS={name}: from PyPI there are jazzy and kilted' in done.stderr
    assert (checkout / '.venv/.kind').exists() and not (checkout / 'asked').exists()


def test_a_sourced_ros_2_of_another_distribution_is_refused(checkout):
    pytest.importorskip('tf2_ros')
    tools = checkout / 'tools'
    tools.mkdir()
    (tools / 'ros2').symlink_to('/bin/true')
    sourced = {'ROS_DISTRO': 'jazzy', 'PATH': f'{tools}:{os.environ["PATH"]}'}
    done = set_up(checkout, sys.executable, ROS='kilted', **sourced)
    assert done.returncode == 1 and 'ROS=kilted, but the ROS 2 that is sourced here is jazzy' in done.stderr
