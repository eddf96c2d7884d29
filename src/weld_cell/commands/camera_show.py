"""`weld_cell camera show`: list the features of a GigE Vision camera with their ranges."""

import argparse
import contextlib
import dataclasses
import json

from weld_cell.commands.printing import table
from weld_cell.devices.gige_features import Feature
from weld_cell.devices.gige_vision import GigeVisionCamera
from weld_cell.errors import DeviceFeatureError

EXAMPLES = """Examples:
  weld_cell camera show
  weld_cell camera show 192.168.10.12 --match Trigger
  weld_cell camera show 50-0536999 --all --json

Names and values as they go below `features:` in cell.yaml. The registers behind the features are left out; --all has
them too. RO: can be read, RW: set as well, WO: a command. Exit code 1 if no feature is found."""
_HEADS = ['feature', 'value', 'access', 'range']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        'source', nargs='?', default='', help='address, serial number or name (default: the first one found)'
    )
    parser.add_argument('--match', default='', metavar='TEXT', help='only features whose name has this in it')
    parser.add_argument('--all', action='store_true', help='the registers behind the features too')
    parser.add_argument('--json', action='store_true', help='print JSON')


def run(arguments: argparse.Namespace) -> int:
    """Show the features."""
    camera = GigeVisionCamera(arguments.source, 1.0, {}, 'off', lambda: 0)
    features = [f for f in camera.read_features(arguments.all) if arguments.match.lower() in f.name.lower()]
    if arguments.json:
        print(json.dumps({'camera': camera.name, 'features': [_plain(feature) for feature in features]}, indent=1))
        return 0 if features else 1
    if not features:
        raise DeviceFeatureError(
            f'{camera.name} has no feature with {arguments.match!r} in its name.',
            'Name a part of it, or leave --match out; --all also searches the registers behind the features.',
        )
    print(camera.name)
    with contextlib.suppress(BrokenPipeError):  # of `| head`
        print(table(_HEADS, [_row(feature) for feature in features]))
    return 0


def _row(feature: Feature) -> list[str]:
    value = f'{feature.value:g}' if isinstance(feature.value, float) else str(feature.value)
    return [feature.name, value or '-', feature.access, feature.range_text]


def _plain(feature: Feature) -> dict[str, object]:
    return {name: value for name, value in dataclasses.asdict(feature).items() if value not in (None, ())}
