"""Options that the commands of the spot welds have in common: what finds them, of which size, by which features."""

import argparse
from pathlib import Path

from weld_cell.paths import model_file
from weld_cell.spot_weld.find import ClassicalFinder, FindSettings, WeldFinder
from weld_cell.spot_weld.regions import SHIPPED_NET, NetworkFinder
from weld_cell.spot_weld.settings import CLASSICAL


def add_finding_arguments(parser: argparse.ArgumentParser) -> None:
    """Which features, which finder, and the size of the welds."""
    defaults = FindSettings()
    parser.add_argument(
        '--features', default=CLASSICAL, help='classical, or an ONNX file of your own (default: %(default)s)'
    )
    parser.add_argument(
        '--finder',
        choices=('network', 'classical'),
        default='network' if model_file(SHIPPED_NET).is_file() else 'classical',
        help='what finds the welds (default: %(default)s)',
    )
    parser.add_argument(
        '--diameter',
        type=float,
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
    return finder_named(arguments.finder, settings)


def finder_named(name: str, settings: FindSettings) -> WeldFinder:
    """The network's finder, or the classical one."""
    path: Path = model_file(SHIPPED_NET)
    return NetworkFinder(path, settings) if name == 'network' else ClassicalFinder(settings)
