"""How fast a recording is replayed offline: images a second on one core, decoding included; JSON out.

    python benchmarks/replay.py [--images 400] [--joints lap v] [--json FILE]

For each joint type a scan of the simulated cell is recorded at 40 Hz, with camera_info and the frames of a six-axis
robot at 125 Hz, into an MCAP bag with plain chunks and one with compressed (zstd) chunks. It is then replayed from
opening the bag to the seam path. Beside it stands a naive reading of the same bag that only decodes: what is left for
the pipeline is the difference. `rounds` are repeated and the fastest counts, as other work on the machine only slows.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1')

import cv2
import numpy as np
from rosbags.highlevel import AnyReader
from scipy.spatial.transform import Rotation

from weld_cell.bags.reading import open_bag
from weld_cell.bags.writing import open_image_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline, ReplayResult
from weld_cell.records import FloatArray, JointType
from weld_cell.sim.cell_scene import cell_scene

TOPIC = '/laser_sensor/image_raw'
FIRST_NS, IMAGE_HZ, FRAMES_HZ = 10**9, 40.0, 125.0
LINKS = 6


def main() -> int:
    arguments = _arguments()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix='weld_cell_replay_') as folder:
        bags = {}
        for kind, joint_type in product(('plain', 'compressed'), arguments.joints):
            bags[kind, str(joint_type)] = bag = Path(folder) / f'{joint_type}_{kind}'
            record(bag, joint_type, arguments.images, kind == 'compressed')
        measured = measure(list(bags.values()), arguments.rounds)
    rows = {}
    for (kind, joint_type), row in zip(bags, measured, strict=True):
        rows.setdefault(kind, {})[joint_type] = row
    text = json.dumps({**summary(rows), 'images_per_scan': arguments.images, 'rows': rows}, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n', encoding='utf-8')
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=400, help='images of each scan')
    parser.add_argument('--joints', nargs='+', type=JointType, default=list(JointType), metavar='TYPE')
    parser.add_argument('--rounds', type=int, default=6, help='the fastest counts')
    parser.add_argument('--json', type=Path, help='write here as well')
    return parser.parse_args()


def record(bag: Path, joint_type: JointType, images: int, compressed: bool) -> None:
    """A scan along the whole seam at even steps."""
    scene, sensor = cell_scene(joint_type, 1), load_rig(str(config_file('rig.yaml'))).laser_sensor
    duration_s = images / IMAGE_HZ
    speed = (scene.truth.length_m - 0.02) / duration_s
    with open_image_bag(bag, TOPIC, sensor.frame, sensor.camera, compressed) as writer:
        due = [(time_s, True) for time_s in np.arange(images) / IMAGE_HZ]
        due += [(time_s, False) for time_s in np.arange(-1, duration_s * FRAMES_HZ + 1) / FRAMES_HZ]
        for time_s, is_image in sorted(due):
            pose, stamp_ns = scene.seam_pose(0.01 + speed * time_s), FIRST_NS + round(1e9 * time_s)
            if is_image:
                writer.image(stamp_ns, scene.image(pose, time_s))
            else:
                writer.transforms(stamp_ns, robot_frames(time_s, pose))


def robot_frames(time_s: float, T_base_tool0: FloatArray) -> list[tuple[str, str, FloatArray]]:
    """base_link to tool0 over links that turn, as robot_state_publisher sends them."""
    turns = [
        make_transform((0.1, 0.0, 0.2), Rotation.from_euler('z', 0.3 * np.sin(0.2 * time_s + k)))
        for k in range(LINKS - 1)
    ]
    names = ['base_link', *(f'link_{k}' for k in range(1, LINKS)), 'tool0']
    last = invert(np.linalg.multi_dot(turns)) @ T_base_tool0
    return list(zip(names[:-1], names[1:], [*turns, last], strict=True))


def measure(bags: list[Path], rounds: int) -> list[dict[str, object]]:
    """Images a second and milliseconds an image, of the replay and of bare decoding, for each bag.

    A round goes through all bags, so that other work of some seconds does not fall upon all rounds of one of them.
    """
    sensor = load_rig(str(config_file('rig.yaml'))).laser_sensor
    pipeline = LaserPipeline(sensor)
    results = [replay(bag, pipeline, sensor) for bag in bags]
    seconds = np.array(
        [
            [(seconds_of(partial(replay, bag, pipeline, sensor)), seconds_of(partial(decode, bag))) for bag in bags]
            for _ in range(rounds)
        ]
    ).min(axis=0)
    return [row_of(result, *pair) for result, pair in zip(results, seconds.tolist(), strict=True)]


def row_of(result: ReplayResult, replay_s: float, decode_s: float) -> dict[str, object]:
    """What one bag gave."""
    count = len(result.images)
    return {
        'images': count,
        'seam_points': sum(image.point is not None for image in result.images),
        'joint_type': str(getattr(result.decision, 'joint_type', result.decision)),
        'images_per_s': round(count / replay_s, 1),
        'ms_per_image': round(1e3 * replay_s / count, 4),
        'naive_decoding_images_per_s': round(count / decode_s, 1),
        'replay_to_naive_decoding': round(replay_s / decode_s, 2),
    }


def replay(bag: Path, pipeline: LaserPipeline, sensor) -> ReplayResult:
    """As `weld_cell replay` does it, from opening the bag to the seam path."""
    with open_bag(bag) as recording:
        frames = recording.frame_tree()
        frames.add_fixed(sensor.parent, sensor.frame, sensor.T_parent_sensor)
        return pipeline.replay(
            recording.images(TOPIC), lambda stamp_ns: frames.lookup('base_link', sensor.frame, stamp_ns)
        )


def decode(bag: Path) -> int:
    """Every image of the bag as rosbags' own example reads it; nothing is done with it."""
    with AnyReader([bag]) as reader:
        connections = [c for c in reader.connections if c.topic == TOPIC]
        return sum(
            np.asarray(reader.deserialize(raw, connection.msgtype).data).reshape(480, 640)[0, 0] >= 0
            for connection, _, raw in reader.messages(connections)
        )


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time of one core: what others do on the machine has no part in it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def summary(rows: dict[str, dict[str, dict]]) -> dict[str, object]:
    """All joint types together, and the slowest one."""
    return {
        kind: {
            'images_per_s': round(len(of_kind) / sum(1 / row['images_per_s'] for row in of_kind.values()), 1),
            'slowest': min(of_kind, key=lambda name: of_kind[name]['images_per_s']),
        }
        for kind, of_kind in rows.items()
    }


if __name__ == '__main__':
    sys.exit(main())
