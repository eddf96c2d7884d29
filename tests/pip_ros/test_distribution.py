"""What depends on the distribution of ROS 2 from PyPI."""

import re
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

distribution = pytest.importorskip('pip_ros.distribution', reason='src/pip_ros is not installed')

from pip_ros.launch.command import process_environment  # noqa: E402

from pip_ros import fast_dds  # noqa: E402

LAUNCH = Path(__file__).parents[2] / 'launch'


@pytest.fixture(autouse=True)
def uncached():
    distribution.ros_distribution.cache_clear()
    yield
    distribution.ros_distribution.cache_clear()


@pytest.mark.parametrize(
    ('rclpy', 'name'), [('', '<distribution>'), ('11.0.0', '<distribution>'), ('7.1.6', 'jazzy'), ('9.1.2', 'kilted')]
)
def test_the_distribution_by_its_rclpy(monkeypatch, rclpy, name):
    def version(_package):
        if not rclpy:
            raise PackageNotFoundError
        return rclpy

    monkeypatch.setattr(distribution, 'version', version)
    assert distribution.ros_distribution() == name


def test_launch_files_see_the_distribution_and_no_profile_but_a_persons(monkeypatch):
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    monkeypatch.delenv(fast_dds.VARIABLE, raising=False)
    fast_dds.tell_types_by_name()
    assert fast_dds.PROFILE.exists() and fast_dds.VARIABLE not in process_environment()
    assert process_environment()['ROS_DISTRO'] == distribution.ros_distribution()
    monkeypatch.setenv('ROS_DISTRO', 'rolling')
    monkeypatch.setenv(fast_dds.VARIABLE, 'mine.xml')
    fast_dds.tell_types_by_name()
    assert (process_environment()['ROS_DISTRO'], process_environment()[fast_dds.VARIABLE]) == ('rolling', 'mine.xml')


def test_fast_dds_finds_our_profiles_by_the_name_of_each_distribution():
    files = [path for path in LAUNCH.glob('*.xml') if 'DEFAULT_PROFILES_FILE' in path.read_text()]
    assert len(files) == 4
    for path in files:
        names = re.findall(r'name="(FAST\w+_DEFAULT_PROFILES_FILE)"', path.read_text())
        assert names == [fast_dds.VARIABLE, 'FASTRTPS_DEFAULT_PROFILES_FILE'], path.name
