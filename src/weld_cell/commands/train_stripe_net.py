"""`weld_cell train stripe-net`: train the network behind the joint-type features, on simulated images."""

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from weld_cell.errors import WeldCellError
from weld_cell.joint_type.stripe_net import STRIPE_NET
from weld_cell.joint_type.stripe_pictures import STRETCH_ACROSS, STRETCH_ALONG, StripePictures, stripe_pictures
from weld_cell.models.card import ModelCard, Score, WeightFile
from weld_cell.models.card_files import write_card
from weld_cell.option_types import file_to_write, folder_to_write, jobs, whole_number
from weld_cell.records import JointType, StripeProfile
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe
from weld_cell.training.cache import kept_samples
from weld_cell.training.packages import require_training_packages
from weld_cell.training.samples import Batch
from weld_cell.training.settings import (
    TrainingSettings,
    add_settings_arguments,
    command_words,
    settings_from_arguments,
)

EXAMPLES = """Examples:
  weld_cell train stripe-net --out out/train/stripe_net.onnx
  weld_cell train stripe-net --out out/train/stripe_net.onnx --resume
  weld_cell train stripe-net --per-type 500 --epochs 4       a quick try

Needs torch and onnxscript. Beside the network come its card (.json and .md) and the folder stripe_net.training with
the checkpoint and a log of each epoch. Ctrl-C ends at a checkpoint. Train the joint type's model again after it: its
features change."""
DEFAULTS = TrainingSettings(epochs=14, batch=128, rate=5e-3, seed=7001)
IMAGES_PER_SCENE = 2
PART = 500
"""Images that one process makes at a time, with a seed of their own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--per-type', type=whole_number(1), default=12000, help='images of each type (default: %(default)d)'
    )
    parser.add_argument('--jobs', type=jobs, default=2, help='processes that make images (default: %(default)d)')
    parser.add_argument(
        '--out', type=file_to_write, default=Path('out/train/stripe_net.onnx'), help='file (default: %(default)s)'
    )
    parser.add_argument('--resume', action='store_true', help='continue from the last checkpoint')
    parser.add_argument(
        '--cache',
        type=folder_to_write,
        metavar='FOLDER',
        help='keep the pictures made of the images here, and read them from there the next time',
    )
    add_settings_arguments(parser, DEFAULTS, {'epochs': '--rounds'})


def run(arguments: argparse.Namespace) -> int:
    """Train, and write the network with its card.

    Raises:
        TrainingError: a package that training needs is not installed, or there is nothing to go on from.
    """
    require_training_packages()
    from weld_cell.joint_type.stripe_net_training import export_net, split_pictures, train_net
    from weld_cell.training.loop import TrainingInterrupted

    settings = settings_from_arguments(arguments, DEFAULTS)
    pictures = _pictures(arguments)
    folder = arguments.out.with_suffix('.training')
    try:
        trained = train_net(pictures, settings, folder, arguments.resume)
    except TrainingInterrupted as interrupted:
        print(f'{interrupted}; continue with: {_command(arguments, settings)} --resume')
        raise
    difference = export_net(trained.network, arguments.out)
    held_out = len(split_pictures(pictures, settings).held_out)
    score = Score(
        'told rightly by the network alone', 'stripes of scenes held out', 100 * trained.score, '%', held_out
    )
    write_card(
        stripe_net_card(
            arguments.out,
            _command(arguments, settings),
            settings,
            arguments.per_type,
            len(pictures.labels),
            score,
            trained.seconds,
        ),
        arguments.out.parent,
    )
    print(f'{arguments.out}: {len(pictures.labels)} stripes, {score} of {held_out} held out told rightly')
    print(f'ONNX Runtime and torch differ by {difference:.1e}')
    return 0


def _command(arguments: argparse.Namespace, settings: TrainingSettings) -> str:
    words = ['weld_cell', 'train', 'stripe-net', '--per-type', str(arguments.per_type)]
    words += ['--cache', str(arguments.cache)] if arguments.cache else []
    return shlex.join([*words, *command_words(settings, DEFAULTS), '--out', str(arguments.out)])


def _pictures(arguments: argparse.Namespace) -> StripePictures:
    """Pictures of simulated images of the split 'train', made in several processes or read from the cache."""
    recipe = {'per_type': arguments.per_type, 'seed': arguments.seed, 'sampler': asdict(_sampler())}
    recipe |= {'stretch_across': STRETCH_ACROSS, 'stretch_along': STRETCH_ALONG}
    made = kept_samples(arguments.cache, recipe, lambda: _parts(arguments.per_type, arguments.seed, arguments.jobs))
    return StripePictures(**made)


def _parts(per_type: int, seed: int, jobs: int) -> Iterator[Batch]:
    parts = [
        (joint_type, seed + number, min(PART, per_type - PART * number))
        for joint_type in JointType
        for number in range(-(-per_type // PART))
    ]
    made = Parallel(n_jobs=jobs, return_as='generator')(
        delayed(_part)(number, *part) for number, part in enumerate(parts)
    )
    for part in tqdm(made, total=len(parts), desc='images', unit=f'{PART} images'):
        yield {'light': part.light, 'labels': part.labels, 'scenes': part.scenes}


def _part(number: int, joint_type: JointType, seed: int, count: int) -> StripePictures:
    return stripe_pictures(_samples(number, joint_type, seed, count), np.random.default_rng((seed, number)))


def _sampler() -> SamplerSettings:
    return SamplerSettings(images_per_scene=IMAGES_PER_SCENE)


def _samples(
    number: int, joint_type: JointType, seed: int, count: int
) -> Iterator[tuple[StripeProfile, JointType, int]]:
    """Profile, type and scene of simulated images; those without a stripe are left out."""
    images = labelled_images(joint_type, count, seed=seed, split='train', settings=_sampler())
    for image_number, image in enumerate(images):
        try:
            profile = extract_stripe(image.pixels, StripeSettings())
        except WeldCellError:
            continue
        yield profile, joint_type, number * PART + image_number // IMAGES_PER_SCENE


def _factors(limits: tuple[float, float]) -> str:
    return f'{limits[0]:g} to {limits[1]:g}'


def stripe_net_card(
    weights: Path,
    command: str,
    settings: TrainingSettings,
    per_type: int,
    stripes: int,
    score: Score,
    training_s: float | None,
    made: str | None = None,
) -> ModelCard:
    """The card of a network.

    Args:
        weights: Its file, which is there.
        command: Makes it again.
        settings: How it was trained.
        per_type: Images of each type.
        stripes: That were found in them, the stretched ones included.
        score: On what was held out.
        training_s: How long it took; None where it was not recorded.
        made: Date, ISO 8601; None: today.
    """
    return ModelCard(
        name=weights.stem,
        title='Network over the straightened stripe',
        summary='It says of a whole stripe how likely each joint type is. Its answers are features of the joint type '
        '(`weld_cell.joint_type.stripe_net`); the support vector machine decides.',
        kind=STRIPE_NET.name,
        version=STRIPE_NET.version,
        date=made or date.today().isoformat(),
        data=f'weld_cell.sim, split train, seeds from {settings.seed} on, {per_type} images a type, each effect '
        'from 0 to 1, sensor within 10 degrees and 20 mm; every stripe also stretched at random, '
        f'{_factors(STRETCH_ACROSS)} times in depth and {_factors(STRETCH_ALONG)} times along: no scene of thicker '
        'plates is in the training, but '
        f'steps as high as theirs are, drawn out from those of standard plates; {stripes} stripes',
        seeds=(settings.seed,),
        split='one scene of twenty is held out; no scene is in any other training or test, as none '
        'takes these seeds by default',
        method=(
            f'Three convolutions along the rows, {settings.epochs} rounds',
            "The protocol of 600 training images is the support vector machine's. What the network, which saw more, "
            'brings is shown by the table of feature groups of `weld_cell evaluate joint-type`',
        ),
        training_s=training_s,
        command=command,
        scores=(score,),
        confusions=(),
        limits=(
            'It has seen simulated stripes only, never a photograph.',
            'Its answers count as features of the joint type model that was trained after it; another network needs '
            'another joint type model.',
        ),
        weights=WeightFile.of(weights),
        inputs=STRIPE_NET.inputs,
        outputs=STRIPE_NET.outputs,
    )
