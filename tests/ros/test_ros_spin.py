"""What every process of a node is set up with."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
from weld_cell.ros.spin import prepare_process
{before}
prepare_process()
import cv2
print(cv2.getNumThreads())
"""


@pytest.mark.parametrize('before', ['', 'import cv2', 'import cv2; cv2.setNumThreads(3)'])
def test_opencv_starts_no_threads_whenever_it_is_imported(before):
    environment = {name: value for name, value in os.environ.items() if name != 'OPENCV_FOR_THREADS_NUM'}
    command = [sys.executable, '-c', PROGRAM.format(before=before)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ['1']
