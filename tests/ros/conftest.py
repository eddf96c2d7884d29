"""A ROS context for each test that asks for it."""

import pytest
import rclpy
from rclpy.parameter import Parameter


@pytest.fixture
def ros():
    rclpy.init()
    yield
    rclpy.shutdown()


@pytest.fixture
def make_node(ros):
    nodes = []

    def make(name='test_node', **overrides):
        parameters = [Parameter(key.replace('__', '.'), value=value) for key, value in overrides.items()]
        nodes.append(rclpy.create_node(name, parameter_overrides=parameters))
        return nodes[-1]

    yield make
    for node in nodes:
        node.destroy_node()
