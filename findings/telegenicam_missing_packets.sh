#!/usr/bin/env bash
# telegenicam 2.1.0: StreamStats.missing_packets is not the number of packets that are missing. Aravis's simulated camera
# (Debian aravis-tools 0.8.26) loses 5 packets of 1,000; what lacks is told by each frame's received_size: 81 of 18,199.
# The counter said 5,977. Why, and whether it is so with a camera that sends packets again, is not looked into: this one
# does not, and resend_requests stays 0.
# What follows for us: devices/gige_counts.py counts by received_size.
set -euo pipefail
command -v arv-fake-gv-camera-0.8 >/dev/null || { echo "arv-fake-gv-camera-0.8 is missing: apt install aravis-tools"; exit 2; }
folder=$(mktemp -d)
trap 'kill "$camera" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check telegenicam==2.1.0
arv-fake-gv-camera-0.8 -i 127.0.0.1 -s FINDING -r 5 >/dev/null &
camera=$!
sleep 1
cat >"$folder/count.py" <<'PY'
import telegenic

camera = telegenic.Camera('127.0.0.1')
camera.connect()
missing = 0
with camera.start_acquisition(packet_size=1500) as acquisition:
    for _ in range(100):
        frame = acquisition.wait_for(2.0)
        size = frame.width * frame.height
        missing += -(-(size - frame.received_size) // (1500 - 36))
    stats = acquisition.stats()
camera.disconnect()
print(f'packets received {stats.packets}, missing by received_size {missing}, missing_packets {stats.missing_packets}')
print('about as many' if stats.missing_packets < 2 * missing else 'far more than are missing')
PY
said=$("$folder/venv/bin/python" "$folder/count.py")
echo "$said"
[ "$(tail -n 1 <<<"$said")" = "far more than are missing" ] || { echo "  changed"; exit 1; }
