#!/usr/bin/env bash
# rclpy 7.1.6 (Jazzy), QoSPresetProfiles.get_from_short_key('sensor_data'): it gives out the preset itself, not a copy, and
# a QoSProfile can be changed. Who sets a policy of what he got changes rclpy.qos.qos_profile_sensor_data for the whole
# process: a subscription that another part of the program makes with it afterwards is reliable, and no longer matches a
# best-effort sensor. `ros2 topic echo` (ros2cli 0.32.2) sets policies so; as a process of its own it harms nobody.
# What follows for us: copy() of every preset before it is changed (pip_ros.graph.qos_options).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==7.1.6"
cat >"$folder/share.py" <<'PY'
from copy import copy

from rclpy.qos import QoSPresetProfiles, ReliabilityPolicy, qos_profile_sensor_data

copied = copy(QoSPresetProfiles.get_from_short_key('sensor_data'))
copied.reliability = ReliabilityPolicy.RELIABLE
print('copy:', qos_profile_sensor_data.reliability.name)
got = QoSPresetProfiles.get_from_short_key('sensor_data')
got.reliability = ReliabilityPolicy.RELIABLE
print('no copy:', qos_profile_sensor_data.reliability.name)
PY
said=$("$folder/venv/bin/python" -W ignore "$folder/share.py")
echo "$said"
[ "$said" = $'copy: BEST_EFFORT\nno copy: RELIABLE' ] || { echo "  changed: expected BEST_EFFORT, then RELIABLE"; exit 1; }
