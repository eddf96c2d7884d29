"""What the benchmarks of the simulated cameras share: the time by two clocks, one thread, and the report."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
from threadpoolctl import threadpool_limits


def milliseconds(act: Callable[[], object]) -> tuple[float, float]:
    """What a user waits, and what one core spends whatever else the machine does."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return 1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)


def one_thread() -> None:
    """From here on in this process."""
    cv2.setNumThreads(1)
    threadpool_limits(1)


def write_report(figures: dict[str, object], file: str) -> None:
    """As JSON to a file, or to standard output."""
    text = json.dumps(figures, indent=2) + '\n'
    if file == '-':
        sys.stdout.write(text)
    else:
        Path(file).write_text(text, encoding='utf-8')
