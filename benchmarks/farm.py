"""Many recordings on Dask: two workers against one process, memory of a worker, and what 10,000 would take; JSON out.

    python benchmarks/farm.py [--bags 200] [--images 400] [--workers 2] [--json FILE]

A few scans of the simulated cell are recorded; each bag is one of them under a metadata.yaml of its own, so that no
result serves for two, and the storage file is linked: reading it from a disk has no part in the figures. One process
replays them one after the other, as `weld_cell replay` does each; then `weld_cell replay` with N workers does them
all, table included; then N processes without Dask, which keep no table, share them: `processes` is the speed-up that
the cores and the memory of the machine allow. All are warmed up, and go in turns over `rounds` parts of the bags, so
that other work on the machine falls upon each. `speedup` is by the wall clock; `speedup_by_processor_time` asks what
all processes of the farm together spent, and is what cores that nobody else uses would give. `client_percent` of
that time goes to this process: client, scheduler and the watch over the workers. `start_s` is what the farm takes
until all workers are ready.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1')

import cv2
import numpy as np
import psutil
from replay import record

from weld_cell.farm.cluster import OWN_WORKERS_S, Connection, local_cluster
from weld_cell.farm.job import make_job
from weld_cell.farm.memory import WORKER_ENVIRONMENT
from weld_cell.farm.progress import Progress
from weld_cell.farm.session import Session
from weld_cell.farm.software import own_software
from weld_cell.farm.sources import find_bags
from weld_cell.farm.table import write_tables
from weld_cell.paths import config_file
from weld_cell.records import JointType
from weld_cell.replays.bag import replay_bag
from weld_cell.replays.request import ReplayRequest

AT_ENDS = 0.1
WARM = 2
"""Bags of each joint type for each worker: the first one of a type loads its compiled loops."""
PLANT_BAGS, PLANT_IMAGES = 10_000, 400


def main() -> int:
    arguments = _arguments()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix='weld_cell_farm_') as folder:
        bags = make_bags(Path(folder), arguments.bags, arguments.images)
        told = measure(bags, Path(folder), arguments)
    text = json.dumps(told, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n', encoding='utf-8')
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bags', type=int, default=200)
    parser.add_argument('--images', type=int, default=400, help='of each bag')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--rounds', type=int, default=5, help='parts of the bags, one process and farm in turns')
    parser.add_argument('--json', type=Path, help='write here as well')
    return parser.parse_args()


def make_bags(folder: Path, count: int, images: int) -> list[Path]:
    """One scan of each joint type, under as many names as are asked for."""
    scans = []
    for joint_type in list(JointType)[: max(1, count)]:
        scans.append(folder / 'scans' / joint_type)
        record(scans[-1], joint_type, images, compressed=False)
    return [_named_anew(scans[k % len(scans)], folder / 'bags' / f'scan_{k:05d}', k) for k in range(count)]


def _named_anew(scan: Path, bag: Path, number: int) -> Path:
    bag.mkdir(parents=True)
    for file in scan.iterdir():
        if file.name == 'metadata.yaml':
            (bag / file.name).write_text(f'{file.read_text()}# recording {number}\n')
        else:
            (bag / file.name).hardlink_to(file)
    return bag


def measure(bags: list[Path], folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    """One process, the farm, and processes without Dask in turns."""
    request = ReplayRequest(folder / 'one', config_file('rig.yaml'), config_file('cell.yaml'), quiet=True)
    job = make_job(request, own_software())
    one, farm, processes, rows, load = [], [], [], [], []
    began = time.perf_counter()
    with local_cluster(arguments.workers) as cluster, plain_processes(arguments.workers) as pool:
        connection = Connection(cluster.scheduler_address, job.software, OWN_WORKERS_S)
        while connection.threads < arguments.workers:
            time.sleep(0.1)
        start_s = time.perf_counter() - began
        warm = bags[: WARM * len(JointType) * arguments.workers]
        on_farm(warm, folder / 'warm', job, connection)
        share(pool, warm, request, folder / 'warm_processes')
        one_process(warm[: len(JointType)], request)
        for part in np.array_split(np.arange(len(bags)), min(arguments.rounds, len(bags))):
            of_part = [bags[k] for k in part]
            one.append(timed(lambda part=of_part: one_process(part, request)))
            out = folder / 'farm' / str(part[0])
            farm.append(timed(lambda part=of_part, out=out: rows.extend(on_farm(part, out, job, connection))))
            out = folder / 'processes' / str(part[0])
            processes.append(timed(lambda part=of_part, out=out: share(pool, part, request, out)))
            load.append(os.getloadavg()[0])
        check_same(rows[-1], bags[-1], request, folder / 'farm' / str(part[0]))
        connection.close()
    told = summary(*map(np.array, (one, farm, processes)), rows, load, arguments)
    return told | {'start_s': round(start_s, 2)}


def one_process(bags: list[Path], request: ReplayRequest) -> None:
    for number, bag in enumerate(bags):
        replay_bag(bag, replace(request, out=request.out / str(number)))


def on_farm(bags: list[Path], out: Path, job, connection: Connection) -> list:
    rows = Session(find_bags(map(str, bags)), job, out).run(connection, Progress(len(bags)))
    write_tables(rows, out)
    return rows


def plain_processes(count: int) -> ProcessPoolExecutor:
    """Processes that replay without Dask; their memory is kept as that of workers."""
    os.environ.update(WORKER_ENVIRONMENT)
    return ProcessPoolExecutor(count, multiprocessing.get_context('spawn'), cv2.setNumThreads, (1,))


def share(pool: ProcessPoolExecutor, bags: list[Path], request: ReplayRequest, out: Path) -> None:
    requests = [replace(request, out=out / str(number)) for number in range(len(bags))]
    list(pool.map(replay_bag, bags, requests))


def timed(work) -> tuple[float, float, float]:
    """Seconds by the wall clock, of processor time of this process and all below it, and of this process alone."""
    wall, processor, own = time.perf_counter(), processor_s(), time.process_time()
    work()
    return time.perf_counter() - wall, processor_s() - processor, time.process_time() - own


def processor_s() -> float:
    own = psutil.Process()
    times = [process.cpu_times() for process in [own, *own.children(recursive=True)]]
    return sum(each.user + each.system for each in times)


def check_same(row: dict, bag: Path, request: ReplayRequest, out: Path) -> None:
    """The farm's files are those of one process, to the byte."""
    single = replace(request, out=request.out / 'last')
    replay_bag(bag, single)
    for file in single.out.iterdir():
        assert file.read_bytes() == (out / row['result'] / file.name).read_bytes(), f'{bag}: {file.name} differs'


def summary(
    one: np.ndarray, farm: np.ndarray, processes: np.ndarray, rows: list, load: list, arguments: argparse.Namespace
) -> dict[str, object]:
    wall_one, processor_one, _ = one.sum(axis=0)
    wall_farm, processor_farm, client = farm.sum(axis=0)
    wall_plain, processor_plain, _ = processes.sum(axis=0)
    speedup = arguments.workers * processor_one / processor_farm
    bag_s = processor_farm / len(rows)
    told = memory(rows)
    return {
        'bags': len(rows),
        'images_per_bag': arguments.images,
        'workers': arguments.workers,
        'cores': psutil.cpu_count(),
        'load_average': round(float(np.mean(load)), 1),
        'speedup': round(wall_one / wall_farm, 3),
        'speedup_by_processor_time': round(speedup, 3),
        'speedup_best_round': round(float((one[:, 0] / farm[:, 0]).max()), 3),
        'processes': {
            'speedup': round(wall_one / wall_plain, 3),
            'speedup_by_processor_time': round(arguments.workers * processor_one / processor_plain, 3),
            'wall_s': round(wall_plain, 2),
            'processor_s': round(processor_plain, 2),
        },
        'client_percent': round(100 * client / processor_farm, 2),
        'one_process': {'wall_s': round(wall_one, 2), 'processor_s': round(processor_one, 2)},
        'farm': {'wall_s': round(wall_farm, 2), 'processor_s': round(processor_farm, 2)},
        'rounds': {
            f'{name}_s': of_all[:, 0].round(2).tolist()
            for name, of_all in (('one_process', one), ('farm', farm), ('processes', processes))
        },
        'memory': told,
        'memory_change_percent': max(abs(each['change_percent']) for each in told.values()),
        'plant': plant(bag_s, arguments.images),
    }


def memory(rows: list) -> dict[str, object]:
    """Resident memory of each worker: the median over its first bags, over its last ones, and the change in %."""
    told = {}
    for worker in sorted({row['worker'] for row in rows}):
        of_worker = sorted((row for row in rows if row['worker'] == worker), key=lambda row: row['started'])
        rss = np.array([row['rss_mb'] for row in of_worker])
        few = max(1, round(AT_ENDS * len(rss)))
        first, last = float(np.median(rss[:few])), float(np.median(rss[-few:]))
        told[worker] = {
            'bags': len(rss),
            'first_mb': round(first, 1),
            'last_mb': round(last, 1),
            'change_percent': round(100 * (last / first - 1), 2),
            'slope_kb_per_bag': round(1e3 * float(np.polyfit(np.arange(len(rss)), rss, 1)[0]), 2)
            if few > 1
            else None,
        }
    return told


def plant(bag_s: float, images: int) -> dict[str, object]:
    """10,000 recordings of 400 images, by the processor time of a bag here."""
    total_h = PLANT_BAGS * bag_s * PLANT_IMAGES / images / 3600
    return {
        'recordings': PLANT_BAGS,
        'images_each': PLANT_IMAGES,
        'core_hours': round(total_h, 3),
        'hours_on': {str(cores): round(total_h / cores, 3) for cores in (2, 8, 32)},
    }


if __name__ == '__main__':
    sys.exit(main())
