"""How fast the processor itself runs while something else is measured: the same piece of work, again and again.

A processor that its machine throttles (heat, power) computes at a fraction of its speed for tenths of a second. A
guest of a virtual machine sees nothing of it: no time is stolen, no process has gone before another one. The time
that a thread spends computing a fixed piece shows it.

    python benchmarks/processor_speed.py [--seconds 20]
"""

import argparse
import json
import threading
import time

import numpy as np

PERIOD_S = 0.02
PIECE = 1000
"""Additions in one piece: some 20 microseconds, a thousandth of a processor."""
SLOW = 3.0
"""A piece that takes so many times the median: more than a neighbour on the same core, or cold caches, can do."""


class SpeedProbe:
    """A thread that computes the fixed piece again and again until `close`; what it saw is to be had after that."""

    def __init__(self) -> None:
        self._at_s: list[float] = []
        self._took_ns: list[int] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_S):
            began_ns = time.thread_time_ns()  # of this thread: others that went before it do not count
            sum(range(PIECE))
            self._took_ns.append(time.thread_time_ns() - began_ns)
            self._at_s.append(time.time())

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def slow_times_s(self) -> np.ndarray:
        """(n,) seconds since the epoch at which a piece took too long."""
        took = np.array(self._took_ns)
        return np.array(self._at_s)[took > SLOW * np.median(took)]

    def summary(self) -> dict[str, float]:
        """How much of the time the processor was slow; the 99th percentile of the pieces' times to their median."""
        took = np.array(self._took_ns)
        return {
            'slow_pct': round(100.0 * len(self.slow_times_s()) / len(took), 2),
            'slowdown_p99': round(float(np.percentile(took, 99) / np.median(took)), 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=20.0, help='default: %(default)s')
    seconds, probe = parser.parse_args().seconds, SpeedProbe()
    time.sleep(seconds)
    probe.close()
    print(json.dumps(probe.summary()))


if __name__ == '__main__':
    main()
