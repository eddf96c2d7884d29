"""pip_ros must not stand in for a real ROS 2 that is there."""

import subprocess
import sys

import pytest

guard = pytest.importorskip('pip_ros_guard', reason='src/pip_ros is not installed')

PACKAGES = ['tf2_ros', 'tf2_msgs', 'tf2_geometry_msgs', 'cv_bridge']


@pytest.fixture
def clean(monkeypatch):
    monkeypatch.delenv('AMENT_PREFIX_PATH', raising=False)
    return monkeypatch


def list_in_ament_index(prefix, package):
    index = prefix / 'share' / 'ament_index' / 'resource_index' / 'packages'
    index.mkdir(parents=True)
    (index / package).touch()


@pytest.mark.parametrize('package', PACKAGES)
def test_alone(clean, package):
    assert guard.real_ros_homes(package) == []
    guard.refuse_beside_real_ros(package)


def test_an_ament_prefix_without_the_package_is_no_real_ros(clean, tmp_path):
    """PyPI's wheels make such a prefix of the virtual environment."""
    list_in_ament_index(tmp_path, 'rclpy')
    clean.setenv('AMENT_PREFIX_PATH', f':{tmp_path}')
    guard.refuse_beside_real_ros('tf2_ros')


@pytest.mark.parametrize('package', PACKAGES)
def test_an_ament_prefix_with_the_package(clean, tmp_path, package):
    list_in_ament_index(tmp_path, package)
    clean.setenv('AMENT_PREFIX_PATH', f'/nowhere:{tmp_path}')
    with pytest.raises(ImportError, match=f'{package} of pip_ros .* real one in {tmp_path}'):
        guard.refuse_beside_real_ros(package)


def test_another_copy_on_the_path(clean, tmp_path):
    (tmp_path / 'tf2_ros').mkdir()
    (tmp_path / 'tf2_ros' / '__init__.py').touch()
    clean.syspath_prepend(str(tmp_path))
    assert guard.real_ros_homes('tf2_ros') == [tmp_path]


@pytest.mark.parametrize('package', PACKAGES)
def test_the_import_itself_is_refused(clean, tmp_path, package):
    list_in_ament_index(tmp_path, package)
    clean.setenv('AMENT_PREFIX_PATH', str(tmp_path))
    done = subprocess.run(
        [sys.executable, '-c', f'import {package}'], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f'ImportError: {package} of pip_ros does not work beside the real one' in done.stderr
