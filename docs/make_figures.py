"""Makes docs/figures.md and the README's table: runs every measurement, keeps its JSON in docs/figures/.

    .venv/bin/python docs/make_figures.py                      everything, about 20 minutes on a quiet machine
    .venv/bin/python docs/make_figures.py --only seam replay   some of it again, the rest as it was
    .venv/bin/python docs/make_figures.py --tables             the tables alone

What is measured is declared in src/weld_cell/evaluation/measurements/, and no measured number is typed in.
"""

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weld_cell.evaluation.figures import Measurement, measured
from weld_cell.evaluation.measurements import MEASUREMENTS
from weld_cell.templating import render

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PAGE, README, KEPT = DOCS / 'figures.md', ROOT / 'README.md', DOCS / 'figures'
BEGIN, END = '<!-- figures, by docs/make_figures.py -->', '<!-- end of figures -->'


def main() -> int:
    """Measure, then write the page and the README's table."""
    arguments = _arguments()
    KEPT.mkdir(exist_ok=True)
    failed = [measurement.name for measurement in _chosen(arguments) if not measure(measurement)]
    found = kept_results()
    PAGE.write_text(page(found), encoding='utf-8')
    README.write_text(with_table(README.read_text(encoding='utf-8'), found), encoding='utf-8')
    print(f'docs/figures.md and README.md from {", ".join(found) or "nothing"}')
    if failed:
        print(f'failed: {", ".join(failed)}', file=sys.stderr)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [measurement.name for measurement in MEASUREMENTS]
    parser.add_argument('--only', nargs='+', choices=names, metavar='NAME', help=', '.join(names))
    parser.add_argument('--tables', action='store_true', help='measure nothing')
    return parser.parse_args()


def _chosen(arguments: argparse.Namespace) -> list[Measurement]:
    if arguments.tables:
        return []
    if arguments.only:
        return [measurement for measurement in MEASUREMENTS if measurement.name in arguments.only]
    return [measurement for measurement in MEASUREMENTS if not measurement.slow]


def measure(measurement: Measurement) -> bool:
    """Run a measurement in the repository's root and keep its JSON; whether it went well."""
    kept = KEPT / f'{measurement.name}.json'
    words = shlex.split(measurement.command)
    words[0] = str(Path(sys.executable).parent / words[0])
    print(f'$ {measurement.command}', flush=True)
    if not measurement.writes:
        return subprocess.run([*words, '--json', str(kept)], cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0
    done, written = subprocess.run(words, cwd=ROOT), ROOT / measurement.writes
    if written.exists():
        kept.write_text(written.read_text(encoding='utf-8'), encoding='utf-8')
    return done.returncode == 0


def kept_results() -> dict[str, Any]:
    """The JSON of each measurement that has been made, by its name."""
    files = {measurement.name: KEPT / f'{measurement.name}.json' for measurement in MEASUREMENTS}
    return {name: json.loads(file.read_text(encoding='utf-8')) for name, file in files.items() if file.exists()}


def page(found: Mapping[str, Any]) -> str:
    """docs/figures.md from the JSON of the measurements."""
    return render('figures.md.j2', **_values(found))


def with_table(readme: str, found: Mapping[str, Any]) -> str:
    """The README with its table made anew.

    Args:
        readme: Its text, with the marks BEGIN and END.
        found: JSON of the measurements by name.

    Raises:
        ValueError: a mark is missing.
    """
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f'{before}{BEGIN}\n{render("readme_figures.md.j2", **_values(found))}{END}{after}'


def _values(found: Mapping[str, Any]) -> dict[str, Any]:
    sections = [(own, measured(own, found[own.name]), found[own.name]) for own in MEASUREMENTS if own.name in found]
    return {'sections': sections, 'all_figures': [figure for _, figures, _ in sections for figure in figures]}


if __name__ == '__main__':
    sys.exit(main())
