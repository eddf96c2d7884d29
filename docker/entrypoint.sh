#!/bin/sh
# Source ROS 2 and the workspace, then become the command, so that it gets the signals.
set -e
. "/opt/ros/$ROS_DISTRO/setup.sh"
. /ws/install/setup.sh
exec "$@"
