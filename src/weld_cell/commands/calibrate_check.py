"""`weld_cell calibrate check`: test the laser sensor's calibration with scans of a known step."""

import argparse
from pathlib import Path
from typing import Any

from weld_cell.calibration.scans.check import HOLDS_MM, LEAST_TILT_DEG, StepCheck, check_step
from weld_cell.commands.calibrate_options import write_json
from weld_cell.commands.recorded_views import add_source_arguments
from weld_cell.commands.scan_options import add_colour_argument, believed, rig_sensor, scanned_stripes
from weld_cell.option_types import above_zero, file_to_write, number
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell calibrate check photos/ --height-mm 10 --rig ~/cell/rig.yaml
  weld_cell calibrate check a_bag --height-mm 10 --most-mm 0.3 --json check.json

A machined step (two parallel faces, a straight edge) lies anywhere in reach. Five or more images with poses, the
stripe across the edge, the hand tilted by 20 degrees to each side: the laser plane shows in the height of the step,
the hand-eye in how far the step seems to jump when the hand turns. Nothing is written into the rig file.

Exit code 0 if the calibration holds, 3 if it does not; 1 if it cannot be checked."""
BROKEN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_source_arguments(parser)
    parser.add_argument(
        '--height-mm', type=number(0.5, 500.0, 'mm'), required=True, metavar='MM', help='of the step, measured'
    )
    parser.add_argument(
        '--most-mm',
        type=above_zero('mm'),
        default=HOLDS_MM,
        metavar='MM',
        help='what may be off (default: %(default)g)',
    )
    add_colour_argument(parser)
    parser.add_argument(
        '--rig', type=Path, metavar='FILE', help='rig file that is checked (default: the installed one)'
    )
    parser.add_argument('--json', type=file_to_write, metavar='FILE', help='write the result to this file')


def run(arguments: argparse.Namespace) -> int:
    """Check, print, and write what was asked for.

    Raises:
        WeldCellError: it cannot be checked, or the JSON cannot be written.
    """
    sensor, height_m = rig_sensor(arguments), 1e-3 * arguments.height_mm
    stripes, _, missed = scanned_stripes(arguments, sensor, 'step', height_m)
    result = check_step(stripes, believed(sensor), height_m, arguments.most_mm)
    print(_text(result, missed), end='')
    write_json(arguments.json, _content(result, missed))
    return 0 if result.holds else BROKEN


def _content(result: StepCheck, missed: list[str]) -> dict[str, Any]:
    return {
        'holds': result.holds,
        'off_mm': result.off_mm,
        'height_off_mm': result.height_off_mm,
        'height_deviation_mm': result.height_deviation_mm,
        'height_differs': result.height_differs,
        'surface_off_mm': result.surface_off_mm,
        'edge_off_mm': result.edge_off_mm,
        'hand_eye_is_tested': result.hand_eye_is_tested,
        'views': len(result.names),
        'missed': missed,
    }


def _text(result: StepCheck, missed: list[str]) -> str:
    lines = [f'left out: {why}' for why in missed]
    lines += [
        f'height of the step: {result.known_mm + result.height_off_mm:.3f} mm seen, {result.known_mm:g} mm known: '
        f'{result.height_off_mm:+.3f} mm',
        f'the surface jumps by {result.surface_off_mm:.3f} mm (RMS) from view to view, the edge by '
        f'{result.edge_off_mm:.3f} mm',
    ]
    if result.height_differs:
        lines.append(
            f'The height differs by {100 * result.height_off_mm / result.known_mm:+.1f} % (+- '
            f'{100 * result.height_deviation_mm / result.known_mm:.1f}), beyond chance: measure the step again; '
            'if it is right, laser plane or intrinsics are off by that share.'
        )
    if not result.hand_eye_is_tested:
        lines.append(
            f'The views are tilted by {result.tilt_deg:.1f} degrees at most between them: only the laser plane was '
            f'tested. Tilt the hand by {LEAST_TILT_DEG:g} degrees or more to test the hand-eye.'
        )
    verdict = 'holds' if result.holds else 'does not hold: calibrate again (calibrate scans, or hand-eye)'
    lines.append(
        f'{counted(len(result.names), "view")}: off by {result.off_mm:.3f} of {result.most_mm:g} mm; {verdict}'
    )
    return '\n'.join(lines) + '\n'
