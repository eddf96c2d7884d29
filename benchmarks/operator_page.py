"""What the operator's page costs the graph: the delay of the seam points with browsers watching against without.

One running cell with its page; cycles with and without browsers in turn, so that both meet the same machine. Each
browser is a web socket that takes every section and picture, as the page in a browser does; what a browser draws, it
draws on a machine of its own. They run in a process that gives way to all others.

    python benchmarks/operator_page.py [--rounds 4] [--browsers 3] [--json out.json]

Aim: the p99 with three browsers is at most 1.1 times that without. On a busy machine the delays are those of its
other work; how much of a processor each node took stands beside them.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import socket
import sys
from collections import Counter
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import aiohttp
import numpy as np
from graph import CellUnderTest, at_full_speed, percentiles
from processor_speed import SpeedProbe

AGAIN_S, START_S = 0.5, 300.0
BEHIND = 10


async def _watch(address: str, taken: 'Synchronized[int]') -> None:
    """One browser, until it is cancelled; connects again when it is let go."""
    async with aiohttp.ClientSession(address) as client:
        while True:
            try:
                async with client.ws_connect('/ws', max_msg_size=0) as page:
                    await page.send_str('{"do": "watch", "on": true}')
                    async for message in page:
                        taken.value += message.type is aiohttp.WSMsgType.BINARY
            except aiohttp.ClientError:
                await asyncio.sleep(AGAIN_S)


async def _watch_all(address: str, browsers: int, taken: 'Synchronized[int]') -> None:
    await asyncio.gather(*(_watch(address, taken) for _ in range(browsers)))


def browse(address: str, browsers: int, taken: 'Synchronized[int]') -> None:
    """So many browsers in this process, until it is ended."""
    os.nice(BEHIND)
    asyncio.run(_watch_all(address, browsers, taken))


class Arm:
    """Cycles with browsers, or without.

    Attributes:
        seconds: How long they took.
        cpu_s: Processor time by node.
    """

    def __init__(self) -> None:
        self.seconds, self.cpu_s = 0.0, Counter[str]()

    def scan(self, cell: CellUnderTest) -> int:
        """One cycle without its weld; how many seam points it gave."""
        before, cpu_s, began_s = len(cell.latencies_ms), cpu_times_s(cell), cell.seconds
        try:
            cell.cycle(lambda: None, weld=False)
        except RuntimeError as error:  # a machine that is too busy loses images, and the seam with them
            print(f'Left out: {error}', file=sys.stderr)
            del cell.latencies_ms[before:], cell.arrivals_s[before:]
            return self.scan(cell)
        self.cpu_s.update({name: after - cpu_s[name] for name, after in cpu_times_s(cell).items()})
        self.seconds += cell.seconds - began_s
        return len(cell.latencies_ms) - before

    def cpu_pct(self) -> dict[str, float]:
        """Processor time of each node, of one processor's."""
        return {name: round(100 * spent / max(self.seconds, 1e-9), 2) for name, spent in sorted(self.cpu_s.items())}


def cpu_times_s(cell: CellUnderTest) -> dict[str, float]:
    """Processor time of each node so far."""
    cell.sample()
    return {name: rows[-1][2] for name, rows in cell.memory.items()}


def run(cell: CellUnderTest, address: str, rounds: int, browsers: int) -> tuple[np.ndarray, int, dict[bool, Arm]]:
    """Cycles in turn; (n,) of each seam point whether browsers watched, how many pictures they took, the two arms."""
    cell.spin(lambda: {'laser_sensor', 'seam_detector'} <= set(cell.health), START_S, 'the nodes')
    Arm().scan(cell)  # warms up
    for kept in (cell.latencies_ms, cell.arrivals_s):
        kept.clear()
    watched: list[bool] = []
    arms = {False: Arm(), True: Arm()}
    taken = multiprocessing.Value('i', 0)
    for _ in range(rounds):
        watched += [False] * arms[False].scan(cell)
        process = multiprocessing.Process(target=browse, args=(address, browsers, taken))
        process.start()
        seen = taken.value
        cell.spin(lambda: taken.value > seen, START_S, 'a picture')  # noqa: B023
        watched += [True] * arms[True].scan(cell)
        process.terminate()
        process.join()
    return np.array(watched), taken.value, arms


def summarise(cell: CellUnderTest, watched: np.ndarray, probe: SpeedProbe) -> dict[str, object]:
    latencies_ms = np.array(cell.latencies_ms)
    quiet = at_full_speed(cell, probe.slow_times_s())
    result: dict[str, object] = {
        'stolen_pct': round(cell.stolen_pct, 2),
        'load_1_5_15': [round(load, 1) for load in os.getloadavg()],
        'processor': probe.summary(),
    }
    for name, points in (('all', np.full(len(watched), True)), ('at_full_speed', quiet)):
        without, with_browsers = (latencies_ms[points & (watched == each)] for each in (False, True))
        if not len(without) or not len(with_browsers):
            continue
        told = {'without': percentiles(without), 'with': percentiles(with_browsers)}
        ratio = {q: round(told['with'][q] / told['without'][q], 3) for q in ('p50', 'p90', 'p99')}
        result[name] = {'seam_points': [len(without), len(with_browsers)], 'latency_ms': told, 'ratio': ratio}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=4, help='pairs of cycles (default: %(default)s)')
    parser.add_argument('--browsers', type=int, default=3)
    parser.add_argument('--json', default='-', help='file to write; - for standard output')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the cell must not outlive this
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    words = ('operator_page:=true', 'approval:=false', f'page_port:={port}')
    multiprocessing.set_start_method('spawn')
    cell, probe = CellUnderTest('fillet', 1, *words), SpeedProbe()
    try:
        watched, pictures, arms = run(cell, f'http://127.0.0.1:{port}', arguments.rounds, arguments.browsers)
    finally:
        probe.close()
        cell.close()
    cpu = {'without': arms[False].cpu_pct(), 'with': arms[True].cpu_pct()}
    told = {'pictures': pictures, 'cpu_pct': cpu, **summarise(cell, watched, probe)}
    text = json.dumps(told, indent=1)
    if arguments.json == '-':
        print(text)
    else:
        Path(arguments.json).write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
