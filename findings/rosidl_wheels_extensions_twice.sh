#!/usr/bin/env bash
# ros-rosidl-cli and ros-rosidl-adapter 4.6.6 of PyPI: a wheel of a rosidl generator brings its own dist-info and the
# egg-info of the package that it was made from, both with the same entry points, so that each extension is found twice.
# `rosidl` warns of that and works where no extension is named; where one is (--use, -t, -ts) it ends with exit code 1.
# Beside, the wheels do not ask for what they import: pyyaml, catkin-pkg, ros-rosidl-parser, and an empy before 4.
# What follows for us: src/pip_ros/pip_ros/interfaces builds control_msgs by the generators' classes, not by `rosidl`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ros-rosidl-cli==4.6.6 ros-rosidl-adapter==4.6.6 \
    ros-rosidl-parser==4.6.6 ros-rosidl-pycommon==4.6.6 pyyaml==6.0.3 catkin-pkg==1.1.1 empy==3.3.4
cd "$folder"
mkdir msg
echo 'float64 x' >msg/A.msg
said=""
for named in '' '--use msg2idl'; do
    code=0
    # shellcheck disable=SC2086
    "$folder/venv/bin/rosidl" translate --to idl $named -o "out$named" demo msg/A.msg >log 2>&1 || code=$?
    said="$said${named:-none named}: exit code $code, $(grep -c "duplicate entry point 'msg2idl'" log) warned;"
done
echo "$said"
[ "$said" = "none named: exit code 0, 1 warned;--use msg2idl: exit code 1, 1 warned;" ] ||
    { echo "  changed: expected a refusal where the extension is named, and none where it is not"; exit 1; }
