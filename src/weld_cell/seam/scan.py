"""From the seam points of a scan to its path: refined by the joint type's rule, fitted, prolonged."""

from collections.abc import Sequence

from weld_cell.records import JointType, SeamPath, SeamPoint
from weld_cell.seam.ends import Profile
from weld_cell.seam.last_seen import prolonged
from weld_cell.seam.path import fit_seam_path
from weld_cell.seam.rules import RULES
from weld_cell.seam.settings import PathSettings


def seam_path(
    points: Sequence[SeamPoint], joint_type: JointType, settings: PathSettings, profiles: Sequence[Profile] = ()
) -> SeamPath:
    """The seam from its first to its last supported point, and on to where profiles last show the joint.

    Args:
        points: Of one scan, in any order; their stamps give the direction of the path.
        joint_type: By whose rule they were found.
        settings: Of the path.
        profiles: Of the scan, with those in which no seam point was found.

    Raises:
        SeamPathError: the points make no path (see fit_seam_path), or it ends too early (see prolonged).
    """
    ordered: Sequence[SeamPoint] = sorted(points, key=lambda point: point.stamp_ns)
    if len(ordered) >= settings.min_points:  # fewer are refused, refined or not
        ordered = RULES[joint_type].refine(ordered)
    return prolonged(fit_seam_path(ordered, settings), profiles)
