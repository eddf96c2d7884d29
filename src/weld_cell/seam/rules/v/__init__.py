"""The open v joint: its seam point follows from the lines of the walls and the root gap.

Let the walls' lines meet in the apex. With half the groove angle a, root gap g and mismatch m, the middle between
the walls' lower ends lies m tan(a) / 2 beside the apex and g / (2 tan(a)) above it (by similar triangles). So nothing
but the gap has to be read at the root: roughly from its few rows (find), then from the light around it (root_light);
a scan reads it again, from the rows and the light of all its images together (scan).
"""

from weld_cell.seam.rules.v.find import find_v
from weld_cell.seam.rules.v.scan import refine_v

__all__ = ['find_v', 'refine_v']
