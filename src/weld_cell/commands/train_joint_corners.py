"""`weld_cell train joint-corners`: the corner network beneath the joint type's features, from the simulator."""

import argparse
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from tqdm import tqdm

from weld_cell.errors import WeldCellError
from weld_cell.joint_type.corner_net import CORNER_TYPES, CornerNet, save_net
from weld_cell.joint_type.corner_training import (
    STRETCH_ACROSS,
    STRETCH_ALONG,
    CornerWindows,
    corner_windows,
    train_net,
)
from weld_cell.records import JointType, StripeProfile
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe

EXAMPLES = """Examples:
  weld_cell train joint-corners --per-type 2000 --out out/train/joint_corners.npz

Beside the network comes its card (.md). Train the joint type's model again after it: its features change."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        '--per-type', type=int, default=2000, help='images of a lap, butt or splice; of others a fifth (default: '
        '%(default)d)')
    parser.add_argument('--seed', type=int, default=7001, help='of images and training (default: %(default)d)')
    parser.add_argument(
        '--out', type=Path, default=Path('out/train/joint_corners.npz'), help='file (default: %(default)s)')


def run(arguments: argparse.Namespace) -> int:
    """Train, and write the network with its card."""
    if arguments.per_type < 1:
        raise ValueError(f'--per-type: expected at least 1, got {arguments.per_type}')
    rng = np.random.default_rng(arguments.seed)
    windows = corner_windows(_samples(arguments.per_type, arguments.seed), rng)
    net, accuracy = train_net(windows, arguments.seed)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    save_net(net, arguments.out)
    arguments.out.with_suffix('.md').write_text(_card(arguments, net, windows, accuracy), encoding='utf-8')
    print(f'{arguments.out}: {len(windows.labels)} windows, {accuracy:.1%} of those held out told rightly')
    return 0


def _samples(per_type: int, seed: int) -> Iterator[tuple[StripeProfile, JointType, float]]:
    """Profile, type and seam row of simulated images of the split 'train'; those without a stripe are left out."""
    settings = SamplerSettings(images_per_scene=2)
    for joint_type in JointType:
        count = per_type if joint_type in CORNER_TYPES else -(-per_type // 5)
        images = labelled_images(joint_type, count, seed=seed, split='train', settings=settings)
        for image in tqdm(images, total=count, desc=str(joint_type), unit='image'):
            try:
                profile = extract_stripe(image.pixels, StripeSettings())
            except WeldCellError:
                continue
            yield profile, joint_type, float(image.truth.seam_px[1])


def _factors(limits: tuple[float, float]) -> str:
    return f'{limits[0]:g} to {limits[1]:g}'


def _card(arguments: argparse.Namespace, net: CornerNet, windows: CornerWindows, accuracy: float) -> str:
    words = ['weld_cell', 'train', 'joint-corners', '--per-type', str(arguments.per_type), '--seed',
             str(arguments.seed), '--out', str(arguments.out)]
    types = ', '.join(CORNER_TYPES)
    return f"""# Corner network

It tells plain plate, {types} in a stretch of 34 image rows of the straightened stripe. Its strongest answers are
features of the joint type (`weld_cell.joint_type.corner_net`); the support vector machine decides.

- Date: {date.today().isoformat()}
- Data: weld_cell.sim, split train, seed {arguments.seed}, {arguments.per_type} images a type of {types}, a fifth as
  many of the others, each effect from 0 to 1, sensor within 10 degrees and 20 mm; every picture also stretched at
  random, {_factors(STRETCH_ACROSS)} times in depth and {_factors(STRETCH_ALONG)} times along the stripe: no scene of
  thicker plates is in the training, but steps as high as theirs are, drawn out from those of standard plates;
  {len(windows.labels)} windows, no scene of which is in any other training or test
- {net.components.shape[1]} principal components a row, {len(net.hidden_bias)} hidden units
- Windows held out to end the training: {accuracy:.2%} told rightly
- Made again by: `{shlex.join(words)}`

The protocol of 600 training images is the support vector machine's. What the network, which saw more, brings is shown
by the table of feature groups of `weld_cell evaluate joint-type`.
"""
