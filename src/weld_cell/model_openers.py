"""Opens a trained model of each kind in the same way as the program that uses it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from weld_cell.errors import ModelError
from weld_cell.joint_type.model import JOINT_TYPE_MODEL, load_model
from weld_cell.joint_type.stripe_net import STRIPE_NET, StripeNet
from weld_cell.models.loader import check_weights
from weld_cell.plate_seam.locate import PLATE_SEAM_NET, PlateSeamLocator
from weld_cell.plate_seam.settings import LocateSettings
from weld_cell.spot_weld.bank import SPOT_WELD_BANK, load_bank
from weld_cell.spot_weld.regions import SPOT_WELD_REGIONS, NetworkFinder

OPENERS: dict[str, Callable[[Path], Any]] = {
    JOINT_TYPE_MODEL.name: load_model,
    STRIPE_NET.name: StripeNet,
    PLATE_SEAM_NET.name: lambda path: PlateSeamLocator(path, LocateSettings()),
    SPOT_WELD_REGIONS.name: NetworkFinder,
    SPOT_WELD_BANK.name: load_bank,
}


def open_model(path: Path) -> None:
    """Open a model as the program that uses it does.

    Raises:
        ModelError: it cannot be used; says why.
    """
    kind = check_weights(path).card.kind
    if kind not in OPENERS:
        raise ModelError(
            f'{path}: of kind {kind}, which this program does not know.', f'Use one of: {", ".join(OPENERS)}.'
        )
    OPENERS[kind](path)
