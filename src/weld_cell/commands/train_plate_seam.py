"""`weld_cell train plate-seam`: train the network that locates plate seams, on simulated images or photographs."""

import argparse
import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from weld_cell.calibration.rig import Rig
from weld_cell.commands.simulated_images import SimulatedImages
from weld_cell.models.card import ModelCard, Score, WeightFile
from weld_cell.models.card_files import write_card
from weld_cell.option_types import existing_folder, file_to_write, folder_to_write, jobs, whole_number
from weld_cell.plate_seam.locate import PLATE_SEAM_NET
from weld_cell.training.detection import DetectionScores
from weld_cell.training.packages import require_training_packages
from weld_cell.training.samples import Batch
from weld_cell.training.settings import (
    TrainingSettings,
    add_settings_arguments,
    command_words,
    settings_from_arguments,
)

if TYPE_CHECKING:
    from weld_cell.plate_seam.training.seam_training import SeamData

EXAMPLES = """Examples:
  weld_cell train plate-seam --out out/train/plate_seam_net.onnx --cache out/train/plates
  weld_cell train plate-seam --out out/train/plate_seam_net.onnx --cache out/train/plates --resume
  weld_cell train plate-seam --photos my_photos            your own, labelled as YOLO text or COCO, instead
  weld_cell train plate-seam --photos my_photos --begin-with plate_seam_net   from the shipped weights
  weld_cell train plate-seam --begin-with out/train/plate_seam_net.training --out out/train/longer.onnx
  weld_cell train plate-seam --images 200 --held-out 50 --test 50 --epochs 3       a quick try

Needs torch and onnxscript. Beside the network come its card (.json and .md) and the folder plate_seam_net.training
with the checkpoint and a log of each epoch. Ctrl-C ends at a checkpoint."""
DEFAULTS = TrainingSettings(
    epochs=40, batch=16, rate=2e-3, weight_decay=1e-2, clip_norm=10.0, averaging=0.998, patience=12, seed=14001
)
PART = 50
"""Images that one process makes at a time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--images', type=whole_number(1), default=2600, help='simulated images (default: %(default)d)'
    )
    parser.add_argument(
        '--held-out', type=whole_number(1), default=400, help='to choose the weights by (default: %(default)d)'
    )
    parser.add_argument(
        '--test', type=whole_number(1), default=400, help='looked at once, at the end (default: %(default)d)'
    )
    parser.add_argument(
        '--photos',
        type=existing_folder,
        metavar='FOLDER',
        help='learn from these photographs, with YOLO or COCO labels, instead',
    )
    parser.add_argument('--jobs', type=jobs, default=2, help='processes that make images (default: %(default)d)')
    parser.add_argument(
        '--out', type=file_to_write, default=Path('out/train/plate_seam_net.onnx'), help='file (default: %(default)s)'
    )
    parser.add_argument(
        '--begin-with',
        default='',
        metavar='WEIGHTS',
        help='not with random weights: with those of an earlier training (its .training folder or its .onnx), or of '
        'a shipped network by its name',
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
    from weld_cell.plate_seam.training.samples import seam_sample
    from weld_cell.sim.plate_dataset import plate_image

    image = plate_image(rig, split, seed, number)
    return seam_sample(image.pixels, image.boxes_xyxy)


def run(arguments: argparse.Namespace) -> int:
    """Train, and write the network with its card.

    Raises:
        TrainingError: a package that training needs is not installed, there is nothing to go on from, or the labels
            of photographs are not sound.
    """
    require_training_packages()
    from weld_cell.plate_seam.training.seam_training import export_net, score_network, train_net
    from weld_cell.training.loop import TrainingInterrupted

    settings = settings_from_arguments(arguments, DEFAULTS)
    data, folder = _data(arguments, settings.seed), arguments.out.with_suffix('.training')
    try:
        trained = train_net(data, settings, folder, arguments.resume, begin_with=arguments.begin_with)
    except TrainingInterrupted as interrupted:
        print(f'{interrupted}; continue with: {_command(arguments, settings)} --resume')
        raise
    difference = export_net(trained.network, arguments.out)
    scores = score_network(trained.network, data.test)
    card = _card(arguments, settings, data, scores, trained.seconds)
    write_card(card, arguments.out.parent)
    print(
        f'{arguments.out}: mAP50 {scores.map50:.4f}, precision {scores.precision:.4f}, recall {scores.recall:.4f} on '
        f'{len(data.test["count"])} images of scenes that it has not seen'
    )
    print(f'ONNX Runtime and torch differ by {difference:.1e}')
    return 0


def _data(arguments: argparse.Namespace, seed: int) -> 'SeamData':
    from weld_cell.plate_seam.training.photos import photo_samples
    from weld_cell.plate_seam.training.seam_training import SeamData

    if arguments.photos:
        return photo_samples(arguments.photos, seed)
    images = SimulatedImages(_sample, seed, arguments.jobs, arguments.cache, PART)
    counts = {'train': arguments.images, 'held_out': arguments.held_out, 'test': arguments.test}
    return SeamData(**{split: images.split(split, count) for split, count in counts.items()})


def _command(arguments: argparse.Namespace, settings: TrainingSettings) -> str:
    words = ['weld_cell', 'train', 'plate-seam']
    if arguments.photos:
        words += ['--photos', str(arguments.photos)]
    else:
        words += ['--images', str(arguments.images), '--held-out', str(arguments.held_out)]
        words += ['--test', str(arguments.test)]
    words += ['--begin-with', arguments.begin_with] if arguments.begin_with else []
    words += ['--cache', str(arguments.cache)] if arguments.cache else []
    return shlex.join([*words, *command_words(settings, DEFAULTS), '--out', str(arguments.out)])


def _card(
    arguments: argparse.Namespace,
    settings: TrainingSettings,
    data: 'SeamData',
    scores: DetectionScores,
    training_s: float,
) -> ModelCard:
    photos = arguments.photos is not None
    source = f'photographs of the folder {arguments.photos.name}' if photos else 'simulated images of scenes apart'
    counts = {name: len(getattr(data, name)['count']) for name in ('train', 'held_out', 'test')}
    on = f'{counts["test"]} {source}'
    figures = (
        ('mAP50', scores.map50),
        ('precision at the best F1', scores.precision),
        ('recall at the best F1', scores.recall),
        ('score at the best F1', scores.threshold),
    )
    return ModelCard(
        name=arguments.out.stem,
        title='Network that locates plate seams',
        summary='It gives boxes about the seams between clamped plates in an image of the area camera, reduced to '
        'a fifth. What lies in a box is traced by the classical steps (`weld_cell.plate_seam`).',
        kind=PLATE_SEAM_NET.name,
        version=PLATE_SEAM_NET.version,
        date=date.today().isoformat(),
        data=f'{counts["train"]} {source}'
        + ('' if photos else ' (weld_cell.sim.plate_dataset): cameras 0.25 to 1.15 times as far as the rig has it'),
        seeds=(settings.seed,),
        split=f'by scene: {counts["train"]} images to learn from, {counts["held_out"]} to choose the weights by, '
        f'{counts["test"]} looked at once, at the end',
        method=(
            f'Shuffle-YOLOv8 of {settings.epochs} epochs at most, images mirrored and lit otherwise each time',
            'AdamW, one cycle of the learning rate, moving average of the weights',
            *((f'Begun with the weights of {arguments.begin_with}',) if arguments.begin_with else ()),
        ),
        training_s=training_s,
        command=_command(arguments, settings),
        scores=tuple(Score(measure, on, value, '', counts['test']) for measure, value in figures),
        confusions=(),
        limits=(
            'Seams between plates that lie, seen from above; no tubes, no corners.',
            *(() if photos else ('It has seen simulated images only, never a photograph.',)),
        ),
        weights=WeightFile.of(arguments.out),
        inputs=PLATE_SEAM_NET.inputs,
        outputs=PLATE_SEAM_NET.outputs,
    )
