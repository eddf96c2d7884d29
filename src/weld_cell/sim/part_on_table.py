"""A part of the shipped library somewhere on the table, and the joint at its seam: what a run with a part simulates.

The nodes that render it and the report that knows the truth call the same functions with the same seed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import Rig
from weld_cell.geometry.transforms import frame_from_z_and_x, make_transform, rotate_vectors, transform_points
from weld_cell.records import FloatArray, JobSeam, JointType
from weld_cell.sim.area_scene import TABLE_TOP_M, PlacedSheet
from weld_cell.sim.area_view import AreaView
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.sheet_metal import SheetPart
from weld_cell.sim.sheet_metal_drawing import as_sheet
from weld_cell.sim.shipped_parts import shipped_codes, shipped_part, shipped_seam

REACH_M = ((0.75, 1.10), (-0.30, 0.30))
"""x and y in base_link between which the robot scans a seam on the table at any angle."""
JOINT_ERROR_M, JOINT_ERROR_DEG = 0.004, 2.0
"""How far the joint may lie from where the part's job has it: plates are not clamped to a tenth."""
PART_LAYOUTS = {'parts': '', **{f'parts_{code}': code for code in shipped_codes()}}
"""Name of a layout of the table with one part of the shipped library -> its code; empty: drawn at random."""
_IN_VIEW_PX = 30.0  # the lens bends the image's border by half of it
_TEXELS_PER_MM = 4.0
_MOST_DRAWS = 10_000


@dataclass(frozen=True, eq=False)
class PartOnTable:
    """A part and where it lies.

    Attributes:
        code: Which one.
        part: Its shape.
        seam: Of its job.
        T_base_part: (4, 4) its frame, on its upper side.
    """

    code: str
    part: SheetPart
    seam: JobSeam
    T_base_part: FloatArray

    def placed_sheet(self, seed: int) -> PlacedSheet:
        """What the area camera sees; how this piece is brushed or scratched is drawn from the seed."""
        sheet = as_sheet(self.part, _TEXELS_PER_MM, np.random.default_rng([seed, 3]))
        return PlacedSheet(sheet, self.T_base_part)

    def joint_scene(self, joint_type: JointType, seed: int, sensor: LaserSensor | None = None) -> Scene:
        """What the laser sensor sees: a joint at the part's seam, near to where the job has it.

        Args:
            joint_type: Where the job names none.
            seed: Sizes, bend, pose, surface and noise are drawn from it.
            sensor: By default the installed rig's.
        """
        start, end = self.seam_ends_m
        middle = frame_from_z_and_x(
            0.5 * (start + end), rotate_vectors(self.T_base_part, self.seam.normal), end - start
        )
        return Scene.random(
            self.seam.joint_type or joint_type,
            np.random.default_rng(seed),
            effects=HardEffects.nominal(),
            length_m=float(np.linalg.norm(end - start)),
            position_error_m=JOINT_ERROR_M,
            angle_error_deg=JOINT_ERROR_DEG,
            sensor=sensor,
            T_base_middle=middle,
        )

    @property
    def seam_ends_m(self) -> FloatArray:
        """(2, 3) start and end of its seam in base_link."""
        return transform_points(self.T_base_part, np.stack([self.seam.start_m, self.seam.end_m]))


def part_of_layout(lies: str, seed: int, rig: Rig) -> PartOnTable | None:
    """The part on the table of a simulated run; None where its layout has none of the shipped library."""
    return part_on_table(PART_LAYOUTS[lies], seed, rig) if lies in PART_LAYOUTS else None


def part_on_table(code: str, seed: int, rig: Rig) -> PartOnTable:
    """A part anywhere on the table, turned by any angle: the area camera sees all of it, the robot reaches its seam.

    Args:
        code: Of the shipped library; empty: one of it, drawn at random.
        seed: What is drawn at random is drawn from it.
        rig: Whose area camera looks.

    Raises:
        ValueError: there is no such part, or no place for it.
    """
    rng = np.random.default_rng([seed, 2])
    drawn = str(rng.choice(shipped_codes()))
    code = code or drawn
    part, seam, view = shipped_part(code), shipped_seam(code), AreaView(rig.mako.camera, rig.mako.T_parent_sensor)
    outline = 1e-3 * part.outline.polygon(0.1)
    corners = np.column_stack([outline, np.zeros(len(outline))])
    for _ in range(_MOST_DRAWS):
        found = PartOnTable(code, part, seam, _anywhere(part, rng))
        if in_reach(found.seam_ends_m) and _in_view(view, transform_points(found.T_base_part, corners)):
            return found
    raise ValueError(f'no place on the table where the camera sees all of {code} and the robot reaches its seam')


def _anywhere(part: SheetPart, rng: Generator) -> FloatArray:
    """(4, 4) about where the robot reaches."""
    (low_x, high_x), (low_y, high_y) = REACH_M
    x, y = rng.uniform((low_x - 0.2, low_y - 0.2), (high_x + 0.2, high_y + 0.2)).tolist()
    turn = Rotation.from_euler('z', rng.uniform(-180.0, 180.0), degrees=True)
    return make_transform((x, y, TABLE_TOP_M + 1e-3 * part.thickness_mm), turn)


def in_reach(ends_m: FloatArray) -> bool:
    """Whether the robot scans and welds a seam between ends (2, 2 or 3) in base_link."""
    low, high = np.transpose(REACH_M)
    return bool(((ends_m[:, :2] >= low) & (ends_m[:, :2] <= high)).all())


def _in_view(view: AreaView, points_m: FloatArray) -> bool:
    pixels, size = view.project(points_m), np.array(view.camera.size_px)
    return bool(((pixels > _IN_VIEW_PX) & (pixels < size - 1 - _IN_VIEW_PX)).all())
