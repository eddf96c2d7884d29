#!/usr/bin/env bash
# rclpy 7.1.6 (Jazzy), rclpy.experimental.EventsExecutor: it cannot spin a node that has a guard condition. Node offers
# create_guard_condition(), and SingleThreadedExecutor runs its callback; EventsExecutor raises a RuntimeError from
# spin_once(), not from add_node(), so that the node seems well until it spins. Guard conditions of waitables: not tried.
# What follows for us: tf2_ros of pip_ros makes one only in an executor that takes it (transform_listener.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==7.1.6"
cat >"$folder/spin.py" <<'PY'
import sys

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.experimental import EventsExecutor

KINDS = {'SingleThreadedExecutor': SingleThreadedExecutor, 'EventsExecutor': EventsExecutor}
called = []
rclpy.init()
node = rclpy.create_node('finding')
guard = node.create_guard_condition(lambda: called.append(True))
executor = KINDS[sys.argv[1]]()
executor.add_node(node)
guard.trigger()
try:
    executor.spin_once(timeout_sec=5.0)
    said = 'called' if called else 'not called'
except RuntimeError as error:
    said = f'RuntimeError({str(error)!r})'
executor.shutdown()
rclpy.try_shutdown()
print(said)
PY
failed=0
check() {
    said=$(ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST "$folder/venv/bin/python" -W ignore "$folder/spin.py" "$1" | tail -n 1)
    echo "$1: $said"
    [ "$said" = "$2" ] || { echo "  changed: expected $2"; failed=1; }
}
check SingleThreadedExecutor called
check EventsExecutor "RuntimeError('Guard conditions not supported')"
exit $failed
