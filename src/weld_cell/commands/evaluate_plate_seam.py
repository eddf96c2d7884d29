"""`weld_cell evaluate plate-seam`: localisation and measurement of plate seams, compared with the paper."""

import argparse
from typing import Any

from tqdm import tqdm

from weld_cell.commands.seed import add_seed_argument
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.plate_seam import KINDS, PlateSeamSize, evaluate_plate_seam
from weld_cell.evaluation.plate_seam_timing import size_of_network, timing
from weld_cell.option_types import jobs, whole_number
from weld_cell.training.packages import require_training_packages

EXAMPLES = """Examples:
  weld_cell evaluate plate-seam --json out/plate_seam.json --report out/plate_seam
  weld_cell evaluate plate-seam --detection 40 --straight 5 --curved 5 --glare 5      a quick look

mAP50, precision and recall on images that the network has not seen; the path of straight and curved seams against
the truth, from the image to millimetres; the same beside a burning arc under smoke; and the time of an image, beside
plain torch with plain OpenCV. Needs torch, for that peer and to count the network's size. Exit code 1 if every seam
was refused."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    size = PlateSeamSize()
    words = {'detection': 'images to locate seams in', 'straight': 'straight seams', 'curved': 'curved seams'}
    words['glare'] = 'seams under smoke beside an arc'
    for name, what in words.items():
        parser.add_argument(
            f'--{name}', type=whole_number(1), default=getattr(size, name), help=f'{what} (default: %(default)d)'
        )
    parser.add_argument('--jobs', type=jobs, default=2, help='processes (default: %(default)d)')
    add_seed_argument(parser, 14001, 'of the scenes')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    require_training_packages()
    size = PlateSeamSize(arguments.detection, arguments.straight, arguments.curved, arguments.glare)
    with tqdm(total=size.total, unit='image') as bar:
        figures = evaluate_plate_seam(size, arguments.seed, arguments.jobs, bar.update)
    figures = figures | timing(arguments.seed) | size_of_network()
    print(table(figures), end='')
    EvaluationOutput.of(arguments.command_line, figures).write(arguments)
    return 0 if any(figures['paths'][kind]['told'] for kind in KINDS) else 1


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    ms, glare = figures['ms_per_image'], figures['glare']
    lines = [
        f'mAP50 {figures["map50"]}, precision {figures["precision"]}, recall {figures["recall"]} '
        f'of {figures["true_seams"]} seams in {figures["images"]["detection"]} images',
        f'{"seams":<10}{"told":>8}{"mean mm":>10}{"worst mm":>10}{"over 1 mm":>11}  refused',
    ]
    for kind in KINDS:
        told = figures['paths'][kind]
        mean = figures.get(f'mae_mm_{kind}', '')
        worst = figures.get(f'max_mm_{kind}', glare['worst_mm'])
        refused = ', '.join(f'{count} {reason}' for reason, count in told['refusals'].items())
        lines.append(
            f'{kind:<10}{told["told"]:>4}/{told["of"]:<3}{mean!s:>10}{worst!s:>10}{told["wrong"]:>11}  {refused}'
        )
    steps = ', '.join(f'{name} {value}' for name, value in figures['ms_of_steps'].items())
    lines += [
        f'mean within 0.15 mm beside the arc: {100 * glare["share_ok"]:.1f} %, every point: '
        f'{100 * glare["share_every_point_ok"]:.1f} %',
        f'ms an image: {ms["threads_1"]} on one thread, {ms["threads_2"]} on two, '
        f'plain torch and OpenCV {ms["plain"]} ({steps})',
        f'network: {figures["parameters_m"]} M parameters, {figures["gflops"]} GFLOPs at 640 px, '
        f'{figures["file_mb"]} MB',
    ]
    return '\n'.join(lines) + '\n'
