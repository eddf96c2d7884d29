"""`weld_cell spot-weld bank FOLDER`: build a feature bank from photographs of good spot welds."""

import argparse
import time
from datetime import date
from pathlib import Path

import numpy as np
from tqdm import tqdm

from weld_cell.calibration.rig import load_rig
from weld_cell.commands.seed import add_seed_argument
from weld_cell.commands.spot_weld_options import add_finding_arguments, chosen_finder
from weld_cell.evaluation.spot_weld import simulated_good_welds
from weld_cell.images import image_files
from weld_cell.models.card import ModelCard, Score, WeightFile
from weld_cell.models.card_files import write_card
from weld_cell.option_types import file_to_write, number, whole_number
from weld_cell.paths import config_file
from weld_cell.spot_weld.bank import SPOT_WELD_BANK, FeatureBank
from weld_cell.spot_weld.building import GoodWelds, build_bank
from weld_cell.spot_weld.features import open_features
from weld_cell.spot_weld.photos import good_welds
from weld_cell.spot_weld.settings import BankSettings

EXAMPLES = """Examples:
  weld_cell spot-weld bank photos/good --out my_plant.npz
  weld_cell spot-weld bank coupons/ok --single --finder classical --diameter 80 220 --out coupons.npz
  weld_cell spot-weld bank photos/good --features resnet18_layer1_layer2.onnx --out my_plant.npz
  weld_cell spot-weld bank --simulated 48 --out simulated.npz       good welds of the simulator, to try it out

Each photo may show many welds. A weld that is not like the others is named with its photo, and no bank is made until
it is taken out or --accept-odd is given. The thresholds come from these good welds alone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    defaults = BankSettings()
    parser.epilog = EXAMPLES
    photos = parser.add_mutually_exclusive_group(required=True)
    photos.add_argument('folder', type=Path, nargs='?', help='photos of good welds')
    photos.add_argument(
        '--simulated', type=whole_number(1), metavar='PANELS', help='good welds of so many simulated panels'
    )
    parser.add_argument(
        '--out', type=file_to_write, default=Path('out/spot_weld_bank.npz'), help='(default: %(default)s)'
    )
    parser.add_argument(
        '--false-alarms',
        type=number(0.0, 1.0),
        default=defaults.false_alarms,
        help='share of good welds that may be called defective (default: %(default)s)',
    )
    parser.add_argument(
        '--vectors', type=int, default=defaults.vectors, help='in the bank at most (default: %(default)s)'
    )
    parser.add_argument('--accept-odd', action='store_true', help='keep welds that are unlike the others')
    add_seed_argument(parser, 1, 'of what is drawn at random')
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
    welds = _welds(arguments, settings)
    rng = np.random.default_rng(arguments.seed)
    bank = build_bank(welds, features, settings, rng, arguments.accept_odd)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    bank.save(arguments.out)
    write_card(_card(arguments, bank, time.monotonic() - begun), arguments.out.parent)
    size = f'{len(bank.good.vectors)} vectors, {arguments.out.stat().st_size / 1e6:.1f} MB'
    print(
        f'{arguments.out}: {bank.welds} good welds of {len(set(welds.sources))} photos, {size}, '
        f'in {time.monotonic() - begun:.0f} s'
    )
    return 0


def _welds(arguments: argparse.Namespace, settings: BankSettings) -> GoodWelds:
    finder = chosen_finder(arguments)
    if arguments.simulated is None:
        photos = tqdm(image_files(arguments.folder), unit='photo')
        return good_welds(photos, finder, settings, arguments.single, tqdm.write)
    rig = load_rig(str(config_file('rig.yaml')))
    with tqdm(total=arguments.simulated, unit='panel') as bar:
        return simulated_good_welds(rig, finder, arguments.seed, arguments.simulated, bar.update)


def _card(arguments: argparse.Namespace, bank: FeatureBank, seconds: float) -> ModelCard:
    simulated = arguments.simulated is not None
    data = (
        f'{arguments.simulated} simulated panels without defects, apart from those of training and evaluation '
        "(split 'bank' of weld_cell.sim.spot_weld_dataset)"
        if simulated
        else f'photos of the folder {arguments.folder.name}'
    )
    return ModelCard(
        name=arguments.out.stem,
        title='Bank of good spot welds',
        summary='What good spot welds look like, place by place and as a whole, with the thresholds beyond which a '
        'weld is doubtful or defective.',
        kind=SPOT_WELD_BANK.name,
        version=SPOT_WELD_BANK.version,
        date=date.today().isoformat(),
        data=data,
        seeds=(arguments.seed,),
        split='thresholds: each weld against a bank of welds of other photos, a fifth of them at a time',
        method=(
            f'features {bank.features}, whitened ring by ring; greedy coreset of {len(bank.good.vectors)} vectors; '
            f'welds found by: {arguments.finder}',
            f'false alarms: {bank.settings.false_alarms:g} defective, {bank.settings.doubtful:g} doubtful or more',
        ),
        training_s=seconds,
        command=arguments.command_line,
        scores=(Score('good welds', data, float(bank.welds), '', bank.welds),),
        confusions=(),
        limits=(
            'Of simulated welds: for the simulated cell only.'
            if simulated
            else 'Of these welds, camera and light: build another one where one of them changes.',
        ),
        weights=WeightFile.of(arguments.out),
        inputs=SPOT_WELD_BANK.inputs,
        outputs=SPOT_WELD_BANK.outputs,
    )
