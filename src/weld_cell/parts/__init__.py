"""Which sheet-metal part is it, where, and how is it turned: templates by effective mean square difference (EMSD)."""

from weld_cell.parts.findings import PartFindings
from weld_cell.parts.identify import PartIdentifier, identify
from weld_cell.parts.settings import PartSettings

__all__ = ['PartFindings', 'PartIdentifier', 'PartSettings', 'identify']
