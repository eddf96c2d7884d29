"""The laser stripe as a judge draws it: laser plane and camera by rays against a joint drawn out along its seam.

It shares no code with weld_cell.sim: the lens is cv2.projectPoints, light and shade are two-dimensional rays in the
cross-section (which is exact for a joint drawn out along its seam), and the light is splatted, blurred and clipped.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.spatial.transform import Rotation
from stripe_joints import DRAW, TABLE, Joint

_SAMPLES_PER_ROW = 4
_LIFT = 1e-3  # of a point off its own face before it looks out
_POOL = np.random.default_rng(99).standard_normal(1 << 22, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class JudgeRig:
    """A laser sensor: camera by OpenCV's words and laser plane; lengths in mm.

    Attributes:
        focal_px, distance_mm, angle_deg: Focal length; where the plane meets the optical axis, and at which angle.
        size_px: (width, height).
        distortion: (5,).
        roll_deg: By which the laser line is turned in the image; 0: along the columns.
    """

    focal_px: float = 2000.0
    distance_mm: float = 300.0
    angle_deg: float = 30.0
    size_px: tuple[int, int] = (640, 480)
    distortion: tuple[float, ...] = (-0.08, 0.05, 0.0, 0.0, 0.0)
    roll_deg: float = 0.0

    @classmethod
    def at_random(cls, rng):
        """Any sensor whose rows are 0.04 to 0.25 mm apart and which sees 18 mm at least."""
        while True:
            size = [(640, 480), (1280, 1024), (2048, 512)][rng.integers(3)]
            focal, distance = rng.uniform(1000, 4000), rng.uniform(150, 500)
            pitch = distance / focal
            if 0.04 <= pitch <= 0.25 and pitch * size[1] >= 18.0:
                lens = (rng.uniform(-0.15, 0.05), rng.uniform(-0.05, 0.08), *rng.normal(0, 3e-4, 2), 0.0)
                return cls(focal, distance, rng.uniform(20, 45), size, lens)

    @property
    def matrix(self):
        """(3, 3) K."""
        width, height = self.size_px
        return np.array([[self.focal_px, 0, 0.5 * width], [0, self.focal_px, 0.5 * height], [0, 0, 1.0]])

    @property
    def turn(self):
        """(3, 3) by which plane and workpiece are turned about the optical axis."""
        return Rotation.from_euler('z', self.roll_deg, True).as_matrix()

    @property
    def axes(self):
        """(3, 3) columns: along the seam, across, up; optical frame."""
        s, c = np.sin(np.radians(self.angle_deg)), np.cos(np.radians(self.angle_deg))
        return self.turn @ np.array([[-c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, -c]])

    @property
    def plane_per_mm(self):
        """(3,) A, B, C of A x + B y + C z = 1."""
        slope = np.tan(np.radians(self.angle_deg))
        return self.turn @ np.array([-1.0 / slope, 0.0, 1.0]) / self.distance_mm

    @property
    def pitch_mm(self):
        """Between rows."""
        return self.distance_mm / self.focal_px

    def project(self, points_mm):
        """Pixels (n, 2) of points (n, 3) of the optical frame."""
        zero = np.zeros(3)
        return cv2.projectPoints(points_mm, zero, zero, self.matrix, np.array(self.distortion))[0][:, 0]


@dataclass(frozen=True)
class Dials:
    """One image's look and sizes; lengths in mm."""

    rig: JudgeRig = field(default_factory=JudgeRig)
    width_px: float = 6.0
    lit: float = 1.0
    noise: float = 2.0
    background: float = 4.0
    ambient: float = 0.0
    speckle: float = 0.15
    exposure: float = 200.0
    bloom: float = 0.02
    gloss: float = 0.1
    mirror: float = 0.05
    laser: bool = True
    channels: int = 1
    tilt_deg: float = 3.0
    turn_deg: float = 0.0
    lift: float = 3.0
    aside: float = 0.1
    thickness: float = 3.0
    lean_deg: float = 0.0
    gap: float = 1.5
    backing: bool = True
    mismatch: float = 0.0
    bevels_deg: tuple[float, float] = (45.0, 45.0)
    bevel_depth: float = 1.2
    corner_deg: float = 90.0
    groove_deg: float = 60.0
    groove_depth: float = 18.0
    root_gap: float = 1.0
    root_face: float = 1.0
    fill: float = 0.45
    crown: float = 0.0


@dataclass(frozen=True, eq=False)
class JudgedStripe:
    """An image and its truth.

    Attributes:
        pixels: (h, w) or (h, w, 3) uint8.
        rig: The sensor.
        name: The joint type.
        seam_mm, seam_px: (3,) in the optical frame, (2,) in the image.
        lit_px: First and last place along the stripe that the laser lights.
    """

    pixels: np.ndarray
    rig: JudgeRig
    name: str
    seam_mm: np.ndarray
    seam_px: np.ndarray
    lit_px: tuple[float, float]


def render(name, dials, rng):
    """One image of a joint type."""
    joint = DRAW[name](dials)
    joint = joint.mirrored() if rng.random() < 0.5 else joint
    return render_placed(joint, dials, *placed(dials, rng), rng)


def render_placed(joint, dials, axes, origin, rng, ends=None):
    """One image of a joint at a place.

    Args:
        joint: A `stripe_joints.Joint`.
        dials: The look.
        axes: (3, 3) columns: along the seam, across, up; optical frame.
        origin: (3,) of the cross-section, optical frame.
        rng: Of speckle and noise.
        ends: Where the plates begin and end, along the seam from the origin, with the height of the table that is
            seen beyond, None for none; None: they go on.
    """
    rig = dials.rig
    rows_mm = rig.pitch_mm * rig.size_px[1]
    places, piece = _sampled(joint, rig.pitch_mm / _SAMPLES_PER_ROW, rows_mm)
    eye, lamp = (_seen_across(point, axes, origin) for point in (np.zeros(3), _lamp(rig)))
    points = _in_laser_plane(places, axes, origin, rig.plane_per_mm)
    light = _light(joint, places, piece, eye, lamp, axes, dials, rng)
    on_plates = np.ones(len(points), bool) if ends is None else _between(points, axes, origin, ends)
    pixels, first = [rig.project(points)], [light * _visible(joint, places, piece, eye) * on_plates]
    if len(joint.mirrors) and dials.mirror > 0.0:
        for wall, other in (joint.mirrors, joint.mirrors[::-1]):
            virtual, through = _mirrored(joint, places[piece == other], wall, eye)
            moved = _moved(points[piece == other], virtual - places[piece == other], axes)
            pixels.append(rig.project(moved))
            first.append(dials.mirror * (light * on_plates)[piece == other] * through)
    if ends is not None and ends[2] is not None:
        table, light = _table(ends, places[on_plates], axes, origin, dials, rng)
        pixels.append(rig.project(table))
        first.append(light)
    seam = _in_laser_plane(joint.seam[None], axes, origin, rig.plane_per_mm)
    seam_px = rig.project(seam)[0]
    lit = _lit_part(dials, seam_px @ rig.turn[:2, 1], rng)
    return JudgedStripe(_image(pixels, first, dials, lit, rng), rig, joint.name, seam[0], seam_px, lit)


def _between(points, axes, origin, ends):
    """(n,) whether points (n, 3) lie on the plates."""
    along = (points - origin) @ axes[:, 0]
    return (along >= ends[0]) & (along <= ends[1])


def _table(ends, lit, axes, origin, dials, rng):
    """Points (n, 3) on the table beyond the plates, and their light (n,); what is lit on the plates shades it."""
    rig = dials.rig
    rows_mm = rig.pitch_mm * rig.size_px[1]
    table = Joint('table', np.array([[-rows_mm, ends[2]], [rows_mm, ends[2]]]), np.array([TABLE]), np.zeros(2))
    places, piece = _sampled(table, rig.pitch_mm / _SAMPLES_PER_ROW, rows_mm)
    points = _in_laser_plane(places, axes, origin, rig.plane_per_mm)
    eye, lamp = (_seen_across(point, axes, origin) for point in (np.zeros(3), _lamp(rig)))
    light = _light(table, places, piece, eye, lamp, axes, dials, rng)
    shade = np.zeros(len(places), bool) if not len(lit) else _nearest(lit[:, 0], places[:, 0]) < 2.0 * rig.pitch_mm
    return points, light * ~(_between(points, axes, origin, ends) | shade)


def _nearest(values, at):
    """(n,) distances of places (n,) from the nearest of some values."""
    ordered = np.sort(values)
    after = np.clip(np.searchsorted(ordered, at), 1, max(len(ordered) - 1, 1))
    return np.minimum(np.abs(at - ordered[after - 1]), np.abs(at - ordered[np.minimum(after, len(ordered) - 1)]))


def placed(dials, rng):
    """Axes (3, 3) and origin (3,) of the workpiece in the optical frame."""
    rig, most = dials.rig, dials.tilt_deg
    error = Rotation.from_euler('xyz', rng.uniform(-most, most, 3) + [0.0, 0.0, dials.turn_deg], True).as_matrix()
    rows_mm = rig.pitch_mm * rig.size_px[1]
    away = rng.uniform(-dials.aside, dials.aside) * rows_mm
    origin = np.array([0.0, 0.0, rig.distance_mm]) + rig.axes[:, 1] * away
    deep = 0.4 * dials.groove_depth
    return rig.axes @ error, origin + rig.axes[:, 2] * (rng.uniform(-dials.lift, dials.lift) + 0.2 * deep)


def _lamp(rig):
    """(3,) where the laser's fan begins."""
    return np.array([0.0, 0.0, rig.distance_mm]) + 0.9 * rig.distance_mm * rig.axes[:, 2]


def _seen_across(point, axes, origin):
    """(2,) a point of the optical frame, along the seam into the cross-section."""
    return ((point - origin) @ axes)[1:]


def _in_laser_plane(places, axes, origin, plane):
    """(n, 3) where places (n, 2) of the cross-section, drawn out along the seam, meet the laser plane."""
    foot = origin + places @ axes[:, 1:].T
    along = (1.0 - foot @ plane) / (axes[:, 0] @ plane)
    return foot + along[:, None] * axes[:, 0]


def _moved(points, shift, axes):
    return points + shift @ axes[:, 1:].T


def _sampled(joint, step, rows_mm):
    """Places (n, 2) along the chain within the view, and their pieces' numbers (n,)."""
    places, piece = [], []
    for k, (begin, end) in enumerate(zip(joint.chain[:-1], joint.chain[1:], strict=True)):
        long = np.hypot(*(end - begin))
        part = np.arange(0.5 * step, long, step) / max(long, 1e-9)
        there = begin + part[:, None] * (end - begin)
        there = there[np.abs(there[:, 0]) < 0.8 * rows_mm] if joint.bright[k] > 0.0 else there[:0]
        places.append(there)
        piece.append(np.full(len(there), k))
    return np.concatenate(places), np.concatenate(piece)


def _normals(joint):
    run = np.diff(joint.chain, axis=0)
    return np.column_stack([-run[:, 1], run[:, 0]]) / np.maximum(np.hypot(*run.T), 1e-9)[:, None]


def _cross(a, b):
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _hits(begin, ray, first, run):
    """Parameters (n, m) on rays (n, 2) and on pieces (m, 2) where each meets each."""
    across = _cross(ray[:, None], run[None])
    across = np.where(np.abs(across) < 1e-12, 1e-12, across)
    gap = first[None] - begin[:, None]
    return _cross(gap, run[None]) / across, _cross(gap, ray[:, None]) / across


def _visible(joint, places, piece, eye):
    """(n,) whether a place looks upon an eye (2,)."""
    normal = _normals(joint)[piece]
    begin = places + _LIFT * normal
    solid = joint.bright > 0.0
    ray_part, piece_part = _hits(begin, eye - begin, joint.chain[:-1][solid], np.diff(joint.chain, axis=0)[solid])
    blocked = ((ray_part > 0.0) & (ray_part < 1.0) & (piece_part >= 0.0) & (piece_part <= 1.0)).any(axis=1)
    return ~blocked & (np.sum((eye - begin) * normal, axis=1) > 0.0)


def _light(joint, places, piece, eye, lamp, axes, dials, rng):
    """(n,) radiance towards the camera, in grey levels."""
    normal = _normals(joint)[piece]
    to_lamp = (lamp - places) / np.hypot(*(lamp - places).T)[:, None]
    dull = np.clip(np.sum(normal * to_lamp, axis=1), 0.0, None)
    middle = to_lamp + (eye - places) / np.hypot(*(eye - places).T)[:, None]
    middle /= np.hypot(*middle.T)[:, None]
    off = np.degrees(np.arccos(np.clip(np.sum(normal * middle, axis=1), -1, 1)))
    lobe = np.exp(-0.5 * (np.hypot(off, 0.5 * dials.rig.angle_deg) / 12.0) ** 2)
    grain = 1.0 + dials.speckle * _noise((len(places),), rng)
    grain = np.clip(np.convolve(grain, np.full(3, 1 / 3), 'same') * 1.0, 0.1, None)
    lit = _visible(joint, places, piece, lamp)
    return dials.exposure * joint.bright[piece] * (dull + 2.0 * dials.gloss * lobe) * lit * grain


def _mirrored(joint, places, wall, eye):
    """Places (n, 2) as they are seen in a wall, and whether the eye sees them there (n,)."""
    begin, run, normal = joint.chain[wall], np.diff(joint.chain, axis=0)[wall], _normals(joint)[wall]
    away = (places - begin) @ normal
    virtual = places - 2.0 * away[:, None] * normal
    ray_part, piece_part = _hits(virtual, eye - virtual, begin[None], run[None])
    inside = (ray_part > 0.0) & (ray_part < 1.0) & (piece_part > 0.0) & (piece_part < 1.0)
    return virtual, inside[:, 0] & (away > 0.0)


def _noise(shape, rng):
    size = int(np.prod(shape))
    start = int(rng.integers(len(_POOL) - size))
    return _POOL[start : start + size].reshape(shape)


def _image(pixels, lights, dials, lit, rng):
    """The image (h, w) or (h, w, 3) of lights (n,) at pixels (n, 2)."""
    rig, (width, height) = dials.rig, dials.rig.size_px
    along = rig.turn[:2, 1]  # of the stripe in the image
    canvas = np.zeros((height + 2, width + 2), np.float32)
    for there, light in zip(pixels, lights, strict=True):
        place = there @ along
        share = np.abs(np.gradient(place)) if len(place) > 1 else np.zeros(len(place))
        share = np.minimum(share, 2.0 / _SAMPLES_PER_ROW)
        edge = np.clip(np.minimum(place - lit[0], lit[1] - place) / 3.0, 0.0, 1.0)
        _splat(canvas, there, light * share * edge)
    sigma = dials.width_px / 2.355
    light = _blurred(canvas, sigma, rig.roll_deg)[1:-1, 1:-1]
    light *= np.float32(np.sqrt(2 * np.pi) * sigma)
    if dials.bloom > 0.0:
        small = cv2.resize(np.minimum(light, 600.0), (width // 8, height // 8), interpolation=cv2.INTER_AREA)
        light += np.float32(6.0 * dials.bloom) * cv2.resize(cv2.GaussianBlur(small, (0, 0), 2.5), (width, height))
    light = light * np.float32(dials.laser) + _ambient(dials, rng)
    light += np.float32(dials.noise) * _noise(light.shape, rng)
    grey = np.clip(np.rint(light, out=light), 0, 255).astype(np.uint8)
    return grey if dials.channels == 1 else cv2.merge([grey] * 3)


def _blurred(canvas, sigma, roll_deg):
    """A laser line is wide across itself only, whichever way it runs; along it there is the lens."""
    lens = 0.7
    if abs(roll_deg) in (0.0, 90.0):
        across, down = (sigma, lens) if roll_deg == 0.0 else (lens, sigma)
        return cv2.GaussianBlur(canvas, (0, 0), across, sigmaY=down)
    reach = int(np.ceil(4.0 * max(sigma, lens)))
    v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(float)
    sine, cosine = np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg))
    kernel = np.exp(-0.5 * (((u * cosine + v * sine) / sigma) ** 2 + ((v * cosine - u * sine) / lens) ** 2))
    return cv2.filter2D(canvas, -1, kernel / kernel.sum())


def _lit_part(dials, seam, rng):
    """First and last place along the stripe that is lit; the joint lies within."""
    width, height = dials.rig.size_px
    if dials.lit >= 1.0:
        return -1e4, 1e4
    long = dials.lit * (height if not dials.rig.roll_deg else width)
    first = seam - long * rng.uniform(0.4, 0.6)
    return first, first + long


def _ambient(dials, rng):
    width, height = dials.rig.size_px
    turn, x, y = rng.uniform(0, 2 * np.pi), np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    slope = (np.cos(turn) * x[None] + np.sin(turn) * y[:, None]).astype(np.float32)
    return np.float32(dials.background) + np.float32(dials.ambient) * (np.float32(0.5) + np.float32(0.5) * slope)


def _splat(canvas, places, weights):
    """Add weights (n,) at pixels (n, 2) to an image with a border of one pixel, shared among four."""
    u, v = places[:, 0] + 1.0, places[:, 1] + 1.0
    height, width = canvas.shape
    inside = (u >= 0) & (v >= 0) & (u < width - 1) & (v < height - 1) & (weights > 0)
    u, v, weights = u[inside], v[inside], weights[inside]
    left, top = u.astype(np.intp), v.astype(np.intp)
    fu, fv = u - left, v - top
    for du, dv, part in ((0, 0, (1 - fu) * (1 - fv)), (1, 0, fu * (1 - fv)), (0, 1, (1 - fu) * fv), (1, 1, fu * fv)):
        np.add.at(canvas, (top + dv, left + du), (weights * part).astype(np.float32))
