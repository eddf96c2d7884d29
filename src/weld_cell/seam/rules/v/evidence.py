"""Evidence of one image on the root gap of an open v joint, kept until the scan is refined."""

from dataclasses import dataclass

from weld_cell.records import FloatArray, ImageArray

GAP_STEP_MM = 0.1
"""Between the root gaps of which an image says how well they explain it."""


@dataclass(frozen=True, eq=False)
class RootView:
    """The light around the root in one image.

    Attributes:
        light: (h, w) uint8, the walls' apex in its middle row; walls rise towards smaller columns.
        geometry: (7,) y and z, in the laser plane, of the direction out of the joint; tangent of half the groove
            angle; height of the right plate over the left one in mm; columns for a millimetre of z; rows for one of
            y and one of z.
    """

    light: ImageArray
    geometry: FloatArray


@dataclass(frozen=True, eq=False)
class GapEvidence:
    """What one image tells of the root gap.

    Attributes:
        gap_costs: (k,) how badly root gaps of 0, GAP_STEP_MM, ... explain the image's rows, in squared sigmas.
        view: Of the root; None where the profile does not know its light.
    """

    gap_costs: FloatArray
    view: RootView | None
