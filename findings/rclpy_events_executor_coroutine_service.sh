#!/usr/bin/env bash
# rclpy 7.1.6 (Jazzy), rclpy.experimental.EventsExecutor: a service whose callback is a coroutine function is never
# answered. SingleThreadedExecutor awaits the same callback and sends its response; EventsExecutor hands the coroutine
# itself on as the response, and spin_once() raises a TypeError without a message. Timers and subscriptions are not tried.
# What follows for us: a triggered station's service takes its messages itself (weld_cell.ros.station_node).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==7.1.6" ros-std-srvs==5.3.6
cat >"$folder/ask.py" <<'PY'
import sys
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.experimental import EventsExecutor
from std_srvs.srv import Trigger

KINDS = {'SingleThreadedExecutor': SingleThreadedExecutor, 'EventsExecutor': EventsExecutor}


async def answer(request, response):
    response.success = True
    return response


rclpy.init()
node = rclpy.create_node('finding')
node.create_service(Trigger, 'ask', answer)
client = node.create_client(Trigger, 'ask')
executor = KINDS[sys.argv[1]]()
executor.add_node(node)
future, end = client.call_async(Trigger.Request()), time.monotonic() + 10.0
said = 'no answer'
try:
    while not future.done() and time.monotonic() < end:
        executor.spin_once(timeout_sec=0.1)
    said = 'answered' if future.done() else said
except TypeError as error:
    said = f'TypeError({str(error)!r})'
executor.shutdown()
rclpy.try_shutdown()
print(said)
PY
failed=0
check() {
    said=$(ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST "$folder/venv/bin/python" -W ignore "$folder/ask.py" "$1" | tail -n 1)
    echo "$1: $said"
    [ "$said" = "$2" ] || { echo "  changed: expected $2"; failed=1; }
}
check SingleThreadedExecutor answered
check EventsExecutor "TypeError('')"
exit $failed
