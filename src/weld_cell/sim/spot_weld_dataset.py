"""Images of welded panels with their truth: where each weld is, what is wrong with it, and which pixels show it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import Rig
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import BoolArray, FloatArray, ImageArray
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_scene import TABLE_TOP_M, AreaScene, PlacedSheet
from weld_cell.sim.area_view import Picture
from weld_cell.sim.spot_weld import WeldStyle
from weld_cell.sim.spot_weld_defects import WeldDefect
from weld_cell.sim.spot_weld_panel import (
    Lookalike,
    PanelEffects,
    PlannedWeld,
    WeldedPanel,
    draw_panel,
    random_lookalikes,
    random_places,
)

SPLITS = ('train', 'held_out', 'test', 'bank')
SMALLEST_PX, LARGEST_PX = 20.0, 80.0
_FULL_TILT_DEG = 7.0
_CIRCLE = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
_COVERED = 1.02  # of the view by the panel


@dataclass(frozen=True)
class PanelPlan:
    """What an image shall show.

    Attributes:
        diameter_px: Of its welds, about.
        welds: At most; fewer where they would not fit.
        defective: Share of the welds that are.
        lookalikes: Holes, bolts and stamps at most.
        least_severity: Of the defects.
    """

    diameter_px: float
    welds: int
    defective: float = 0.3
    lookalikes: int = 8
    least_severity: float = 0.2

    @classmethod
    def at_random(cls, rng: Generator, defective: float = 0.3) -> 'PanelPlan':
        """10 to 60 welds of any size."""
        diameter = float(np.exp(rng.uniform(np.log(SMALLEST_PX), np.log(LARGEST_PX))))
        return cls(diameter, int(rng.integers(10, 61)), defective, int(rng.integers(0, 14)))


@dataclass(frozen=True, eq=False)
class WeldTruth:
    """A weld in an image.

    Attributes:
        centre_px: (2,) its middle.
        radius_px: Mean radius of the indentation's outline.
        box_xyxy: (4,) about the outline of a good weld there.
        defect: What is wrong; None: it is good.
        severity: 0 to 1.
    """

    centre_px: FloatArray
    radius_px: float
    box_xyxy: FloatArray
    defect: WeldDefect | None
    severity: float


@dataclass(frozen=True, eq=False)
class LabelledPanel:
    """An image and its truth.

    Attributes:
        pixels: (h, w) uint8.
        welds: That lie wholly within the image; n from 0.
        cut: Those that its border cuts.
        defects: (h, w) True where a weld is defective.
        mm_per_px: On the panel, in the middle of the image.
        T_base_camera: (4, 4) where the camera stands.
        height_m: Of the panel's upper side in base_link.
    """

    pixels: ImageArray
    welds: tuple[WeldTruth, ...]
    cut: tuple[WeldTruth, ...]
    defects: BoolArray
    mm_per_px: float
    T_base_camera: FloatArray
    height_m: float


def panel_image(
    rig: Rig, split: str, seed: int, number: int, plan: PanelPlan | None = None, effects: AreaEffects | None = None
) -> LabelledPanel:
    """An image of a set by its number; no panel is in two splits, nor under two seeds.

    Args:
        rig: Whose area camera looks, from nearer by than it hangs.
        split: One of SPLITS.
        seed: Of the set.
        number: From 0.
        plan: What it shall show; None: at random.
        effects: Dials of the light; None: as in a body shop, each somewhat at random.
    """
    rng = np.random.default_rng([SPLITS.index(split), seed, number])
    return labelled_panel(rig, plan or PanelPlan.at_random(rng), effects or body_shop(rng), rng)


def cut_rig(rig: Rig, size_px: tuple[int, int]) -> Rig:
    """The rig with an area camera of which the middle of the chip is read: more panels for the same work."""
    camera = rig.mako.camera
    matrix = camera.matrix.copy()
    matrix[:2, 2] -= (np.array(camera.size_px) - size_px) / 2.0
    return replace(rig, mako=replace(rig.mako, camera=replace(camera, size_px=size_px, matrix=matrix)))


def body_shop(rng: Generator) -> AreaEffects:
    """A lamp on any side, sharp images of usable exposure."""
    shares = {'uneven_light': 0.6, 'specular': 0.5, 'stray_light': 0.3, 'vignetting': 0.7, 'defocus': 0.25}
    shares |= {'dim_light': 0.4, 'sensor_noise': 0.4, 'fixed_pattern': 0.3, 'dust': 0.3, 'table_texture': 0.6}
    return AreaEffects(shadows=0.6, **{name: float(rng.uniform(0.0, most)) for name, most in shares.items()})


def labelled_panel(rig: Rig, plan: PanelPlan, effects: AreaEffects, rng: Generator) -> LabelledPanel:
    """One image of a panel of its own.

    Args:
        rig: Whose area camera looks.
        plan: What it shall show.
        effects: Dials of the light.
        rng: Where everything else is drawn from.
    """
    style = WeldStyle.at_random(rng)
    camera = rig.mako.camera
    mm_per_px = 2.0 * style.radius_mm / plan.diameter_px
    panel = random_panel(plan, style, mm_per_px, camera.size_px, rng)
    placed = PlacedSheet.lying(panel.sheet, np.zeros(2), 0.0)
    distance_m = 1e-3 * mm_per_px * float(camera.matrix[0, 0])
    pose = _camera_pose(TABLE_TOP_M + panel.sheet.thickness_m, distance_m, rng)
    scene = AreaScene(camera, pose, [placed], effects, rng)
    truths = [weld_truth(scene, weld) for weld in panel.welds]
    size = np.array([*camera.size_px] * 2) - 1.0
    outside = [bool((t.box_xyxy[2:] < 0.0).any() or (t.box_xyxy[:2] > size[:2]).any()) for t in truths]
    within = [bool((t.box_xyxy[:2] >= 0.0).all() and (t.box_xyxy[2:] <= size[2:]).all()) for t in truths]
    welds = tuple(t for t, inside in zip(truths, within, strict=True) if inside)
    cut = tuple(t for t, i, o in zip(truths, within, outside, strict=True) if not i and not o)
    height_m = float(placed.T_base_sheet[2, 3])
    return LabelledPanel(scene.image(rng), welds, cut, _defect_mask(scene, placed, panel), mm_per_px, pose, height_m)


def random_panel(
    plan: PanelPlan, style: WeldStyle, mm_per_px: float, size_px: tuple[int, int], rng: Generator
) -> WeldedPanel:
    """A panel that fills an image.

    Args:
        plan: What it shall show.
        style: Of its welds.
        mm_per_px: On the panel.
        size_px: Of the image.
        rng: Where everything else is drawn from.
    """
    size_mm = (_COVERED * mm_per_px * size_px[0], _COVERED * mm_per_px * size_px[1])
    if plan.welds == 1:
        places = [rng.uniform(-0.15, 0.15, 2) * size_mm]
    else:
        places = random_places(plan.welds, size_mm, style.radius_mm, 3.0 * style.radius_mm, rng)
    welds = tuple(_planned(place, plan, style, rng) for place in places)
    others: tuple[Lookalike, ...] = random_lookalikes(plan.lookalikes, size_mm, style.radius_mm, places, rng)
    texels = float(np.clip(1.4 / mm_per_px, 2.0, 20.0))
    return draw_panel(size_mm, texels, welds, others, PanelEffects.at_random(rng, 1.0), rng)


def _planned(place: FloatArray, plan: PanelPlan, style: WeldStyle, rng: Generator) -> PlannedWeld:
    defect = WeldDefect(rng.choice([str(kind) for kind in WeldDefect])) if rng.random() < plan.defective else None
    severity = float(rng.uniform(plan.least_severity, 1.0)) if defect else 0.0
    return PlannedWeld((float(place[0]), float(place[1])), style.varied(rng), defect, severity)


def _camera_pose(height_m: float, distance_m: float, rng: Generator) -> FloatArray:
    """(4, 4) of a camera that looks at the panel's middle, almost straight down."""
    tilt = Rotation.from_euler('xy', rng.uniform(-_FULL_TILT_DEG, _FULL_TILT_DEG, 2), degrees=True)
    turn = Rotation.from_euler('z', float(rng.choice([0.0, 180.0])) + rng.uniform(-2.0, 2.0), degrees=True)
    rotation = turn * tilt * Rotation.from_euler('x', 180.0, degrees=True)
    x, y, z = -distance_m * rotation.as_matrix()[:, 2]
    return make_transform((float(x), float(y), height_m + float(z)), rotation)


def weld_truth(scene: AreaScene, weld: PlannedWeld) -> WeldTruth:
    """By OpenCV's projection of the weld's middle and of its outline."""
    centre = np.array(weld.xy_mm)
    outline = centre + weld.style.radius_mm * np.column_stack([np.cos(_CIRCLE), np.sin(_CIRCLE)])
    pixels = scene.sheet_pixels(0, 1e-3 * np.vstack([centre, outline]))
    radius = float(np.linalg.norm(pixels[1:] - pixels[0], axis=1).mean())
    box = np.concatenate([pixels[1:].min(axis=0), pixels[1:].max(axis=0)])
    return WeldTruth(pixels[0], radius, box, weld.defect, weld.severity)


def _defect_mask(scene: AreaScene, placed: PlacedSheet, panel: WeldedPanel) -> BoolArray:
    width, height = scene.view.camera.size_px
    shown = (panel.defects > 0.0).astype(np.float32)
    picture = Picture(shown, placed.T_base_sheet, panel.sheet.origin_texel, panel.sheet.texels_per_mm)
    return scene.view.seen(picture, (slice(0, height), slice(0, width))) > 0.5
