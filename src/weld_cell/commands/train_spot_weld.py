"""`weld_cell train spot-weld`: train the network that detects spot welds, on simulated panels."""

import argparse
import shlex
from datetime import date
from pathlib import Path

import numpy as np

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.commands.simulated_images import SimulatedImages
from weld_cell.evaluation.spot_weld_detection import DetectionTally, tally_regions
from weld_cell.models.card import ModelCard, Score, WeightFile
from weld_cell.models.card_files import write_card
from weld_cell.option_types import file_to_write, folder_to_write, jobs, whole_number
from weld_cell.paths import config_file
from weld_cell.spot_weld.regions import SPOT_WELD_REGIONS, NetworkFinder
from weld_cell.training.packages import require_training_packages
from weld_cell.training.samples import Batch
from weld_cell.training.settings import (
    TrainingSettings,
    add_settings_arguments,
    command_words,
    settings_from_arguments,
)

EXAMPLES = """Examples:
  weld_cell train spot-weld --out out/train/spot_weld_regions.onnx --cache out/train/welds
  weld_cell train spot-weld --out out/train/spot_weld_regions.onnx --cache out/train/welds --resume
  weld_cell train spot-weld --images 40 --held-out 8 --test 4 --epochs 3       a quick try
  weld_cell train spot-weld --localisation ciou --out out/train/ciou.onnx      for comparison: plain CIoU
  weld_cell train spot-weld --levels one --out out/train/one.onnx              for comparison: without fusion

Needs torch and onnxscript. Beside the network come its card (.json and .md) and the folder spot_weld_regions.training
with the checkpoint and a log of each epoch. Ctrl-C ends at a checkpoint. What describes the surface of welds needs no
training: see weld_cell spot-weld bank."""
DEFAULTS = TrainingSettings(
    epochs=40, batch=8, rate=3e-3, weight_decay=1e-2, clip_norm=10.0, averaging=0.99, seed=15001
)
SIDE = 160
"""Of the squares that are shown, in pixels of the reduced image."""
PART = 20
"""Images that one process makes at a time."""
SIZE_PX = (728, 544)
"""Of the images to learn from: a quarter of the area camera's, so that there are more panels for the same work."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('--images', type=whole_number(1), default=600, help='simulated images (default: %(default)d)')
    parser.add_argument(
        '--held-out', type=whole_number(1), default=40, help='to watch the training by (default: %(default)d)'
    )
    parser.add_argument(
        '--test', type=whole_number(1), default=12, help='whole images, looked at at the end (default: %(default)d)'
    )
    parser.add_argument('--localisation', choices=('own', 'ciou'), default='own', help='loss of the circles')
    parser.add_argument('--levels', choices=('fused', 'one'), default='fused', help='of the network')
    parser.add_argument('--jobs', type=jobs, default=2, help='processes that make images (default: %(default)d)')
    parser.add_argument(
        '--out',
        type=file_to_write,
        default=Path('out/train/spot_weld_regions.onnx'),
        help='file (default: %(default)s)',
    )
    parser.add_argument('--resume', action='store_true', help='continue from the last checkpoint')
    parser.add_argument(
        '--cache',
        type=folder_to_write,
        metavar='FOLDER',
        help='keep the images here, and read them from there the next time',
    )
    add_settings_arguments(parser, DEFAULTS)


def _sample(rig: Rig, split: str, seed: int, number: int) -> Batch:
    from weld_cell.sim.spot_weld_dataset import cut_rig, panel_image
    from weld_cell.spot_weld.training.region_samples import region_sample

    panel = panel_image(cut_rig(rig, SIZE_PX), split, seed, number)
    circles = [[*weld.centre_px, weld.radius_px] for weld in (*panel.welds, *panel.cut)]
    return region_sample(panel.pixels, np.array(circles).reshape(-1, 3))


def run(arguments: argparse.Namespace) -> int:
    """Train, and write the network with its card.

    Raises:
        TrainingError: a package that training needs is not installed, or there is nothing to go on from.
    """
    require_training_packages()
    from weld_cell.spot_weld.training.region_loss import ciou_localisation, own_localisation
    from weld_cell.spot_weld.training.region_samples import RegionSamples
    from weld_cell.spot_weld.training.region_training import RegionVariant, export_regions, train_regions
    from weld_cell.training.loop import TrainingInterrupted

    settings = settings_from_arguments(arguments, DEFAULTS)
    images = SimulatedImages(_sample, settings.seed, arguments.jobs, arguments.cache, PART)
    learnt, held_out = images.split('train', arguments.images), images.split('held_out', arguments.held_out)
    losses = {'own': own_localisation, 'ciou': ciou_localisation}
    variant = RegionVariant(arguments.levels == 'fused', losses[arguments.localisation])
    folder = arguments.out.with_suffix('.training')
    try:
        trained = train_regions(RegionSamples(learnt, SIDE), held_out, settings, folder, variant, arguments.resume)
    except TrainingInterrupted as interrupted:
        print(f'{interrupted}; continue with: {_command(arguments, settings)} --resume')
        raise
    difference = export_regions(trained.network, arguments.out)
    # The finder reads the card, which holds the scores, which the finder makes: the first card has the loss alone.
    loss = (Score('loss', f'{arguments.held_out} images held out', -trained.score, '', arguments.held_out),)
    write_card(_card(arguments, settings, loss, trained.seconds), arguments.out.parent)
    tally = _tested(arguments.out, settings.seed, arguments.test)
    write_card(_card(arguments, settings, _scores(tally, arguments.test), trained.seconds), arguments.out.parent)
    print(f'{arguments.out}: {tally.summary} in {arguments.test} images of panels that it has not seen')
    print(f'ONNX Runtime and torch differ by {difference:.1e}')
    return 0


def _tested(network: Path, seed: int, count: int) -> DetectionTally:
    from weld_cell.sim.spot_weld_dataset import panel_image

    rig, finder = load_rig(str(config_file('rig.yaml'))), NetworkFinder(network)
    panels = (panel_image(rig, 'test', seed, number) for number in range(count))
    return sum((tally_regions(finder.regions(panel.pixels), panel) for panel in panels), DetectionTally())


def _scores(tally: DetectionTally, count: int) -> tuple[Score, ...]:
    on = f'{count} simulated images of panels apart'
    figures = (
        ('recall', tally.recall, ''),
        ('precision', tally.precision, ''),
        ('mean error of the middle', tally.centre_px, 'px'),
    )
    return tuple(Score(measure, on, value, unit, tally.welds) for measure, value, unit in figures)


def _command(arguments: argparse.Namespace, settings: TrainingSettings) -> str:
    words = ['weld_cell', 'train', 'spot-weld', '--images', str(arguments.images)]
    words += ['--held-out', str(arguments.held_out), '--test', str(arguments.test)]
    words += ['--localisation', arguments.localisation, '--levels', arguments.levels]
    words += ['--cache', str(arguments.cache)] if arguments.cache else []
    return shlex.join([*words, *command_words(settings, DEFAULTS), '--out', str(arguments.out)])


def _card(
    arguments: argparse.Namespace, settings: TrainingSettings, scores: tuple[Score, ...], training_s: float
) -> ModelCard:
    return ModelCard(
        name=arguments.out.stem,
        title='Network that finds spot welds',
        summary='It gives the circles of resistance spot welds in an image of the area camera at half its size, good '
        'and defective ones alike, and passes over holes, bolts and stamps.',
        kind=SPOT_WELD_REGIONS.name,
        version=SPOT_WELD_REGIONS.version,
        date=date.today().isoformat(),
        data=f'{arguments.images} simulated images of {SIZE_PX[0]} x {SIZE_PX[1]} pixels, each of a panel of its own '
        '(weld_cell.sim.spot_weld_dataset): welds of 20 to 80 pixels, of all defects, under a lamp on any side',
        seeds=(settings.seed,),
        split=f'by panel: {arguments.images} images to learn from, {arguments.held_out} to watch the training by, '
        f'{arguments.test} whole ones looked at once, at the end; the evaluation draws others by another seed',
        method=(
            f'{settings.epochs} epochs of squares of {SIDE} pixels, turned, mirrored and lit otherwise each time',
            f'Levels: {arguments.levels}. Loss: focal heat and the {arguments.localisation} localisation loss',
            'AdamW, one cycle of the learning rate, moving average of the weights',
        ),
        training_s=training_s,
        command=_command(arguments, settings),
        scores=scores,
        confusions=(),
        limits=(
            'It has seen simulated images only, never a photograph.',
            'Welds smaller than 20 or larger than 80 pixels: resample the image, or use the classical finder.',
        ),
        weights=WeightFile.of(arguments.out),
        inputs=SPOT_WELD_REGIONS.inputs,
        outputs=SPOT_WELD_REGIONS.outputs,
    )
