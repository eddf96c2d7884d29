"""A scene of the simulated cell: a workpiece somewhere near where it ought to lie, with its truth.

What the cell is told (the nominal scan) and what is true differ by up to 20 mm and 5 degrees, as on a real floor.
"""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from weld_cell.geometry.transforms import (
    invert,
    make_transform,
    rotate_vectors,
    rotation_matrix,
    transform_points,
    unit,
)
from weld_cell.records import FloatArray, ImageArray, JointType
from weld_cell.sim.drift import WorkpieceDrift
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.joint_sizes import random_cross_section
from weld_cell.sim.laser_camera import LaserImager
from weld_cell.sim.lit_stripe import LaserSheet, LitStripe, laser_sheet, light
from weld_cell.sim.reflections import second_reflections
from weld_cell.sim.seam_curve import random_seam
from weld_cell.sim.sensor import LaserSensor, installed_sensor
from weld_cell.sim.shadows import Shadows
from weld_cell.sim.surface import random_surface
from weld_cell.sim.truth import ImageTruth, SeamTruth, seam_truth
from weld_cell.sim.workpiece import Workpiece, random_tacks

_DARK = 0.2  # less light than this part is no stripe for the truth
_CORNER_REACH_M = 1.0e-3  # across the seam: so near to its corners a joint shows of which type it is
T_BASE_MIDDLE = np.array(
    [[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.2], [0.0, 0.0, 0.0, 1.0]], dtype=float
)
"""Where the middle of a seam nominally lies: x along it, which is base_link's y, z up."""


class Scene:
    """A workpiece, the sensor's camera and the truth.

    Args:
        workpiece: The joint.
        T_base_workpiece: (4, 4) where it truly lies.
        effects: The dials of what makes images hard.
        rng: Where texture, light and the noise of every image are drawn from.
        sensor: The line-laser sensor; by default the installed rig's.
        T_base_middle: (4, 4) where the middle of the seam ought to lie: x along it, z out of the joint.

    Attributes:
        workpiece: As given.
        T_base_workpiece: As given.
        effects: As given.
        sensor: The line-laser sensor.
        T_base_nominal: (4, 4) where the workpiece ought to lie: x from nominal start to end, z out of the joint.
        truth: The seam in base_link.
    """

    def __init__(
        self,
        workpiece: Workpiece,
        T_base_workpiece: FloatArray,
        effects: HardEffects,
        rng: Generator,
        sensor: LaserSensor | None = None,
        T_base_middle: FloatArray = T_BASE_MIDDLE,
    ) -> None:
        self.workpiece, self.T_base_workpiece, self.effects = workpiece, T_base_workpiece, effects
        self.sensor = sensor or installed_sensor()
        self.T_base_nominal = nominal_pose(workpiece.curve.chord_m, T_base_middle)
        self.truth = seam_truth(workpiece, T_base_workpiece)
        self._surface = random_surface(rng, effects)
        self._imager = LaserImager(self.sensor, effects, self._surface, rng)
        self._shadows = Shadows(effects.shadows, rng)
        self._rng = rng
        self._cold = effects
        self._drift: WorkpieceDrift | None = None
        self._weld_began_s = 0.0

    def begin_weld(self, time_s: float, arc: float, drift: WorkpieceDrift | None = None) -> None:
        """From here on spatter flies, the arc's light flickers, and the workpiece moves.

        Args:
            time_s: Since the scene began; drift counts from it.
            arc: Dial of spatter and of the arc's light.
            drift: How the workpiece moves; None: it does not.
        """
        self._strike(replace(self._cold, spatter=arc, arc_glare=arc))
        self._drift, self._weld_began_s = drift, time_s

    def end_weld(self) -> None:
        """From here on no spatter flies, and the arc is out; the workpiece goes on as it went."""
        self._strike(self._cold)

    def renew(self) -> None:
        """A workpiece like it lies there, which has not moved."""
        self.end_weld()
        self._drift = None

    def _strike(self, effects: HardEffects) -> None:
        self.effects = effects
        self._imager = LaserImager(self.sensor, effects, self._surface, self._rng)

    def truth_at(self, time_s: float) -> SeamTruth:
        """The seam in base_link as it lies at a time; its directions are taken as those before it moved."""
        if self._drift is None:
            return self.truth
        s = np.linspace(0.0, self.truth.length_m, len(self.truth.positions_m))
        shifts = self._drift.shifts(time_s - self._weld_began_s, s)
        return replace(self.truth, positions_m=self.truth.positions_m + rotate_vectors(self.T_base_workpiece, shifts))

    @classmethod
    def random(
        cls,
        joint_type: JointType,
        rng: Generator,
        *,
        effects: HardEffects,
        curved: bool | None = None,
        length_m: float | None = None,
        position_error_m: float = 0.020,
        angle_error_deg: float = 5.0,
        sizes: str = 'standard',
        sensor: LaserSensor | None = None,
        T_base_middle: FloatArray = T_BASE_MIDDLE,
    ) -> 'Scene':
        """A scene with random sizes, seam, surface and pose.

        Args:
            joint_type: Of the workpiece.
            rng: Where everything random comes from, the images' noise included.
            effects: The dials of what makes images hard.
            curved: Whether the seam is bent; None: at random.
            length_m: Arc length of the seam; None: at random.
            position_error_m: Greatest distance of the true start and end from the nominal ones.
            angle_error_deg: Greatest angle between the true and the nominal orientation.
            sizes: A key of weld_cell.sim.joint_sizes.SIZES.
            sensor: By default the installed rig's.
            T_base_middle: (4, 4) where the middle of the seam ought to lie: x along it, z out of the joint.

        Raises:
            ValueError: no such sizes, or an angle error that alone moves the ends by more than the position error.
        """
        section = random_cross_section(joint_type, rng, sizes, effects.misalignment)
        curve = random_seam(rng, bool(rng.random() < 0.5) if curved is None else curved, length_m)
        table = -rng.uniform(0.025, 0.120)
        error = _pose_error(rng, curve.chord_m, position_error_m, np.radians(angle_error_deg))
        tacks = random_tacks(rng, section, curve.length_m, effects.tack_welds)
        workpiece = Workpiece(section, curve, table, tacks)
        nominal = nominal_pose(curve.chord_m, T_base_middle)
        return cls(workpiece, nominal @ error, effects, rng, sensor, T_base_middle)

    @property
    def joint_type(self) -> JointType:
        """Of the workpiece."""
        return self.workpiece.section.joint_type

    @property
    def nominal_start_m(self) -> FloatArray:
        """(3,) where the seam ought to start, on the plates' surface, in base_link."""
        start: FloatArray = self.T_base_nominal[:3, 3]
        return start

    @property
    def nominal_end_m(self) -> FloatArray:
        """(3,) where the seam ought to end, on the plates' surface, in base_link."""
        return transform_points(self.T_base_nominal, np.array([self.workpiece.curve.chord_m, 0.0, 0.0]))

    def scan_pose(self, along_m: float, T_stripe_error: FloatArray | None = None) -> FloatArray:
        """(4, 4) T_base_tool0 that puts the laser on the nominal seam, looking square at the plates.

        Args:
            along_m: From the nominal start towards the nominal end.
            T_stripe_error: (4, 4) deviation of the stripe frame, for poses that are not square.
        """
        place = make_transform((along_m, 0.0, 0.0))
        error = np.eye(4) if T_stripe_error is None else T_stripe_error
        return self.sensor.tool0_pose(self.T_base_nominal @ place @ error)

    def seam_pose(self, s_m: float, T_stripe_error: FloatArray | None = None) -> FloatArray:
        """(4, 4) T_base_tool0 that puts the laser on the true seam line at an arc length, square to it.

        Args:
            s_m: Arc length from the true start.
            T_stripe_error: (4, 4) deviation of the stripe frame, for poses that are not square.
        """
        points, tangents, _ = self.workpiece.curve.evaluate(np.array([s_m]))
        turn = rotation_matrix(np.array([0.0, 0.0, np.arctan2(tangents[0, 1], tangents[0, 0])]))
        place = make_transform((points[0, 0], points[0, 1], 0.0), turn)
        error = np.eye(4) if T_stripe_error is None else T_stripe_error
        return self.sensor.tool0_pose(self.T_base_workpiece @ place @ error)

    def render(
        self, T_base_tool0: FloatArray, time_s: float, *, laser_on: bool = True
    ) -> tuple[ImageArray, ImageTruth]:
        """Take an image, and tell what it shows.

        Args:
            T_base_tool0: (4, 4) where the robot holds the sensor.
            time_s: Since the scene began; shadows drift with it.
            laser_on: Whether the laser is switched on.

        Returns:
            (height, width) uint8, and its truth.
        """
        sheet, stripe = self._lit(T_base_tool0, time_s)
        shown = stripe if laser_on else replace(stripe, seen=np.zeros_like(stripe.seen))
        return self._picture(stripe, sheet, laser_on), self._truth_of(shown, sheet, T_base_tool0)

    def image(self, T_base_tool0: FloatArray, time_s: float, *, laser_on: bool = True) -> ImageArray:
        """The same image as of `render`, without its truth, for who may not know it."""
        sheet, stripe = self._lit(T_base_tool0, time_s)
        return self._picture(stripe, sheet, laser_on)

    def truth_from(self, T_base_tool0: FloatArray, time_s: float) -> ImageTruth:
        """What `render` would show from a pose at a time, without taking the image."""
        sheet, stripe = self._lit(T_base_tool0, time_s)
        return self._truth_of(stripe, sheet, T_base_tool0)

    def joint_shown(self, T_base_tool0: FloatArray, time_s: float) -> float:
        """How much of what makes the joint's type an image from a pose would show.

        Decided by geometry and light alone, never by what a detector makes of the image: of the surface within
        1 mm of the joint's corners, as the camera would see it on plain metal, the part that lies in the image, not
        under a tack weld, and keeps at least a fifth of its light in spite of shadows, rust and mirror-like spots.

        Returns:
            0 (the type is not in the image) to 1; 0 also where a tack weld covers the seam.
        """
        sheet, stripe = self._unshaded(T_base_tool0, time_s)
        section, size_px = self.workpiece.section, np.array(self.sensor.camera.size_px)
        corners = np.append(section.feature_points_m[:, 0], section.seam_point_m[0])
        near = stripe.seen & (np.abs(stripe.y_m[:, None] - corners).min(axis=1) < _CORNER_REACH_M)
        amount = stripe.flux[near].sum()
        if amount == 0.0 or self.workpiece.is_tacked(sheet.seam_s_m):
            return 0.0
        kept = self._passed(stripe, time_s) * self._surface.at(stripe.s_m, stripe.along_m) > _DARK
        kept &= ((stripe.pixels > -0.5) & (stripe.pixels < size_px - 0.5)).all(axis=1)
        kept &= self.workpiece.tack_heights(stripe.s_m, stripe.y_m) < stripe.z_m
        return float(stripe.flux[near & kept].sum() / amount)

    def _picture(self, stripe: LitStripe, sheet: LaserSheet, laser_on: bool) -> ImageArray:
        if not laser_on:
            return self._imager.image(None, [], self._rng)
        ghosts = second_reflections(
            stripe, self._imager.brightness(stripe), sheet.workpiece, self.sensor, self.effects.second_reflections
        )
        return self._imager.image(stripe, ghosts, self._rng)

    def _lit(self, T_base_tool0: FloatArray, time_s: float) -> tuple[LaserSheet, LitStripe]:
        sheet, stripe = self._unshaded(T_base_tool0, time_s)
        passed = self._passed(stripe, time_s)
        return sheet, replace(stripe, seen=stripe.seen & (passed > _DARK), flux=stripe.flux * passed)

    def _unshaded(self, T_base_tool0: FloatArray, time_s: float) -> tuple[LaserSheet, LitStripe]:
        T_workpiece_sensor = invert(self.T_base_workpiece) @ T_base_tool0 @ self.sensor.T_tool0_sensor
        sheet = laser_sheet(self.workpiece, self.sensor, T_workpiece_sensor)
        if self._drift is not None:
            place_m = self.workpiece.seam_points(np.array([sheet.seam_s_m]))[0]
            moved = self._drift.moved(time_s - self._weld_began_s, sheet.seam_s_m, place_m)
            T_workpiece_sensor = invert(moved) @ T_workpiece_sensor
            sheet = laser_sheet(self.workpiece, self.sensor, T_workpiece_sensor)
            wider_m = self._drift.opened_m(time_s - self._weld_began_s, sheet.seam_s_m)
            sheet = replace(sheet, workpiece=self.workpiece.opened(wider_m))
        return sheet, light(sheet, self.sensor, T_workpiece_sensor)

    def _passed(self, stripe: LitStripe, time_s: float) -> FloatArray:
        """(n,) part of the light that shadows let through."""
        frame = self.sensor.T_sensor_stripe
        return self._shadows.transmission((stripe.points_m - frame[:3, 3]) @ frame[:3, 1], time_s)

    def _truth_of(self, stripe: LitStripe, sheet: LaserSheet, T_base_tool0: FloatArray) -> ImageTruth:
        section = sheet.workpiece.section
        y, z = np.vstack([section.feature_points_m, section.seam_point_m]).T
        s = self.workpiece.arc_lengths_on_plane(sheet.normal, sheet.offset_m, y, z, sheet.seam_s_m)
        points_w = self.workpiece.points(s, y, z)
        pixels = self.sensor.project(transform_points(stripe.T_sensor_workpiece, points_w))
        stripe_px = stripe.row_crossings(self.sensor.camera.size_px)
        return ImageTruth(
            self.joint_type,
            pixels[:-1],
            pixels[-1],
            self._seam_visible(float(s[-1]), pixels[-1], stripe_px, section.gap_m),
            transform_points(self._T_base_workpiece_seen(stripe, T_base_tool0), points_w[-1]),
            stripe_px,
        )

    def _T_base_workpiece_seen(self, stripe: LitStripe, T_base_tool0: FloatArray) -> FloatArray:
        """(4, 4) where the workpiece lies at the stripe; exactly as given where it does not move."""
        if self._drift is None:
            return self.T_base_workpiece
        seen: FloatArray = T_base_tool0 @ self.sensor.T_tool0_sensor @ stripe.T_sensor_workpiece
        return seen

    def _seam_visible(self, s: float, pixel: FloatArray, stripe_px: FloatArray, gap_m: float) -> bool:
        width, height = self.sensor.camera.size_px
        if not (0.0 <= s <= self.workpiece.curve.length_m and 0 <= pixel[0] < width and 0 <= pixel[1] < height):
            return False
        lit_rows = np.abs(stripe_px[:, 1] - pixel[1])
        rows_per_metre = self.sensor.camera.matrix[1, 1] / self.sensor.range_m
        reach_px = 2.0 + 0.7 * gap_m * rows_per_metre  # half the gap, nearer to the camera
        return bool(len(lit_rows) and lit_rows.min() < reach_px) and not self.workpiece.is_tacked(s)


def nominal_pose(chord_m: float, T_base_middle: FloatArray = T_BASE_MIDDLE) -> FloatArray:
    """(4, 4) T_base_workpiece where a seam ought to lie whose ends are a chord apart, by its middle."""
    return T_base_middle @ make_transform((-0.5 * chord_m, 0.0, 0.0))


def _pose_error(rng: Generator, chord_m: float, position_m: float, angle_rad: float) -> FloatArray:
    """(4, 4) deviation in the frame workpiece that moves neither end by more than the position error."""
    axis = unit(rng.standard_normal(3))
    turn = rotation_matrix(axis * angle_rad * rng.random())
    half = np.array([0.5 * chord_m, 0.0, 0.0])
    swing = turn @ half - half
    room = position_m - float(np.linalg.norm(swing))
    if room < 0:
        raise ValueError(f'an angle error of {angle_rad:.3f} rad moves the ends by more than {position_m} m')
    shift = unit(rng.standard_normal(3)) * room * rng.random()
    return make_transform(half + shift - turn @ half, turn)
