"""package.xml declares what the nodes import; a colcon workspace gets the command on its PATH."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [path for folder in ('ros', 'nodes') for path in sorted((ROOT / 'src/weld_cell' / folder).rglob('*.py'))]
NAMES = {'tf2_ros': 'tf2_ros_py'}
"""Packages by another name than their module."""


def declared():
    return set(re.findall(r'<exec_depend>(\w+)</exec_depend>', (ROOT / 'package.xml').read_text()))


def imported(path):
    tree = ast.parse(path.read_text())
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {module.split('.')[0] for module in modules}


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: str(path.relative_to(ROOT / 'src/weld_cell')))
def test_ros_packages_that_are_imported_are_declared(path):
    ours = {name for name in imported(path) if re.search(r'(_msgs|_interfaces|^rclpy|^tf2_ros|^cv_bridge)$', name)}
    assert {NAMES.get(name, name) for name in ours} <= declared()


def test_what_the_readme_has_people_type_is_declared():
    assert {'ros2launch', 'ros2bag', 'rosbag2_storage_mcap'} <= declared()


def test_the_command_of_a_colcon_workspace():
    (hook,) = json.loads((ROOT / 'colcon.pkg').read_text())['hooks']
    setup = (ROOT / 'setup.py').read_text()
    assert f"('{Path(hook).parent}', ['resource/hook/{Path(hook).name}'])" in setup
    folder = (ROOT / 'resource/hook' / Path(hook).name).read_text().strip().split(';')[-1]
    assert f"('{folder}', ['resource/bin/weld_cell'])" in setup
    command = [sys.executable, str(ROOT / 'resource/bin/weld_cell'), '--help']
    assert 'usage: weld_cell' in subprocess.run(command, capture_output=True, text=True, check=True).stdout
