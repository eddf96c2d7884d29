#!/usr/bin/env bash
# mcap-ros2-support 0.6.0 reads a `char` of a ROS 2 message as a signed number: 190 comes back as -66. In ROS 2 a char is
# a uint8 (ros-rosidl-adapter 4.6.6 writes it so into IDL), and rosbags 0.11.9 reads it so. Of the messages of Jazzy this
# touches those that identify somebody by bytes: rmw_dds_common/Gid, service_msgs/ServiceEventInfo.client_gid. All
# others of 162 types, filled at random, came back as rosbags had written them, but for messages without a field
# (std_msgs/Empty), which have nothing to compare.
# What follows for us: nothing reads bags by this library; who takes the gids of our service events by it must add 256.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rosbags==0.11.9 mcap==1.6.0 \
    mcap-ros2-support==0.6.0 ros-rosidl-adapter==4.6.6 ros-rosidl-cli==4.6.6 empy==3.3.4
cat >"$folder/read.py" <<'PY'
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from rosidl_adapter.msg import MSG_TYPE_TO_IDL

types, kind = get_typestore(Stores.ROS2_JAZZY), 'std_msgs/msg/Char'
raw = bytes(types.serialize_cdr(types.types[kind](data=190), kind))
bag = Path(sys.argv[1]) / 'bag'
with Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
    writer.write(writer.add_connection('/a', kind, typestore=types), 1, raw)
with next(bag.glob('*.mcap')).open('rb') as stream:
    reader = make_reader(stream, decoder_factories=[DecoderFactory()])
    (message,) = [each.decoded_message for each in reader.iter_decoded_messages()]
print(f'rosidl {MSG_TYPE_TO_IDL["char"]}, rosbags {types.deserialize_cdr(raw, kind).data}, mcap_ros2 {message.data}')
PY
said=$("$folder/venv/bin/python" "$folder/read.py" "$folder")
echo "$said"
[ "$said" = "rosidl uint8, rosbags 190, mcap_ros2 -66" ] || { echo "  changed: expected uint8, 190 and -66"; exit 1; }
