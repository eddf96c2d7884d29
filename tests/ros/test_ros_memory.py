"""Blocks of an image's size stay with the process: the kernel clears them once, not for each image."""

import os
import subprocess
import sys

import pytest

SIZE = 1456 * 1088
PROGRAM = f"""
import resource
from weld_cell.ros.memory import keep_large_blocks
kept = keep_large_blocks() if {{keep}} else False
for _ in range(20):
    blocks = [bytearray({SIZE}) for _ in range(3)]
    before = before if _ > 10 else resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep):
    command = [sys.executable, '-c', PROGRAM.format(keep=keep)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith('MALLOC_')}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    kept, count = done.stdout.split()
    return kept == 'True', int(count)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='mallopt is of glibc, on Linux')
def test_the_kernel_is_asked_no_more_once_the_blocks_are_there():
    kept, count = faults(keep=True)
    assert kept
    assert count < SIZE // 4096 < faults(keep=False)[1]
