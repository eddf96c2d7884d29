"""`weld_cell spot-weld bank FOLDER`: a bank of good spot welds from photos of them, without labels or training."""

import argparse
import time
from pathlib import Path

import numpy as np

from weld_cell.commands.spot_weld_options import add_finding_arguments, chosen_finder
from weld_cell.images import image_files
from weld_cell.spot_weld.building import build_bank
from weld_cell.spot_weld.features import open_features
from weld_cell.spot_weld.photos import good_welds
from weld_cell.spot_weld.settings import BankSettings

EXAMPLES = """Examples:
  weld_cell spot-weld bank photos/good --out my_plant.npz
  weld_cell spot-weld bank coupons/ok --single --finder classical --diameter 80 220 --out coupons.npz
  weld_cell spot-weld bank photos/good --features resnet18_layer1_layer2.onnx --out my_plant.npz

Each photo may show many welds. A weld that is not like the others is named with its photo, and no bank is made until
it is taken out or --accept-odd is given. The thresholds come from these good welds alone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    defaults = BankSettings()
    parser.epilog = EXAMPLES
    parser.add_argument('folder', type=Path, help='photos of good welds')
    parser.add_argument('--out', type=Path, default=Path('out/spot_weld_bank.npz'), help='(default: %(default)s)')
    parser.add_argument(
        '--false-alarms',
        type=float,
        default=defaults.false_alarms,
        help='share of good welds that may be called defective (default: %(default)s)',
    )
    parser.add_argument(
        '--vectors', type=int, default=defaults.vectors, help='in the bank at most (default: %(default)s)'
    )
    parser.add_argument('--accept-odd', action='store_true', help='keep welds that are unlike the others')
    parser.add_argument('--seed', type=int, default=1, help='of what is drawn at random (default: %(default)s)')
    add_finding_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make the bank.

    Raises:
        ImageError: there are no images in the folder, or one cannot be read.
        FeatureBankError: too few welds, or some unlike the others.
        ModelError: the features or the finder cannot be used.
    """
    begun = time.monotonic()
    settings = BankSettings(
        false_alarms=arguments.false_alarms,
        doubtful=max(BankSettings().doubtful, arguments.false_alarms),
        vectors=arguments.vectors,
    )
    features = open_features(arguments.features)
    welds = good_welds(image_files(arguments.folder), chosen_finder(arguments), settings, arguments.single, print)
    rng = np.random.default_rng(arguments.seed)
    bank = build_bank(welds, features, settings, rng, arguments.accept_odd)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    bank.save(arguments.out)
    size = f'{len(bank.good.vectors)} vectors, {arguments.out.stat().st_size / 1e6:.1f} MB'
    print(
        f'{arguments.out}: {bank.welds} good welds of {len(set(welds.sources))} photos, {size}, '
        f'in {time.monotonic() - begun:.0f} s'
    )
    return 0
