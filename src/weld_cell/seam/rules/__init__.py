"""One rule for each joint type: from a segmented cross-section to the seam point, and to a scan's points.

What is special about a joint type stays in its rule. What the rule must remember of an image for the scan it hands on
as evidence, which nobody else reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from weld_cell.records import JointType, SeamPoint
from weld_cell.seam.breakpoints import Finding
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.rules.butt import find_butt
from weld_cell.seam.rules.corner import find_fillet
from weld_cell.seam.rules.grooves import find_filler_layer
from weld_cell.seam.rules.lap import find_lap
from weld_cell.seam.rules.splice import find_splice
from weld_cell.seam.rules.v import find_v, refine_v
from weld_cell.seam.segmentation import Stretch
from weld_cell.seam.settings import SeamSettings


@dataclass(frozen=True)
class SeamRule:
    """How the seam of one joint type is found.

    Attributes:
        find: The seam point of one cross-section, divided into straight stretches. Raises SeamError where it does
            not show the joint.
        refine: The points of a scan, ordered by their stamps, as all of them together have them; as many, in the same
            order.
    """

    find: Callable[[CrossSection, list[Stretch], SeamSettings], Finding]
    refine: Callable[[Sequence[SeamPoint]], Sequence[SeamPoint]] = lambda points: points


RULES: dict[JointType, SeamRule] = {
    JointType.LAP: SeamRule(find_lap),
    JointType.BUTT: SeamRule(find_butt),
    JointType.SPLICE: SeamRule(find_splice),
    JointType.FILLET: SeamRule(find_fillet),
    JointType.V: SeamRule(find_v, refine_v),
    JointType.FILLER_LAYER: SeamRule(find_filler_layer),
}
