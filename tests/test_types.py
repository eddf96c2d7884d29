"""mypy, as a test: it runs beside the graph tests, which leave a processor idle, and not before them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_mypy_finds_nothing():
    done = subprocess.run([sys.executable, '-m', 'mypy'], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
