"""`weld_cell compare`: compare two settings, models or runs over the same bags."""

import argparse
from pathlib import Path

from weld_cell.commands.replay_options import add_replay_options
from weld_cell.errors import ConfigurationError
from weld_cell.farm.sources import require_there
from weld_cell.models.loader import find_model
from weld_cell.option_types import folder_to_write, number, whole_number

EXAMPLES = """Examples:
  weld_cell compare config/cell.yaml new.yaml recordings            two settings
  weld_cell compare joint_type my_model.npz recordings/*            two models of the joint type
  weld_cell compare out/november out/november_new                   two runs of "weld_cell replay" over many bags
  weld_cell compare old.yaml new.yaml s3://plant/line_2 --scheduler tcp://10.0.0.5:8786 --tolerance-mm 0.05

A and B are parameter files, models (a shipped name, a weight file or its card), or result folders. Of settings and
models both are run over the bags, A into DIR/a and B into DIR/b; finished bags are not done again. A bag is reported
if its verdict or joint type changed, if it is newly refused or newly found, or if its path moved by more than the
tolerance anywhere, its ends included: index.html with pictures of those that differ most, differences.csv,
comparison.json.

Exit code 0 if nothing differs, 1 if anything does, or cannot be compared."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('a', metavar='A', help='parameter file, model or result folder')
    parser.add_argument('b', metavar='B', help='the same, to be compared with it')
    parser.add_argument('bag', nargs='*', help='bags as of "weld_cell replay"; none for result folders')
    parser.add_argument(
        '--out', type=folder_to_write, default=Path('out/compare'), help='result folder (default: %(default)s)'
    )
    parser.add_argument(
        '--tolerance-mm',
        type=number(0.0, unit='mm'),
        default=0.1,
        metavar='MM',
        help='paths that are nowhere further apart are the same (default: %(default)s)',
    )
    parser.add_argument(
        '--pictures', type=whole_number(0), default=12, metavar='N', help='draw at most N bags (default: %(default)s)'
    )
    add_replay_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare; returns 1 where something differs."""
    for word in (arguments.a, arguments.b):
        _require(word)
    require_there(arguments.bag)
    from weld_cell.commands.compare_runs import run_comparison  # seconds; what is missing is reported before

    return run_comparison(arguments)


def _require(word: str) -> None:
    """Refuse a word that names nothing."""
    path = Path(word)
    if path.exists():
        return
    if path.suffix or len(path.parts) > 1:
        raise ConfigurationError(
            f'{word}: there is no such file or folder.', 'Name a parameter file, a model, or a result folder.'
        )
    find_model(word)
