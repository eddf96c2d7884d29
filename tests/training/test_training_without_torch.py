"""Where torch is not installed, every test is collected and those of the networks skip."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = """import sys
from importlib.machinery import PathFinder


class WithoutTorch(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        blocked = name.split('.')[0] in ('torch', 'onnx', 'onnxscript')
        return None if blocked else super().find_spec(name, path, target)


sys.meta_path = [WithoutTorch if finder is PathFinder else finder for finder in sys.meta_path]
"""


def pytest_without_torch(tmp_path, *words):
    (tmp_path / 'block_torch.py').write_text(BLOCK)
    code = f'import sys, pytest; sys.path.insert(0, {str(tmp_path)!r}); sys.exit(pytest.main(sys.argv[1:]))'
    command = [sys.executable, '-c', code, '-p', 'block_torch', '-p', 'no:cacheprovider', '-q', *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_all_tests_are_collected(tmp_path):
    done = pytest_without_torch(tmp_path, '--collect-only')
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert 'test_training_loop.py' in done.stdout


def test_those_of_the_loop_skip(tmp_path):
    done = pytest_without_torch(tmp_path, '-rs', 'tests/training/test_training_loop.py')
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "could not import 'torch'" in done.stdout
