"""`weld_cell camera list`: list the GigE Vision cameras on the network."""

import argparse
import dataclasses
import json

from weld_cell.commands.camera_options import seconds
from weld_cell.commands.printing import table
from weld_cell.devices.gige_finding import FoundCamera, find_cameras, our_networks, why_not_to_be_opened
from weld_cell.errors import DeviceNotFoundError

EXAMPLES = """Examples:
  weld_cell camera list
  weld_cell camera list --timeout 2 --json

Every network interface that is up is asked, so that a camera is found whose address fits none of them; it cannot be
opened before it does. Exit code 1 if no camera answers."""
_HEADS = ['address', 'model', 'serial', 'name', 'MAC', 'state']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--timeout', type=seconds, default=0.5, metavar='S', help='for answers (default: %(default)s)'
    )
    parser.add_argument('--json', action='store_true', help='print JSON')


def run(arguments: argparse.Namespace) -> int:
    """List the cameras."""
    found = [(camera, _state(camera)) for camera in find_cameras(arguments.timeout)]
    if arguments.json:
        print(json.dumps([dataclasses.asdict(camera) | {'state': state} for camera, state in found], indent=1))
        return 0 if found else 1
    if not found:
        raise DeviceNotFoundError(
            f'No GigE Vision camera answers on {our_networks()}.',
            'Check power and cable, and that a firewall lets UDP port 3956 through; a longer --timeout.',
        )
    rows = [[c.address, f'{c.vendor} {c.model}', c.serial, c.user_name or '-', c.mac, state] for c, state in found]
    print(table(_HEADS, rows))
    return 0


def _state(camera: FoundCamera) -> str:
    if not camera.reachable:
        return f'in another subnet ({camera.subnet_mask}) than {our_networks()}'
    refusal = why_not_to_be_opened(camera.address)
    return 'free' if refusal is None else refusal.message
