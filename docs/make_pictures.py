"""Makes docs/hard_effects.md and its pictures from the simulator: each effect at 0, 0.5 and 1 on the same workpiece.

    .venv/bin/python docs/make_pictures.py

Only the dial of the effect differs within a picture: the scene is drawn from the same seed, all other dials are 0.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray, ImageArray, JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene

DOCS = Path(__file__).parent
FOLDER = DOCS / 'hard_effects'
DIALS = (0.0, 0.5, 1.0)
TILE_PX = (320, 240)
JPEG_QUALITY = 72
PLACE = 0.5  # along the seam


@dataclass(frozen=True)
class Shot:
    """How an effect is shown.

    Attributes:
        joint_type: A joint on which it shows.
        see: What to look for.
        zoom: Enlargement of a cut around the seam, pixel by pixel; 0: the whole image, halved.
        seed: Of the scene.
    """

    joint_type: JointType
    see: str
    zoom: int = 1
    seed: int = 1


SHOTS = {
    'saturation': Shot(JointType.LAP, 'The saturated core of the stripe widens.', zoom=4),
    'blooming': Shot(JointType.V, 'A halo around the bright parts.', zoom=2),
    'speckle': Shot(JointType.BUTT, 'The stripe becomes grainy; its centre shifts from row to row.', zoom=2),
    'mill_scale': Shot(JointType.LAP, 'Brightness and width of the stripe vary from patch to patch.', zoom=2),
    'grinding': Shot(JointType.SPLICE, 'Fine, sharp changes of brightness along the stripe.', zoom=4, seed=7),
    'rust': Shot(JointType.LAP, 'Dim sections with irregular ends.'),
    'specular_breaks': Shot(JointType.FILLET, 'Gaps where the surface reflects the light away from the camera.'),
    'second_reflections': Shot(JointType.FILLET, 'Each plate shows a mirror image of the stripe on the other plate.'),
    'shadows': Shot(JointType.LAP, 'Sections of the stripe are missing.', zoom=0),
    'ambient_light': Shot(JointType.SPLICE, 'A bright, uneven background.', zoom=0),
    'sensor_noise': Shot(JointType.BUTT, 'Grain over the whole image.', zoom=4),
    'motion_blur': Shot(JointType.SPLICE, 'Stripe and notch are blurred along the motion.', zoom=4),
    'spatter': Shot(JointType.V, 'Bright streaks enter from the weld at the left.', zoom=0),
    'arc_glare': Shot(JointType.FILLET, 'Light from the arc at the left brightens the image, and flickers.', zoom=0),
    'tack_welds': Shot(JointType.BUTT, 'A weld bead instead of the gap.', zoom=2),
    'misalignment': Shot(JointType.BUTT, 'One plate stands higher: a step at the gap.', zoom=2, seed=4),
}
POSES = {
    'roll': ((-10.0, 0.0, 10.0), 'deg', 'About the direction of travel: the stripe is tilted in the image.'),
    'pitch': (
        (-10.0, 0.0, 10.0),
        'deg',
        'About the stripe: an oblique section; both walls brighter or dimmer.',
    ),
    'yaw': ((-10.0, 0.0, 10.0), 'deg', 'About the laser: an oblique section; one wall becomes dimmer.'),
    'height': ((-20.0, 0.0, 20.0), 'mm', 'The stand-off: the stripe moves across the image and its scale changes.'),
}


def main() -> None:
    """Make every picture, then the page."""
    FOLDER.mkdir(exist_ok=True)
    missing = {f.name for f in fields(HardEffects)} ^ set(SHOTS)
    if missing:
        raise SystemExit(f'no picture is described for, or no such effect: {", ".join(sorted(missing))}')
    for name, shot in SHOTS.items():
        _write(name, [_effect_tile(name, shot, dial) for dial in DIALS])
    for name, (values, unit, _) in POSES.items():
        _write(f'pose_{name}', [_pose_tile(name, value, f'{value:+g} {unit}') for value in values])
    (DOCS / 'hard_effects.md').write_text(_page(), encoding='utf-8')
    size = sum(file.stat().st_size for file in DOCS.rglob('*') if file.is_file())
    print(f'{len(SHOTS) + len(POSES)} pictures; docs/ has {size / 1e6:.2f} MB')


def _effect_tile(name: str, shot: Shot, dial: float) -> ImageArray:
    effects = HardEffects(**{name: dial})
    scene = Scene.random(shot.joint_type, np.random.default_rng(shot.seed), effects=effects, curved=False)
    pixels, truth = scene.render(scene.seam_pose(_place(scene, name)), time_s=0.0)
    return _labelled(_cut(pixels, truth.seam_px, shot.zoom) if shot.zoom else _halved(pixels), f'{dial:g}')


def _place(scene: Scene, effect: str) -> float:
    """Arc length of the picture; for tack welds on the one nearest to the middle."""
    middle = PLACE * scene.truth.length_m
    if effect != 'tack_welds':
        return middle
    return min((tack.centre_m for tack in scene.workpiece.tacks), key=lambda s: abs(s - middle), default=middle)


def _pose_tile(name: str, value: float, label: str) -> ImageArray:
    scene = Scene.random(JointType.V, np.random.default_rng(2), effects=HardEffects.none(), curved=False)
    pixels = scene.image(scene.seam_pose(PLACE * scene.truth.length_m, _error(name, value)), time_s=0.0)
    return _labelled(_halved(pixels), label)


def _error(name: str, value: float) -> FloatArray:
    if name == 'height':
        return make_transform((0.0, 0.0, 1e-3 * value), Rotation.identity())
    axis = {'roll': 'x', 'pitch': 'y', 'yaw': 'z'}[name]
    return make_transform((0.0, 0.0, 0.0), Rotation.from_euler(axis, value, degrees=True))


def _halved(pixels: ImageArray) -> ImageArray:
    return np.asarray(cv2.resize(pixels, TILE_PX, interpolation=cv2.INTER_AREA))


def _cut(pixels: ImageArray, centre_px: FloatArray, zoom: int) -> ImageArray:
    width, height = (side // zoom for side in TILE_PX)
    left = int(np.clip(centre_px[0] - width / 2, 0, pixels.shape[1] - width))
    top = int(np.clip(centre_px[1] - height / 2, 0, pixels.shape[0] - height))
    return pixels[top : top + height, left : left + width].repeat(zoom, axis=0).repeat(zoom, axis=1)


def _labelled(tile: ImageArray, label: str) -> ImageArray:
    tile[:20, : 9 * len(label) + 12] = 0
    cv2.putText(tile, label, (6, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 255, 1, cv2.LINE_AA)
    return tile


def _write(name: str, tiles: list[ImageArray]) -> None:
    line = np.full((TILE_PX[1], 4), 255, np.uint8)
    strip = np.hstack([part for tile in tiles for part in (line, tile)][1:])
    cv2.imwrite(str(FOLDER / f'{name}.jpg'), strip, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def _page() -> str:
    doc = {f.name: f.metadata['doc'] for f in fields(HardEffects)}
    effects = '\n\n'.join(
        f'## {name}\n\n{doc[name]} {shot.see} Shown on a {shot.joint_type} joint.\n\n'
        f'![{name} at 0, 0.5 and 1](hard_effects/{name}.jpg)'
        for name, shot in SHOTS.items()
    )
    poses = '\n\n'.join(
        f'**{name}**, {values[0]:+g}, 0 and {values[-1]:+g} {unit}. {see}\n\n![{name}](hard_effects/pose_{name}.jpg)'
        for name, (values, unit, see) in POSES.items()
    )
    return f"""# Image effects of the simulated laser sensor

Each effect has a strength from 0 (absent) to 1 (worst case) in `weld_cell.sim.effects.HardEffects`. By default the
evaluations draw every strength at random from 0 to 1 for each workpiece, all effects at once, and the sensor's pose
within 10 degrees and 20 mm. Below, one effect at a time at 0, 0.5 and 1, all others at 0, from the same seed. Made by
`python docs/make_pictures.py`.

{effects}

## The sensor's pose

Not an effect: the scene draws roll, pitch and yaw within 10 degrees, the height within 20 mm and the place across the
seam within 10 mm. Shown on a v joint.

{poses}
"""


if __name__ == '__main__':
    main()
