"""One rule for each joint type: from a cross-section in straight stretches to the seam point."""

from collections.abc import Callable

from weld_cell.records import JointType
from weld_cell.seam.breakpoints import Finding
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.rules.butt import find_butt
from weld_cell.seam.rules.corner import find_fillet
from weld_cell.seam.rules.grooves import find_filler_layer
from weld_cell.seam.rules.lap import find_lap
from weld_cell.seam.rules.splice import find_splice
from weld_cell.seam.rules.v import find_v
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings

Rule = Callable[[CrossSection, list[Stretch], SeamSettings], Finding]

RULES: dict[JointType, Rule] = {
    JointType.LAP: find_lap,
    JointType.BUTT: find_butt,
    JointType.SPLICE: find_splice,
    JointType.FILLET: find_fillet,
    JointType.V: find_v,
    JointType.FILLER_LAYER: find_filler_layer,
}
