"""Options that the spot-weld commands share: finder, diameters, features."""

import argparse

from weld_cell.option_types import above_zero
from weld_cell.spot_weld.find import FindSettings, WeldFinder
from weld_cell.spot_weld.opening import open_finder
from weld_cell.spot_weld.settings import CLASSICAL, NETWORK, SpotWeldSettings


def add_finding_arguments(parser: argparse.ArgumentParser) -> None:
    """Which features, which finder, and the size of the welds."""
    defaults = FindSettings()
    parser.add_argument(
        '--features', default=CLASSICAL, help='classical, or an ONNX file of your own (default: %(default)s)'
    )
    parser.add_argument(
        '--finder',
        choices=(NETWORK, CLASSICAL),
        default=SpotWeldSettings().finder,
        help='what finds the welds (default: %(default)s)',
    )
    parser.add_argument(
        '--diameter',
        type=above_zero('px'),
        nargs=2,
        metavar=('LEAST', 'GREATEST'),
        default=(defaults.least_diameter_px, defaults.greatest_diameter_px),
        help='of a weld in pixels (default: %(default)s)',
    )
    parser.add_argument('--single', action='store_true', help='each image shows one weld: take the surest')


def chosen_finder(arguments: argparse.Namespace) -> WeldFinder:
    """The finder that the options name.

    Raises:
        ModelError: the network cannot be used.
    """
    settings = FindSettings(least_diameter_px=arguments.diameter[0], greatest_diameter_px=arguments.diameter[1])
    return open_finder(arguments.finder, settings)
