"""What a checkout costs those who set it up and work on it: set-up, documentation, tests, lines."""

import subprocess
import tempfile
from pathlib import Path

from lightness_spent import HERE, Figures, spent

SOURCE = 'src/weld_cell'


def measure_set_up(checkout: Path, _peer: Path) -> Figures:
    """`./bootstrap run` in a fresh clone; packages come from pip's cache where it has them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['git', 'clone', '--quiet', '--shared', str(checkout), folder], check=True)
        return spent(['./bootstrap', 'run'], Path(folder))


def measure_docs(checkout: Path, _peer: Path) -> Figures:
    """`make docs` without what an earlier one has left; nothing where the checkout has none."""
    if 'docs:' not in (checkout / 'Makefile').read_text(encoding='utf-8').splitlines():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        sphinx = [str(checkout / '.venv/bin/python'), '-m', 'sphinx', '-j', 'auto', '-q', '-b', 'html']
        return spent([*sphinx, 'docs', folder], checkout)


def measure_tests(checkout: Path, peer: Path) -> Figures:
    """The test files that both checkouts have, as `make test` runs them; both must be set up for tests."""
    tests = [str(path.relative_to(peer)) for path in sorted((peer / 'tests').rglob('test_*.py'))]
    both = [path for path in tests if (HERE / path).exists()]
    pytest = [str(checkout / '.venv/bin/python'), '-m', 'pytest', '-q', '--numprocesses', '2', '--dist', 'loadgroup']
    return {**spent([*pytest, *both], checkout), 'files': len(both)}


def measure_lines(checkout: Path, peer: Path) -> Figures:
    """Lines of the source: all, and of the files that both checkouts have."""
    here, then = _lines(HERE), _lines(peer)
    lines = here if checkout == HERE else then
    return {
        'all': sum(lines.values()),
        'of_the_files_of_both': sum(lines[path] for path in here.keys() & then.keys()),
    }


def _lines(checkout: Path) -> dict[Path, int]:
    source = checkout / SOURCE
    return {
        path.relative_to(source): len(path.read_text(encoding='utf-8').splitlines()) for path in source.rglob('*.py')
    }
