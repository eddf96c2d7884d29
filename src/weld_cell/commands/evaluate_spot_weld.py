"""`weld_cell evaluate spot-weld`: detection and inspection of spot welds, compared with the paper."""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from tqdm import tqdm

from weld_cell.calibration.rig import load_rig
from weld_cell.commands.seed import add_seed_argument
from weld_cell.commands.spot_weld_options import add_finding_arguments, chosen_finder
from weld_cell.evaluation.output import EvaluationOutput, add_output_arguments
from weld_cell.evaluation.spot_weld import SpotWeldSize, evaluate_panels, simulated_good_welds
from weld_cell.evaluation.spot_weld_real import real_figures
from weld_cell.evaluation.spot_weld_timing import panel_timing
from weld_cell.option_types import whole_number
from weld_cell.paths import config_file
from weld_cell.spot_weld.bank import FeatureBank
from weld_cell.spot_weld.building import build_bank
from weld_cell.spot_weld.features import open_features
from weld_cell.spot_weld.inspect import Inspector
from weld_cell.spot_weld.settings import BankSettings

EXAMPLES = """Examples:
  weld_cell evaluate spot-weld --json out/spot_weld.json --report out/spot_weld
  weld_cell evaluate spot-weld --finder classical --panels 4 --bank-panels 12       a quick look

A bank of good welds of simulated panels, then other panels: pixels, verdicts, places; the time of a panel with 40
welds beside plain PatchCore. Real tiles and coupons, where the folder of --data has them."""
DATA = Path('../shared/data')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    size = SpotWeldSize()
    parser.add_argument('--panels', type=whole_number(1), default=size.panels, help='to judge (default: %(default)d)')
    parser.add_argument(
        '--bank-panels', type=whole_number(4), default=size.bank_panels, help='for the bank (default: %(default)d)'
    )
    parser.add_argument('--data', type=Path, default=DATA, help='real images, if any (default: %(default)s)')
    add_finding_arguments(parser)
    add_seed_argument(parser, 15015, 'of the panels')
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for.

    Raises:
        ModelError: the features or the finder cannot be used.
    """
    size = SpotWeldSize(arguments.bank_panels, arguments.panels)
    rig, features = load_rig(str(config_file('rig.yaml'))), open_features(arguments.features)
    finder = chosen_finder(arguments)
    rng = np.random.default_rng(arguments.seed)
    with tqdm(total=size.bank_panels + size.panels, unit='panel') as bar:
        welds = simulated_good_welds(rig, finder, arguments.seed, size.bank_panels, bar.update)
        begun = time.monotonic()
        bank = build_bank(welds, features, BankSettings(), rng, accept_odd=True)
        bank_s = time.monotonic() - begun
        inspector = Inspector(bank, features, finder)
        figures = evaluate_panels(rig, arguments.seed, size.panels, inspector, finder, bar.update)
    figures |= {'ms_panel': panel_timing(rig, arguments.seed, inspector, finder, features)}
    figures |= {'bank_mb': _megabytes(bank), 'bank_welds': bank.welds, 'bank_s': round(bank_s, 1)}
    figures |= {'finder': arguments.finder, 'features': features.version}
    figures |= real_figures(arguments.data, features, rng)
    print(table(figures, arguments.data), end='')
    EvaluationOutput.of(arguments.command_line, figures).write(arguments)
    return 0


def _megabytes(bank: FeatureBank) -> float:
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'bank.npz'
        bank.save(path)
        return round(path.stat().st_size / 1e6, 3)


def table(figures: dict[str, Any], data: Path) -> str:
    """The figures for people; says which real images are not there."""
    lines = []
    for name, value in figures.items():
        told = ', '.join(f'{key} {each}' for key, each in value.items()) if isinstance(value, dict) else value
        lines.append(f'{name:<28}{told}')
    absent = [name for name in ('real_tiles', 'real_coupons') if name not in figures]
    lines += [f'{name:<28}left out: its images are not in {data}' for name in absent]
    return '\n'.join(lines) + '\n'
