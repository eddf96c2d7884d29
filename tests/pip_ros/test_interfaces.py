"""control_msgs, built from the generators in PyPI's wheels: equal to upstream's on the wire."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

pytest.importorskip('pip_ros', reason='an apt ROS 2 has control_msgs itself')

from pip_ros.distribution import UNKNOWN, ros_distribution
from pip_ros.interfaces import build
from pip_ros.interfaces.wheel import wheel_name, write_wheel

COMMON = {
    'action/FollowJointTrajectory_SendGoal': 'b13789dddc325a7a962825c45e28c77d37237ec129dd0c34dc5994562938c57f',
    'action/FollowJointTrajectory_GetResult': 'e3ceb38e3e1867c8dc0f46014df26e90eb93422f27e9e97f936e07f94be4bc8b',
    'msg/JointTolerance': 'c254f9cece0f3b733017b6990fd46d1326e25242d6b8844398c97d9a88e7d648',
    'msg/JointComponentTolerance': '739ea7566931944d33830fa10f1bf5e7a7fbdc3172bce7a7eaac642bd6e3ffa4',
}
UPSTREAM = {
    'jazzy': {
        **COMMON,
        'action/FollowJointTrajectory': '738ebcb7a2d7cfa42f9f1001cc99ce3a4383d1cfe508015d9be8485e4b1c66f6',
        'action/FollowJointTrajectory_FeedbackMessage': '80398fcb9674a79081a9906e2ccf0c804dd7cb15e22e362e606ee87186beab71',  # noqa: E501
        'action/FollowJointTrajectory_Feedback': '3fd0aaecf71725121ae1ff7f01098a5e0da581e672be18a6b2c286cb43d96b49',
    },
    'kilted': {
        **COMMON,
        'action/FollowJointTrajectory_Feedback': '0bb018d181bdc6384dd75365480967bd1d6eaee4ef3dd597c64cd0b8bdc10867',
    },
}
"""Hashes of the definitions in control_msgs 5.8.0 (Jazzy), by rosidl_generator_type_description 4.6.6; that of the
feedback in 6.8.0 (Kilted) by rosbags."""


def test_the_type_hashes_are_upstreams():
    pytest.importorskip('control_msgs.action', reason='control_msgs is not installed, nor could it be built')
    share = Path(sys.prefix) / 'share' / build.PACKAGE
    described = [json.loads(path.read_text())['type_hashes'] for path in share.rglob('*.json')]
    hashes = {each['type_name']: each['hash_string'] for hashes in described for each in hashes}
    wanted = UPSTREAM[ros_distribution()]
    assert {name: hashes[f'control_msgs/{name}'] for name in wanted} == {
        name: f'RIHS01_{each}' for name, each in wanted.items()
    }


@pytest.mark.parametrize('distribution', build.VERSIONS)
def test_the_definitions_of_each_distribution_are_its_own(monkeypatch, distribution):
    monkeypatch.setattr(build, 'ros_distribution', lambda: distribution)
    folder, upstream = build.definitions()
    feedback = (folder / 'action/FollowJointTrajectory.action').read_text().split('---\n')[2]
    types = get_typestore(Stores(f'ros2_{distribution}'))
    name = 'action/FollowJointTrajectory_Feedback'
    types.register(get_types_from_msg(feedback, f'control_msgs/{name}'))
    assert types.hash_rihs01(f'control_msgs/{name}') == f'RIHS01_{UPSTREAM[distribution][name]}'
    assert upstream == build.VERSIONS[distribution] and build.recipe().startswith(f'{distribution}-')


def test_a_distribution_without_a_definition_is_named(monkeypatch):
    monkeypatch.setattr(build, 'ros_distribution', lambda: UNKNOWN)
    with pytest.raises(build.BuildError, match=r'no definition for rclpy \d.*jazzy, kilted'):
        build.definitions()


def test_without_a_compiler_it_says_so_and_is_told_apart_from_a_failure(tmp_path):
    environment = {'PATH': '/nowhere', 'HOME': str(tmp_path), 'CC': 'no-such-compiler', 'CXX': 'no-such-compiler'}
    command = [sys.executable, '-m', 'pip_ros.interfaces']
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3 and 'no-such-compiler' in done.stderr and 'apt install' in done.stderr


def test_what_the_compiler_says_last_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(build, '_compilers', lambda: (sys.executable, sys.executable))
    monkeypatch.setattr(build, '_generate', lambda root: (root / 'prefix').mkdir())

    def broken(root, compilers):
        build._run([compilers[0], '-c', 'raise SystemExit("no such header")'])

    monkeypatch.setattr(build, '_compile', broken)
    with pytest.raises(build.BuildError, match='no such header'):
        build.build(tmp_path / 'kept' / 'made.whl')
    assert not (tmp_path / 'kept').exists()


def test_a_wheel_is_kept_once_for_each_recipe(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    assert build.cache_folder() == tmp_path / 'weld_cell' / 'interfaces'
    before = build.recipe()
    assert before == build.recipe() and before.startswith(f'{ros_distribution()}-')
    monkeypatch.setattr(build, 'version', lambda name: '99')
    assert build.recipe() != before


def test_a_wheel_has_what_pip_and_ament_look_for(tmp_path):
    prefix = tmp_path / 'prefix'
    for name in ('site/some_msgs/__init__.py', 'lib/libsome.so', 'share/some_msgs/msg/A.msg'):
        (prefix / name).parent.mkdir(parents=True, exist_ok=True)
        (prefix / name).write_text('')
    wheel = tmp_path / wheel_name('some_msgs', '1.0')
    write_wheel(wheel, 'some_msgs', '1.0', prefix, ['ros-std-msgs==5.3.6'])
    names = set(zipfile.ZipFile(wheel).namelist())
    data = 'weld_cell_some_msgs-1.0.data/data'
    index = f'{data}/share/ament_index/resource_index'
    assert {'some_msgs/__init__.py', f'{data}/lib/libsome.so', f'{index}/packages/some_msgs'} <= names
    assert zipfile.ZipFile(wheel).read(f'{index}/rosidl_interfaces/some_msgs') == b'msg/A.msg'
    record = zipfile.ZipFile(wheel).read('weld_cell_some_msgs-1.0.dist-info/RECORD').decode()
    assert {line.split(',')[0] for line in record.split()} == names
