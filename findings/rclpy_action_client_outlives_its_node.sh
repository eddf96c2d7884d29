#!/usr/bin/env bash
# rclpy 7.1.6 (Jazzy), rclpy.action.ActionClient: Node.destroy_node destroys the node's publishers, subscriptions,
# clients and services, but not its action clients. As long as somebody holds one, the node stays in the ROS graph, even
# after rclpy.shutdown: a second context of the same process, and every other process, still sees it. (Nav2's
# BasicNavigator destroys its action clients by itself for this reason.)
# What follows for us: a process that goes on after its node, as a test's does, calls ActionClient.destroy
# (tests/graph/test_nodes_action.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==7.1.6" ros-test-msgs==2.0.3
cat >"$folder/outlives.py" <<'PY'
import rclpy
from rclpy.action import ActionClient
from test_msgs.action import Fibonacci


def nodes_seen():
    rclpy.init()
    node = rclpy.create_node('second')
    for _ in range(20):
        rclpy.spin_once(node, timeout_sec=0.1)
    names = sorted(node.get_node_names())
    node.destroy_node()
    rclpy.shutdown()
    return names


rclpy.init()
node = rclpy.create_node('first')
client = ActionClient(node, Fibonacci, 'fibonacci')
node.destroy_node()
rclpy.shutdown()
print('kept:', *nodes_seen())
client.destroy()
print('destroyed:', *nodes_seen())
PY
said=$(ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST "$folder/venv/bin/python" -W ignore "$folder/outlives.py")
echo "$said"
[ "$said" = $'kept: first second\ndestroyed: second' ] ||
    { echo "  changed: expected 'kept: first second', 'destroyed: second'"; exit 1; }
