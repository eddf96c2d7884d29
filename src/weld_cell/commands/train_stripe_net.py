"""`weld_cell train stripe-net`: the network beneath the joint type's features, from the simulator."""

import argparse
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from weld_cell.errors import ModelError, WeldCellError
from weld_cell.joint_type.stripe_pictures import STRETCH_ACROSS, STRETCH_ALONG, StripePictures, stripe_pictures
from weld_cell.records import JointType, StripeProfile
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe

EXAMPLES = """Examples:
  weld_cell train stripe-net --out out/train/stripe_net.onnx
  weld_cell train stripe-net --per-type 500 --rounds 4       a quick try

Needs torch and onnxscript. Beside the network comes its card (.md). Train the joint type's model again after it: its
features change."""
IMAGES_PER_SCENE = 2
PART = 500
"""Images that one process makes at a time, with a seed of their own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('--per-type', type=int, default=12000, help='images of each type (default: %(default)d)')
    parser.add_argument(
        '--rounds', type=int, default=14, help='how often each is shown to the network (default: %(default)d)'
    )
    parser.add_argument('--seed', type=int, default=7001, help='of images and training (default: %(default)d)')
    parser.add_argument('--jobs', type=int, default=2, help='processes that make images (default: %(default)d)')
    parser.add_argument(
        '--out', type=Path, default=Path('out/train/stripe_net.onnx'), help='file (default: %(default)s)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, and write the network with its card.

    Raises:
        ModelError: a package that training needs is not installed.
    """
    try:
        from weld_cell.joint_type.stripe_net_training import export_net, train_net
    except ImportError as error:
        raise ModelError(
            f'Training a network needs {error.name}, which is not installed here.',
            'pip install torch onnxscript; what is trained runs without them.',
        ) from error
    if min(arguments.per_type, arguments.rounds, arguments.jobs) < 1:
        raise ValueError('--per-type, --rounds and --jobs: expected at least 1')
    pictures = _pictures(arguments.per_type, arguments.seed, arguments.jobs)
    with tqdm(desc='training', unit='batch') as bar:

        def show(done: int, in_all: int) -> None:
            bar.total = in_all
            bar.update(done - bar.n)

        net, accuracy = train_net(pictures, arguments.seed, arguments.rounds, show)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    export_net(net, arguments.out)
    arguments.out.with_suffix('.md').write_text(_card(arguments, len(pictures.labels), accuracy), encoding='utf-8')
    print(f'{arguments.out}: {len(pictures.labels)} stripes, {accuracy:.1%} of those held out told rightly')
    return 0


def _pictures(per_type: int, seed: int, jobs: int) -> StripePictures:
    """Pictures of simulated images of the split 'train', made in several processes."""
    parts = [
        (joint_type, seed + number, min(PART, per_type - PART * number))
        for joint_type in JointType
        for number in range(-(-per_type // PART))
    ]
    made = Parallel(n_jobs=jobs, return_as='generator')(
        delayed(_part)(number, *part) for number, part in enumerate(parts)
    )
    found = list(tqdm(made, total=len(parts), desc='images', unit=f'{PART} images'))
    return StripePictures(
        np.concatenate([part.light for part in found]),
        np.concatenate([part.labels for part in found]),
        np.concatenate([part.scenes for part in found]),
    )


def _part(number: int, joint_type: JointType, seed: int, count: int) -> StripePictures:
    return stripe_pictures(_samples(number, joint_type, seed, count), np.random.default_rng((seed, number)))


def _samples(
    number: int, joint_type: JointType, seed: int, count: int
) -> Iterator[tuple[StripeProfile, JointType, int]]:
    """Profile, type and scene of simulated images; those without a stripe are left out."""
    settings = SamplerSettings(images_per_scene=IMAGES_PER_SCENE)
    images = labelled_images(joint_type, count, seed=seed, split='train', settings=settings)
    for image_number, image in enumerate(images):
        try:
            profile = extract_stripe(image.pixels, StripeSettings())
        except WeldCellError:
            continue
        yield profile, joint_type, number * PART + image_number // IMAGES_PER_SCENE


def _factors(limits: tuple[float, float]) -> str:
    return f'{limits[0]:g} to {limits[1]:g}'


def _card(arguments: argparse.Namespace, stripes: int, accuracy: float) -> str:
    words = [
        'weld_cell',
        'train',
        'stripe-net',
        '--per-type',
        str(arguments.per_type),
        '--rounds',
        str(arguments.rounds),
        '--seed',
        str(arguments.seed),
        '--out',
        str(arguments.out),
    ]
    return f"""# Network over the straightened stripe

It says of a whole stripe how likely each joint type is. Its answers are features of the joint type
(`weld_cell.joint_type.stripe_net`); the support vector machine decides.

- Date: {date.today().isoformat()}
- Data: weld_cell.sim, split train, seeds from {arguments.seed} on, {arguments.per_type} images a type, each effect
  from 0 to 1, sensor within 10 degrees and 20 mm; every stripe also stretched at random, {_factors(STRETCH_ACROSS)}
  times in depth and {_factors(STRETCH_ALONG)} times along: no scene of thicker plates is in the training, but steps
  as high as theirs are, drawn out from those of standard plates; {stripes} stripes, no scene of which is in any other
  training or test
- Three convolutions along the rows, {arguments.rounds} rounds
- Stripes of scenes held out: {accuracy:.2%} told rightly by the network alone
- Made again by: `{shlex.join(words)}`

The protocol of 600 training images is the support vector machine's. What the network, which saw more, brings is shown
by the table of feature groups of `weld_cell evaluate joint-type`.
"""
