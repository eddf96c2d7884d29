"""Where the laser sheet lights the workpiece, and how brightly the camera sees it there.

Exact for straight and curved seams: the sheet is intersected with the swept cross-section sample by sample. What
the laser's outlet does not see is dark (found in the laser plane, where all of the light runs); what the camera
does not see is missing (found across the seam, as the camera looks along it; for a curved seam the seam is
taken as straight over the few millimetres that a line of sight needs to leave the workpiece).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.geometry.transforms import invert, rotate_vectors, transform_points
from weld_cell.records import BoolArray, FloatArray
from weld_cell.sim.joints import Material
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.visibility import first_hits
from weld_cell.sim.workpiece import TABLE, SurfaceSamples, Workpiece

REFLECTANCE = np.array([1.0, 0.9, 0.8, 0.25, 0.0, 0.2])  # by Material, then the table
_HALF_FIELD_M = 0.043  # half the field at 20 mm more stand-off, and 10 degrees of yaw
_TRUTH_BRIGHTNESS = 0.08  # dimmer than this part of a plate is no stripe for the truth
_MIN_REFLECTANCE_SEEN = 0.1


@dataclass(frozen=True, eq=False)
class LitStripe:
    """Samples of the surface in the laser sheet, in the order of the cross-section.

    Attributes:
        points_m: (n, 3) in the optical frame.
        pixels: (n, 2) u, v.
        s_m: (n,) arc length along the seam.
        y_m: (n,) distance to the left of the seam curve.
        z_m: (n,) height in the workpiece.
        along_m: (n,) place on the surface across the seam, for textures.
        facing: (n,) cosine between the surface normal and the line of sight.
        glint: (n,) cosine between the surface normal and the middle of line of sight and light.
        flux: (n,) light that falls on the sample, in parts of what falls on one image row of a plate.
        seen: (n,) lit and in sight.
        reflectance: (n,) of the material.
        T_sensor_workpiece: (4, 4) frame workpiece into the optical frame.
        eye_yz_m: (2,) the camera in cross-section coordinates.
    """

    points_m: FloatArray
    pixels: FloatArray
    s_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray
    along_m: FloatArray
    facing: FloatArray
    glint: FloatArray
    flux: FloatArray
    seen: BoolArray
    reflectance: FloatArray
    T_sensor_workpiece: FloatArray
    eye_yz_m: FloatArray

    def row_crossings(self, size_px: tuple[int, int]) -> FloatArray:
        """(k, 2) pixels where the stripe's middle crosses the image's rows, by row; several where it turns back."""
        bright = self.seen & (self.reflectance * self.facing > _TRUTH_BRIGHTNESS)
        u, v = self.pixels.T
        row = np.ceil(np.minimum(v[:-1], v[1:]))
        crosses = (row <= np.maximum(v[:-1], v[1:])) & bright[:-1] & bright[1:] & (np.diff(v) != 0)
        crosses &= np.abs(np.diff(u)) + np.abs(np.diff(v)) < 3.0  # more is a jump from edge to table
        at = np.flatnonzero(crosses)
        fraction = (row[at] - v[at]) / (v[at + 1] - v[at])
        crossings = np.column_stack([u[at] + fraction * (u[at + 1] - u[at]), row[at]])
        inside = ((crossings > -0.5) & (crossings < np.array(size_px) - 0.5)).all(axis=1)
        crossings = crossings[inside]
        return crossings[np.lexsort((crossings[:, 0], crossings[:, 1]))]


@dataclass(frozen=True, eq=False)
class LaserSheet:
    """The laser sheet in the frame workpiece.

    Attributes:
        normal: (3,) of the plane normal . p = offset_m.
        offset_m: See normal.
        seam_s_m: Arc length at which the sheet meets the seam line.
        left_m: Distance of the stripe frame's origin to the left of the seam curve.
        workpiece: On which it falls.
    """

    normal: FloatArray
    offset_m: float
    seam_s_m: float
    left_m: float
    workpiece: Workpiece


def laser_sheet(workpiece: Workpiece, sensor: LaserSensor, T_workpiece_sensor: FloatArray) -> LaserSheet:
    """The sheet, and where it meets the seam."""
    stripe = T_workpiece_sensor @ sensor.T_sensor_stripe
    normal = stripe[:3, 0]
    offset = float(normal @ stripe[:3, 3])
    near, left = workpiece.curve.locate(stripe[None, :2, 3])
    y, z = workpiece.section.seam_point_m
    seam_s = workpiece.arc_lengths_on_plane(normal, offset, np.array([y]), np.array([z]), float(near[0]))
    return LaserSheet(normal, offset, float(seam_s[0]), float(left[0]), workpiece)


def light(sheet: LaserSheet, sensor: LaserSensor, T_workpiece_sensor: FloatArray) -> LitStripe:
    """Intersect, light and look at the surface."""
    workpiece = sheet.workpiece
    samples = workpiece.samples.between(sheet.left_m - _HALF_FIELD_M, sheet.left_m + _HALF_FIELD_M)
    s, z, normal, step, material = _on_the_sheet(workpiece, samples, sheet)
    points_w = workpiece.points(s, samples.y_m, z)
    T_sensor_workpiece = invert(T_workpiece_sensor)
    points = transform_points(T_sensor_workpiece, points_w)
    normals = rotate_vectors(T_sensor_workpiece, _normals_3d(workpiece, s, normal))
    to_light, light_range = _towards(points, sensor.emitter_m)
    to_eye, eye_range = _towards(points, np.zeros(3))
    incidence = np.einsum('ij,ij->i', normals, to_light)
    facing = np.einsum('ij,ij->i', normals, to_eye)
    halfway = to_light + to_eye
    glint = np.einsum('ij,ij->i', normals, halfway) / np.linalg.norm(halfway, axis=1)
    eye_yz = _eye_across(workpiece, T_workpiece_sensor[:3, 3], sheet.seam_s_m)
    reflectance = REFLECTANCE[material]
    seen = (incidence > 0) & (facing > 0) & (reflectance > _MIN_REFLECTANCE_SEEN)
    seen &= _lit(sensor, points) & first_hits(samples.y_m - eye_yz[0], eye_yz[1] - z)
    row_angle = sensor.range_m / (sensor.camera.matrix[1, 1] * sensor.emitter_range_m)
    flux = step * np.maximum(incidence, 0.0) / light_range / row_angle * (sensor.range_m / eye_range) ** 2
    return LitStripe(
        points,
        sensor.project(points),
        s,
        samples.y_m,
        z,
        samples.along_m,
        facing,
        glint,
        flux,
        seen,
        reflectance,
        T_sensor_workpiece,
        eye_yz,
    )


def _on_the_sheet(
    workpiece: Workpiece, samples: SurfaceSamples, sheet: LaserSheet
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, NDArray[np.intp]]:
    """Arc length, height, normal, step and material of each sample where it meets the sheet."""
    y, z = samples.y_m, samples.z_m
    s = workpiece.arc_lengths_on_plane(sheet.normal, sheet.offset_m, y, z, sheet.seam_s_m)
    raised = np.zeros(len(y), dtype=bool)
    tacked = workpiece.tacks_near(sheet.seam_s_m)
    for _ in range(3 if tacked else 0):  # a tack's height depends on s, and s a little on the height
        tack = workpiece.tack_heights(s, y)
        raised = tack > samples.z_m
        z = np.where(raised, tack, samples.z_m)
        s = workpiece.arc_lengths_on_plane(sheet.normal, sheet.offset_m, y, z, s)
    beyond = (s < 0.0) | (s > workpiece.curve.length_m)
    if beyond.any():
        z = np.where(beyond, workpiece.table_m, z)
        on_table = workpiece.arc_lengths_on_plane(sheet.normal, sheet.offset_m, y, z, sheet.seam_s_m)
        s = np.where(beyond, on_table, s)
    level = raised | beyond  # seen from above, these stand for the width of their piece
    normal, step, material = samples.normal.copy(), samples.step_m.copy(), samples.material.copy()
    normal[level] = 0.0, 1.0
    step[level] *= np.abs(samples.normal[level, 1])
    material[raised], material[beyond] = Material.BEAD, TABLE
    return s, z, normal, step, material


def _normals_3d(workpiece: Workpiece, s: FloatArray, normal: FloatArray) -> FloatArray:
    _, tangents, _ = workpiece.curve.evaluate(s)
    return np.column_stack([-tangents[:, 1] * normal[:, 0], tangents[:, 0] * normal[:, 0], normal[:, 1]])


def _towards(points: FloatArray, place: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Unit vectors (n, 3) from points to a place, and the distances (n,)."""
    rays = place - points
    distances = np.sqrt(np.einsum('ij,ij->i', rays, rays))
    return rays / distances[:, None], distances


def _eye_across(workpiece: Workpiece, eye_w: FloatArray, seam_s_m: float) -> FloatArray:
    """(2,) the camera in cross-section coordinates at an arc length."""
    on_curve, tangents, _ = workpiece.curve.evaluate(np.array([seam_s_m]))
    left = np.array([-tangents[0, 1], tangents[0, 0]])
    return np.array([(eye_w[:2] - on_curve[0]) @ left, eye_w[2]])


def _lit(sensor: LaserSensor, points: FloatArray) -> BoolArray:
    """Which samples the laser's outlet sees, in the laser plane."""
    stripe = sensor.T_sensor_stripe
    rays = points - sensor.emitter_m
    return first_hits(rays @ stripe[:3, 1], -(rays @ stripe[:3, 2]))
