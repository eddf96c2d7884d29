"""Opens the finder, the bank and the inspector that the settings name."""

from pathlib import Path

from weld_cell.errors import FeatureBankError
from weld_cell.paths import model_file
from weld_cell.spot_weld.bank import FeatureBank, load_bank
from weld_cell.spot_weld.features import open_features
from weld_cell.spot_weld.find import ClassicalFinder, FindSettings, WeldFinder
from weld_cell.spot_weld.inspect import Inspector
from weld_cell.spot_weld.regions import SHIPPED_NET, NetworkFinder
from weld_cell.spot_weld.settings import NETWORK, SIMULATED, SpotWeldSettings

SIMULATED_BANK = 'spot_weld_bank.npz'


def open_finder(name: str, settings: FindSettings) -> WeldFinder:
    """The network's finder, or the classical one.

    Raises:
        ModelError: the network cannot be used.
    """
    return NetworkFinder(model_file(SHIPPED_NET), settings) if name == NETWORK else ClassicalFinder(settings)


def open_bank(name: str) -> FeatureBank:
    """The bank of a file, or the shipped one of simulated welds.

    Raises:
        FeatureBankError: none is named, or it cannot be used.
    """
    if not name:
        raise FeatureBankError(
            'No bank of good spot welds is set.',
            'Make one, weld_cell spot-weld bank FOLDER, and set spot_weld.bank; simulated is for the simulated cell.',
        )
    return load_bank(bank_file(name))


def bank_file(name: str) -> Path:
    """The file of a bank's name."""
    return model_file(SIMULATED_BANK) if name == SIMULATED else Path(name)


def open_inspector(settings: SpotWeldSettings, find: FindSettings) -> Inspector:
    """What looks at images by these settings.

    Raises:
        FeatureBankError: the bank cannot be used, or was made with other features.
        ModelError: features or finder cannot be used.
    """
    bank, features = open_bank(settings.bank), open_features(settings.features)
    return Inspector(bank, features, open_finder(settings.finder, find), settings)
