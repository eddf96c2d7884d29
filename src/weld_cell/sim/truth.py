"""The truth of the simulated cell: where the seam runs, and what an image shows of it."""

from dataclasses import dataclass

import numpy as np

from weld_cell.geometry.transforms import rotate_vectors, transform_points
from weld_cell.records import FloatArray, JointType
from weld_cell.sim.workpiece import Workpiece

_TRUTH_SPACING_M = 0.25e-3


@dataclass(frozen=True, eq=False)
class SeamTruth:
    """The seam as it is.

    Attributes:
        positions_m: (n, 3) in base_link, dense, from start to end.
        tangents: (n, 3) unit vectors towards the end.
        normals: (n, 3) unit vectors out of the joint.
        length_m: Arc length.
    """

    positions_m: FloatArray
    tangents: FloatArray
    normals: FloatArray
    length_m: float

    @property
    def start_m(self) -> FloatArray:
        """(3,) in base_link."""
        start: FloatArray = self.positions_m[0]
        return start

    @property
    def end_m(self) -> FloatArray:
        """(3,) in base_link."""
        end: FloatArray = self.positions_m[-1]
        return end


@dataclass(frozen=True, eq=False)
class ImageTruth:
    """What an image shows.

    Attributes:
        joint_type: Of the workpiece.
        feature_points_px: (k, 2) u, v of the joint's corners, by the order of CrossSection.feature_points_m.
        seam_px: (2,) u, v of the seam point, whether or not it can be seen.
        seam_visible: Whether the image shows the seam: within its start and end, within the image, lit, and
            not under a tack weld.
        seam_base_m: (3,) the seam point in base_link; beyond the ends on the seam's straight extension.
        stripe_px: (n, 2) u, v of the stripe's middle at whole rows, by row; several in a row where the
            surface is steep; none where it is dark or hidden.
    """

    joint_type: JointType
    feature_points_px: FloatArray
    seam_px: FloatArray
    seam_visible: bool
    seam_base_m: FloatArray
    stripe_px: FloatArray


def seam_truth(workpiece: Workpiece, T_base_workpiece: FloatArray) -> SeamTruth:
    """The seam of a workpiece, in base_link."""
    length = workpiece.curve.length_m
    s = np.linspace(0.0, length, int(np.ceil(length / _TRUTH_SPACING_M)) + 1)
    _, tangents, _ = workpiece.curve.evaluate(s)
    tangents_w = np.column_stack([tangents, np.zeros(len(s))])
    normals_w = np.broadcast_to([0.0, 0.0, 1.0], (len(s), 3))
    return SeamTruth(
        transform_points(T_base_workpiece, workpiece.seam_points(s)),
        rotate_vectors(T_base_workpiece, tangents_w),
        rotate_vectors(T_base_workpiece, normals_w),
        length,
    )
