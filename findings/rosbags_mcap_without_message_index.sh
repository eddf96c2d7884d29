#!/usr/bin/env bash
# rosbags 0.11.9: of an .mcap file whose chunks have no message index its Reader tells how many messages there are, and
# gives none of them, without an error. The index is optional by the format; the mcap library (1.6.0) writes such files
# when it is asked to (IndexType), and reads all of their messages.
# What follows for us: bags/preparing.py writes such a file again, with an index, before rosbags reads it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rosbags==0.11.9 mcap==1.6.0
cat >"$folder/read.py" <<'PY'
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap.writer import IndexType, Writer
from rosbags.rosbag2 import Reader

for name, index in (('with', IndexType.ALL), ('without', IndexType.ALL & ~IndexType.MESSAGE)):
    file = Path(sys.argv[1]) / f'{name}.mcap'
    with file.open('wb') as stream:
        writer = Writer(stream, index_types=index)
        writer.start('ros2', 'finding')
        schema = writer.register_schema('std_msgs/msg/String', 'ros2msg', b'string data')
        channel = writer.register_channel('/a', 'cdr', schema)
        for number in range(1, 4):
            writer.add_message(channel, number, b'\0\1\0\0\2\0\0\0a\0', number)
        writer.finish()
    with file.open('rb') as stream, Reader(file) as reader:
        given = len(list(reader.messages()))
        print(f'{name}: mcap {len(list(make_reader(stream).iter_messages()))}, rosbags {given} of {reader.message_count}')
PY
said=$("$folder/venv/bin/python" "$folder/read.py" "$folder")
echo "$said"
[ "$said" = $'with: mcap 3, rosbags 3 of 3\nwithout: mcap 3, rosbags 0 of 3' ] ||
    { echo "  changed: expected 3 messages with the index, none of 3 without it"; exit 1; }
