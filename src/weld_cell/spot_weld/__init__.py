"""Spot welds: where they are, and which of their pixels are unlike good ones."""

from weld_cell.spot_weld.bank import FeatureBank, load_bank
from weld_cell.spot_weld.features import open_features
from weld_cell.spot_weld.inspect import Inspector
from weld_cell.spot_weld.settings import BankSettings, SpotWeldSettings

__all__ = ['BankSettings', 'FeatureBank', 'Inspector', 'SpotWeldSettings', 'load_bank', 'open_features']
