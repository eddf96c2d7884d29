"""`colcon build` makes of the package what ROS 2 expects, by the real colcon."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_colcon_builds_an_ament_python_package(tmp_path):
    colcon = shutil.which('colcon', path=str(Path(sys.executable).parent))
    if colcon is None:
        pytest.skip('colcon is not installed in this environment')
    source = tmp_path / 'src' / 'weld_cell'
    ignored = shutil.ignore_patterns('.git', '.venv', 'out', 'build', 'install', 'log', '*.egg-info', '__pycache__')
    shutil.copytree(ROOT, source, ignore=ignored)
    built = subprocess.run(
        [colcon, 'build', '--event-handlers', 'console_direct+'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    listed = subprocess.run([colcon, 'list'], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert listed.split() == ['weld_cell', 'src/weld_cell', '(ros.ament_python)']  # src/pip_ros is none of colcon's
    prefix = tmp_path / 'install' / 'weld_cell'
    executables = {path.name for path in (prefix / 'lib' / 'weld_cell').iterdir()}
    nodes = {path.stem for path in (ROOT / 'src/weld_cell/nodes').glob('[a-z]*.py')} - {'entry'}  # which starts them
    assert nodes <= executables
    share = prefix / 'share' / 'weld_cell'
    for folder in ('launch', 'config'):
        for path in (ROOT / folder).rglob('*.*'):
            assert (share / path.relative_to(ROOT)).is_file()
    assert (prefix / 'share/ament_index/resource_index/packages/weld_cell').is_file()
    assert list(prefix.rglob('models/joint_type.npz'))
