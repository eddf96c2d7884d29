"""A second renderer of clamped plates, to judge the stage `plate_seam`: it shares no code with `weld_cell.sim`.

Every pixel's ray, from `cv2.projectPoints` turned round, is cast onto table, plates, gaps and clamps; pixels near an
edge get 25 rays. All is drawn from a numpy Generator. `KINDS` names what there is to judge; the truth is exact.
"""

from dataclasses import dataclass, replace

import numpy as np
from judge_camera import JudgeCamera
from judge_looks import arc, expose, metal, smoke, smooth_noise, table
from judge_plates import Block, Drop, Seam, Wear, Workpiece, soft_step

_TRUTH_STEP_MM = 0.5
_FINE = (np.arange(5) - 2.0) / 5.0
_NEAR_MM = 0.8
QUIET = {'gaussian': 1.0, 'speckle': 0.0, 'salt': 0.0}


@dataclass(frozen=True, eq=False)
class Truth:
    """A seam in the base.

    Attributes:
        path_mm: (n, 3) from end to end, half a millimetre apart.
        gap_mm: (n,) 0 for a lap.
        box_px: (4,) xyxy of what the camera sees of it, with a margin of 12 px.
    """

    path_mm: np.ndarray
    gap_mm: np.ndarray
    box_px: np.ndarray

    @property
    def length_mm(self):
        return float(np.linalg.norm(np.diff(self.path_mm, axis=0), axis=1).sum())


@dataclass(frozen=True, eq=False)
class Judged:
    """An image with its truth.

    Attributes:
        kind: One of KINDS.
        grey: (h, w) uint8.
        camera: That took it.
        height_mm: Of the seams' plane in the base.
        truths: None, one or several.
    """

    kind: str
    grey: np.ndarray
    camera: JudgeCamera
    height_mm: float
    truths: tuple[Truth, ...]


@dataclass(frozen=True, eq=False)
class Air:
    """Lamp, air and chip.

    Attributes:
        uneven: 0 to 1, how unevenly the lamp lights.
        lamp_edges: Count of hard edges of light across the image.
        smoke: 0 to 1.
        arc: 0 to 1, strength of the glare.
        blur_px: Standard deviation of the lens's blur.
        noise: Strengths of the paper's three kinds.
    """

    uneven: float = 0.4
    lamp_edges: int = 0
    smoke: float = 0.0
    arc: float = 0.0
    blur_px: float = 0.6
    noise: dict = None


def render(kind, seed):
    """Draw one image of a kind."""
    rng = np.random.default_rng([seed, sorted(KINDS).index(kind)])
    camera = JudgeCamera.at_random(rng)
    work, wear, air = KINDS[kind](rng)
    turn, origin = rng.uniform(-np.pi, np.pi), rng.uniform(-45.0, 45.0, 2)
    height = work.thickness * (2.0 if work.lap else 1.0)
    light = _lit(camera, work, wear, turn, origin, height, air, rng)
    truths = tuple(_truth(work, seam, turn, origin, height, camera) for seam in work.seams)
    if air.smoke:
        light = smoke(light, air.smoke, rng)
    if air.arc:
        light = arc(light, _arc_place(truths, camera, rng), air.arc, rng)
    grey = expose(light, air.blur_px, {**QUIET, **(air.noise or {})}, rng)
    return Judged(kind, grey, camera, height, truths)


def _lit(camera, work, wear, turn, origin, height, air, rng):
    """(h, w) light, 1 is full scale."""
    base = camera.meets(height)
    x, y = (place.astype(np.float32) for place in _into(base, turn, origin))
    tilt = [way.astype(np.float32) for way in _into(camera.rays[..., :2], turn, np.zeros(2))]
    looks = metal(x, y, wear, rng), table(base[..., 0], base[..., 1], wear, rng)
    plain = work.reflect(x, y, *tilt, *looks)
    rows, columns = np.nonzero(work.edge_near(x, y, _NEAR_MM))
    across, down = np.gradient(base, axis=1)[rows, columns], np.gradient(base, axis=0)[rows, columns]
    total = np.zeros(len(rows))
    at = (rows, columns)
    for dv in _FINE:
        for du in _FINE:
            fine = _into(base[at] + du * across + dv * down, turn, origin)
            total += work.reflect(*fine, tilt[0][at], tilt[1][at], looks[0][at], looks[1][at])
    plain[at] = total / len(_FINE) ** 2
    return plain * _lamp(base, air, rng)


def _into(places, turn, origin):
    """x and y in the plates' frame of places (..., 2) of the base."""
    c, s = np.cos(turn), np.sin(turn)
    dx, dy = places[..., 0] - origin[0], places[..., 1] - origin[1]
    return c * dx + s * dy, c * dy - s * dx


def _lamp(base, air, rng):
    """(h, w) light of the lamp: near and to one side, with hard edges where something stands before it."""
    middle, reach = rng.uniform(-250.0, 250.0, 2), rng.uniform(350.0, 600.0) / max(air.uneven, 0.05)
    far = ((base - middle) ** 2).sum(axis=2)
    light = 1.0 / (1.0 + far / reach**2)
    light *= 1.0 + 0.08 * air.uneven * smooth_noise(light.shape, (200.0, 200.0), rng)
    for _ in range(air.lamp_edges):
        turn, away = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(-150.0, 150.0)
        side = base[..., 0] * np.cos(turn) + base[..., 1] * np.sin(turn) - away
        light *= 1.0 - rng.uniform(0.2, 0.5) * soft_step(side / rng.uniform(1.5, 12.0))
    return light / light.max() * rng.uniform(0.9, 1.25)


def _truth(work, seam, turn, origin, height, camera):
    x = np.linspace(seam.start, seam.end, int((seam.end - seam.start) / _TRUTH_STEP_MM) + 1)
    c, s = np.cos(turn), np.sin(turn)
    y = seam.y(x)
    path = np.column_stack([c * x - s * y + origin[0], s * x + c * y + origin[1], np.full(len(x), height)])
    seen = camera.project(path)
    box = np.concatenate([seen.min(axis=0) - 12.0, seen.max(axis=0) + 12.0])
    return Truth(path, np.zeros(len(x)) if work.lap else seam.width(x), box)


def _arc_place(truths, camera, rng):
    """u, v of an arc: at a seam's end or beyond, as where a weld has begun."""
    seen = camera.project(truths[0].path_mm)
    ends = seen[[0, -1]] if rng.random() < 0.5 else seen[[-1, 0]]
    return ends[0] + rng.uniform(-0.15, 0.12) * (ends[1] - ends[0]) + rng.normal(0.0, 6.0, 2)


def plates(rng, gap=(0.4, 1.6), bend=0.0, count=1, chamfer=0.0, length=(180.0, 430.0)):
    """A row of plates that butt; gap and length are ranges in mm, bend the sagitta's part of the length."""
    half = 0.5 * rng.uniform(*length)
    bright = rng.uniform(0.3, 0.7) * np.concatenate([[1.0], rng.uniform(0.8, 1.25, count)])
    spots = np.cumsum(rng.uniform(45.0, 80.0, count))
    seams = tuple(_seam(rng, half, y - spots.mean(), gap, bend, chamfer) for y in spots)
    low, high = seams[0].bend[0] - rng.uniform(45.0, 100.0), seams[-1].bend[0] + rng.uniform(45.0, 100.0)
    ends = tuple((-half - rng.choice([0.0, rng.uniform(0.3, 5)]), half + rng.choice([0.0, 2.0])) for _ in bright)
    seams = tuple(
        replace(seam, start=max(a[0], b[0]), end=min(a[1], b[1]))
        for seam, a, b in zip(seams, ends[:-1], ends[1:], strict=True)
    )
    turn, long = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.2, 0.9)
    return Workpiece(
        seams, ends, (low, high), tuple(bright), _table_bright(bright, rng), float(rng.choice([1.5, 2.0, 3.0, 5.0])),
        backing=rng.uniform(0.03, 0.2), wall=rng.uniform(0.05, 0.3), lamp=(long * np.cos(turn), long * np.sin(turn)),
        shade=rng.uniform(0.35, 0.75),
    )  # fmt: skip


def _seam(rng, half, y, gap, bend, chamfer):
    first = rng.uniform(*gap)
    widths = (first, float(np.clip(first + rng.uniform(-0.25, 0.25), *gap)))
    rise, twist = (
        bend * 2.0 * half * rng.uniform(0.5, 1.0) * rng.choice([-1, 1]),
        bend * half * rng.uniform(-0.5, 0.5),
    )
    h = 0.01 * half
    return Seam(-half, half, (y, -twist / h, -rise / h**2, twist / h**3), widths, chamfer, rng.uniform(1.2, 1.8))


def _table_bright(bright, rng):
    """A table that an eye tells from the plates."""
    while True:
        table_bright = rng.uniform(0.05, 0.75)
        if all(not 0.82 < table_bright / b < 1.22 for b in bright):
            return table_bright


def _held(work, rng, clamps=(1, 4), tacks=True):
    """Clamps over the seams and tack welds in them."""
    blocks, drops = [], []
    for seam in work.seams:
        for x in rng.uniform(seam.start + 10.0, seam.end - 10.0, int(rng.integers(*clamps))):
            half = (rng.uniform(9.0, 16.0), rng.uniform(16.0, 26.0))
            bright = (rng.uniform(0.08, 0.6), rng.uniform(0.2, 0.7))
            blocks.append(Block((x, seam.y(x) + rng.uniform(-8, 8)), rng.uniform(-0.3, 0.3), half, bright))
        for x in np.arange(seam.start + rng.uniform(5.0, 50.0), seam.end, rng.uniform(50.0, 100.0)) if tacks else ():
            drops.append(Drop((x, seam.y(x)), (rng.uniform(2, 4.5), rng.uniform(1.5, 3)), rng.uniform(0.2, 0.5)))
    return replace(work, blocks=tuple(blocks), drops=tuple(drops))


def _lap(rng, highlight):
    work = plates(rng, gap=(0.0, 0.0))
    up = rng.uniform(0.25, 0.9) * (1.0 if highlight else -1.0)
    work = replace(work, lap=True, thickness=float(rng.choice([1.0, 2.0, 3.0])), lamp=(rng.uniform(-0.3, 0.3), up))
    shine = rng.uniform(1.4, 2.0) if highlight else 1.0
    seam = replace(work.seams[0], chamfer=rng.uniform(0.3, 0.7) if highlight else 0.0, shine=shine)
    return replace(work, seams=(seam,), wall=rng.uniform(0.5, 0.9) if highlight else rng.uniform(0.05, 0.2))


def _bare(rng):
    return Workpiece((), (), (0.0, 0.0), (), rng.uniform(0.05, 0.75))


def _lone(rng, over=False):
    """One plate; over: it fills the whole image."""
    half, wide = (900.0, 900.0) if over else (rng.uniform(80.0, 200.0), rng.uniform(40.0, 120.0))
    work = plates(rng)
    return replace(work, seams=(), ends=((-half, half),), outer=(-wide, wide), bright=work.bright[:1])


def _worn(rng):
    return Wear(
        rng.uniform(0.3, 1), rng.uniform(0.3, 1), rng.uniform(0.4, 1.0), rng.uniform(0.3, 1), rng.uniform(0.3, 1)
    )


def _noisy(**noise):
    return Air(noise=noise)


def _everything(rng):
    """Hard all over: worn, held, blurred, badly lit, noisy, and one time in three smoky."""
    air = Air(
        rng.uniform(0.3, 1.0), int(rng.integers(0, 2)), rng.choice([0.0, 0.0, 0.35]), 0.0, rng.uniform(0.45, 1.2),
        {'gaussian': rng.uniform(1.0, 6.0)},
    )  # fmt: skip
    bend = float(rng.choice([0.0, 0.05]))
    return _held(plates(rng, (0.25, 2.5), bend, chamfer=rng.uniform(0.0, 0.4)), rng), _worn(rng), air


KINDS = {
    'straight': lambda r: (plates(r), Wear(), Air()),
    'curved': lambda r: (plates(r, bend=0.07, length=(150.0, 320.0)), Wear(), Air()),
    'narrow': lambda r: (plates(r, (0.1, 0.3)), Wear(), Air()),
    'wide': lambda r: (plates(r, (2.0, 4.0)), Wear(), Air()),
    'light_backing': lambda r: (replace(plates(r, (0.5, 2.5)), backing=0.6, wall=0.4), Wear(), Air()),
    'chamfered': lambda r: (plates(r, chamfer=r.uniform(0.2, 0.6)), Wear(), Air()),
    'held': lambda r: (_held(plates(r), r), Wear(), Air()),
    'worn': lambda r: (plates(r, (0.3, 1.6)), _worn(r), Air()),
    'several': lambda r: (plates(r, count=int(r.integers(2, 4)), length=(150.0, 350.0)), Wear(), Air()),
    'lap_shadow': lambda r: (_lap(r, False), Wear(), Air()),
    'lap_highlight': lambda r: (_lap(r, True), Wear(), Air()),
    'smoke': lambda r: (plates(r), Wear(), Air(smoke=r.uniform(0.3, 0.75))),
    'arc': lambda r: (plates(r), Wear(), Air(arc=r.uniform(0.3, 1.0))),
    'gaussian': lambda r: (plates(r), Wear(), _noisy(gaussian=r.uniform(4.0, 14.0))),
    'salt': lambda r: (plates(r), Wear(), _noisy(salt=r.uniform(0.005, 0.05))),
    'speckle': lambda r: (plates(r), Wear(), _noisy(speckle=r.uniform(0.05, 0.18))),
    'lamp': lambda r: (plates(r), Wear(), Air(uneven=r.uniform(0.7, 1.0), lamp_edges=int(r.integers(1, 4)))),
    'blurred': lambda r: (plates(r), Wear(), Air(blur_px=r.uniform(1.0, 2.0))),
    'everything': _everything,
    'no_table': lambda r: (_bare(r), Wear(table=r.uniform(0.2, 1.0)), Air()),
    'no_lone_plate': lambda r: (_lone(r), Wear(), Air()),
    'no_scratched_plate': lambda r: (_lone(r, True), replace(_worn(r), scratches=1.0), Air()),
    'no_lamp_edge': lambda r: (_lone(r, r.random() < 0.5), Wear(), Air(uneven=0.9, lamp_edges=3)),
    'no_clamped_plate': lambda r: (replace(_lone(r), blocks=_held(plates(r), r).blocks), _worn(r), Air()),
}
"""What there is to judge; from the names that begin with no_ nothing may be found."""
