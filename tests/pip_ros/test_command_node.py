"""The node behind a command of `ros2`."""

import pytest

pytest.importorskip('pip_ros', reason='an apt ROS 2 has the original commands')

from pip_ros.errors import Ros2Error
from pip_ros.node import command_node


def test_it_has_no_services_that_the_command_would_list():
    with command_node() as node:
        assert node.get_service_names_and_types_by_node(node.get_name(), '/') == []


def test_it_remaps_names():
    with command_node('player', remaps=['a:=b', '/x/y:=/z']) as node:
        assert [node.resolve_topic_name(name) for name in ('a', '/a', '/x/y', 'c')] == ['/b', '/b', '/z', '/c']


def test_a_malformed_remapping_is_named():
    with pytest.raises(Ros2Error, match='malformed remapping: .*no name'), command_node(remaps=['a:=no name']):
        pass
