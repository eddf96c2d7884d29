"""`weld_cell models`: list, describe and verify the trained models."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from weld_cell.errors import ModelError
from weld_cell.model_openers import open_model
from weld_cell.models.card import ModelCard, card_path, read_card
from weld_cell.models.card_files import card_markdown
from weld_cell.models.loader import cards_in, check_weights, find_model
from weld_cell.paths import model_file

EXAMPLES = """Examples:
  weld_cell models list                          the shipped ones
  weld_cell models list out/train                those of a folder
  weld_cell models show stripe_net
  weld_cell models check                         exit code 1 if a shipped one is damaged
  weld_cell models check out/train/my_model.npz"""
_COLUMNS = ('name', 'kind', 'format', 'date', 'kB', 'score', 'weights')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    commands = parser.add_subparsers(required=True, metavar='COMMAND', dest='models_command')
    listing = commands.add_parser('list', help='a line for each model')
    listing.add_argument('folder', nargs='?', type=Path, help='of weights and cards (default: the shipped ones)')
    listing.set_defaults(models_run=_list)
    show = commands.add_parser('show', help='the card of a model')
    show.add_argument('name', help='of a shipped model, or the path of a model or card')
    show.set_defaults(models_run=_show)
    check = commands.add_parser('check', help='open models and say what is wrong with them')
    check.add_argument('paths', nargs='*', metavar='PATH', help='models, cards or names (default: the shipped ones)')
    check.set_defaults(models_run=_check)
    for command in (listing, show, check):
        command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EXAMPLES


def run(arguments: argparse.Namespace) -> int:
    """List, show or check.

    Raises:
        ModelError: there is no such model, or its card is damaged.
    """
    return int(arguments.models_run(arguments))


def _list(arguments: argparse.Namespace) -> int:
    folder = arguments.folder or model_file('')
    cards = cards_in(folder)
    if not cards:
        raise ModelError(f'{folder}: no model cards (.json).', 'Name a folder of trained models.')
    rows: list[tuple[str, ...]] = [_COLUMNS]
    wrong = 0
    for path in cards:
        try:
            rows.append(_row(folder, read_card(path)))
        except ModelError as error:
            wrong += 1
            print(f'weld_cell: {error}', file=sys.stderr)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print('  '.join(f'{text:<{width}}' for text, width in zip(row, widths, strict=True)).rstrip())
    return 1 if wrong else 0


def _row(folder: Path, card: ModelCard) -> tuple[str, ...]:
    try:
        check_weights(folder / card.weights.file)
        state = 'ok'
    except ModelError as error:
        state = error.message
    score = card.main_score
    kilobytes = f'{card.weights.bytes / 1000:.0f}'
    return card.name, card.kind, str(card.version), card.date, kilobytes, f'{score} {score.measure}', state


def _show(arguments: argparse.Namespace) -> int:
    print(card_markdown(read_card(card_path(find_model(arguments.name)))), end='')
    return 0


def _check(arguments: argparse.Namespace) -> int:
    names: Iterable[str] = arguments.paths or [str(path) for path in cards_in(model_file(''))]
    wrong = 0
    for name in names:
        try:
            path = find_model(name)
            open_model(path)
            print(f'{path}: ok')
        except ModelError as error:
            wrong += 1
            print(error)
    return 1 if wrong else 0
