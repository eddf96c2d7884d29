"""`weld_cell evaluate joint-type`: accuracy of the joint-type classification, compared with the paper and others."""

import argparse
import sys
import time
from collections.abc import Iterable
from typing import Any

import cv2
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from weld_cell.commands.seed import add_seed_argument
from weld_cell.errors import ImageError
from weld_cell.evaluation.image_sets import Protocol
from weld_cell.evaluation.joint_type import evaluate_simulated
from weld_cell.evaluation.joint_type_folder import evaluate_folder
from weld_cell.evaluation.joint_type_report import figures_dict, figures_text, page_values
from weld_cell.evaluation.labelled_stripes import LabelledImage, folder_images
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.trials import JointTypeFigures
from weld_cell.option_types import existing_folder, number, whole_number

EXAMPLES = """Examples:
  weld_cell evaluate joint-type --json out/joint_type.json
  weld_cell evaluate joint-type --draws 5 --report out/evaluation       also a page with pictures
  weld_cell evaluate joint-type --images photos/ --json out/mine.json   your own images, training included

Without --images: the protocol of Zeng et al. 2020 (120 training and 50 test images of each type) on the simulator
with every hard effect at random, in independent draws: five types, six, other sizes and spatter without retraining;
beside it the paper's chain as written and its peers on the same images, and what each group of features brings.

With --images: FOLDER holds a sub-folder for each type (lap, butt, splice, fillet, v, filler_layer), at least two.
Each image is classified by machines trained on no image of its scene: in five folds. Where images show the same
workpiece, sort them as TYPE/SCENE/*.png, or give --scene-length; otherwise each image counts as a scene, neighbours
fall on both sides of a fold, and the accuracy is overestimated. Accuracies in the JSON run from 0 to 1."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    protocol = Protocol()
    parser.add_argument(
        '--images', type=existing_folder, metavar='FOLDER', help='labelled images instead of the simulator'
    )
    parser.add_argument(
        '--scene-length',
        type=whole_number(1),
        default=1,
        metavar='N',
        help='so many successive images of a folder show one scene (default: %(default)d)',
    )
    parser.add_argument(
        '--per-type',
        type=whole_number(2),
        default=protocol.train_per_type,
        help='training images a type (default: %(default)d)',
    )
    parser.add_argument(
        '--test-per-type',
        type=whole_number(1),
        default=protocol.test_per_type,
        help='test images a type (default: %(default)d)',
    )
    parser.add_argument(
        '--draws', type=whole_number(1), default=protocol.draws, help='independent draws (default: %(default)d)'
    )
    parser.add_argument(
        '--hardness',
        type=number(0.0, 1.0),
        default=protocol.hardness,
        help='greatest dial of every effect, 0 to 1 (default: %(default)g)',
    )
    add_seed_argument(parser, protocol.seed, 'of images and folds')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    began = time.perf_counter()
    cv2.setNumThreads(1)
    with threadpool_limits(1):  # the figures are those of one core
        figures = _folder(arguments) if arguments.images else _simulated(arguments)
    print(figures_text(figures), end='')
    content = {**figures_dict(figures), 'conditions': _conditions(arguments)}
    content['seconds'] = round(time.perf_counter() - began, 1)
    values = page_values(figures, arguments.report) if arguments.report else {}
    EvaluationOutput.of(arguments.command_line, content).write(arguments, 'evaluation_joint_type.html.j2', **values)
    return 0


def _simulated(arguments: argparse.Namespace) -> JointTypeFigures:
    protocol = Protocol(
        arguments.per_type, arguments.test_per_type, arguments.draws, arguments.seed, arguments.hardness
    )
    return evaluate_simulated(protocol, _track)


def _folder(arguments: argparse.Namespace) -> JointTypeFigures:
    images = _readable(folder_images(arguments.images, arguments.scene_length))
    if len({image.scene for image in images}) == len(images):
        print(
            'note: each image counts as a scene of its own; images of the same workpiece on both sides of a fold '
            'flatter the figures. Sort them as TYPE/SCENE/*.png.',
            file=sys.stderr,
        )
    return evaluate_folder(images, arguments.seed, _track)


def _readable(images: list[LabelledImage]) -> list[LabelledImage]:
    """The images that are images; the others are named.

    Raises:
        ImageError: not one is.
    """
    good = []
    for image in _track(images, len(images), 'reading'):
        try:
            image.read()
        except ImageError as error:
            print(f'warning: left out: {error}', file=sys.stderr)
            continue
        good.append(image)
    if not good:
        raise ImageError(f'None of the {len(images)} files can be read as an image.', 'Check the files.')
    return good


def _track(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    bar: Iterable[Any] = tqdm(items, total=total, desc=what, unit='chain' if 'learning' in what else 'image')
    return bar


def _conditions(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the figures hold for."""
    if arguments.images:
        return {'images': str(arguments.images), 'scene_length': arguments.scene_length, 'seed': arguments.seed}
    return {name: getattr(arguments, name) for name in ('per_type', 'test_per_type', 'draws', 'seed', 'hardness')}
