"""Sheet-metal parts drawn by supersampling, as an independent judge: nothing of the package draws here.

A part is a polygon with holes in millimetres. It is turned by turning its corners, never by turning a picture.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

SUPERSAMPLES = 8
SHIFT = 6
SIZE_PX = (1456, 1088)
PX_PER_MM = 2.0
CUT_PX = 550


@dataclass(frozen=True, eq=False)
class DrawnPart:
    """A flat part: outer ring (n, 2) and holes, in mm from its origin, y down as in the image; grey and texture."""

    outer: np.ndarray
    holes: tuple
    grey: float = 165.0
    texture_grey: float = 6.0
    scratches: int = 6

    def mirrored(self):
        return replace(self, outer=self.outer * (-1, 1), holes=tuple(hole * (-1, 1) for hole in self.holes))

    def area(self):
        return abs(ring_area(self.outer)) - sum(abs(ring_area(hole)) for hole in self.holes)


def ring_area(ring):
    x, y = ring.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def random_part(rng, asymmetry_pct):
    """A part and its mirror image, which differ in this share of the area: a lens on one of two long edges."""
    half, height = rng.uniform(85, 115), rng.uniform(70, 105)
    right = symmetric_half(rng, half, height)
    outer = np.concatenate([right, right[::-1] * (-1, 1)])
    holes = tuple(symmetric_holes(rng, half, height))
    base = DrawnPart(outer, holes, rng.uniform(140, 190))
    part = replace(base, outer=with_lens(base.outer, 0.5 * asymmetry_pct / 100 * base.area(), rng))
    return part, part.mirrored()


def symmetric_half(rng, half, height):
    """The right side from top to bottom: shoulders, a notch or a tab, a slanted foot."""
    shoulder, foot = rng.uniform(0.55, 0.95) * half, rng.uniform(0.6, 1.0) * half
    drop = rng.uniform(0.1, 0.3) * height
    corners = [(0, -height), (shoulder, -height), (half, -height + drop)]
    if rng.random() < 0.6:
        depth, width, at = rng.uniform(8, 20), rng.uniform(10, 22), rng.uniform(-0.25, 0.25) * height
        side = rng.choice([-1, 1])
        corners += [
            (half, at - width),
            (half + side * depth, at - 0.7 * width),
            (half + side * depth, at + 0.7 * width),
        ]
        corners += [(half, at + width)]
    corners += [(half, height - 0.6 * drop), (foot, height)]
    corners += [(rng.uniform(0.2, 0.4) * half, height), (0, height - rng.uniform(0, 25))]
    return filleted(np.array(corners, float), rng.uniform(3, 9))


def filleted(corners, radius):
    """Each inner corner of a chain rounded by a quadratic curve."""
    points = [corners[0]]
    for before, corner, after in zip(corners[:-2], corners[1:-1], corners[2:], strict=True):
        a = corner + (before - corner) * min(radius / np.linalg.norm(before - corner), 0.45)
        b = corner + (after - corner) * min(radius / np.linalg.norm(after - corner), 0.45)
        t = np.linspace(0, 1, 9)[:, None]
        points += list((1 - t) ** 2 * a + 2 * t * (1 - t) * corner + t**2 * b)
    return np.array([*points, corners[-1]])


def symmetric_holes(rng, half, height):
    circle = np.stack([np.cos(np.linspace(0, 2 * np.pi, 48, False)), np.sin(np.linspace(0, 2 * np.pi, 48, False))], 1)
    for row in rng.choice([-0.55, -0.1, 0.4], rng.integers(1, 4), replace=False):
        radius = rng.uniform(5, 12)
        if rng.random() < 0.5:
            x = rng.uniform(0.25, 0.5) * half
            for side in (-1, 1):
                yield circle * radius + (side * x, row * height)
        else:
            slot = circle * radius
            slot[:, 0] += np.sign(slot[:, 0]) * rng.uniform(0, 25)
            yield slot + (0, row * height)


def with_lens(ring, area, rng):
    """A ring whose longest edge on the right is bent outwards by a lens of this area."""
    step = np.roll(ring, -1, axis=0) - ring
    length = np.linalg.norm(step, axis=1) * (ring[:, 0] + 0.5 * step[:, 0] > 0.1 * ring[:, 0].max())
    k = int(np.argmax(length))
    along, normal = step[k], np.array([step[k, 1], -step[k, 0]]) / length[k]
    if ring_area(ring) < 0:
        normal = -normal
    share = rng.uniform(0.5, 0.95)
    s = np.linspace(-1, 1, 31)[:, None]
    lens = ring[k] + along * (0.5 + 0.5 * share * s) + normal * (1.5 * area / (share * length[k])) * (1 - s**2)
    return np.concatenate([ring[: k + 1], lens, ring[k + 1 :]])


def placed(ring, angle_deg, centre_px, px_per_mm):
    a = math.radians(angle_deg)
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    return ring @ turn.T * px_per_mm + centre_px


def cover_of(part, angle_deg, centre_px, size_px, px_per_mm):
    """(h, w) share of each pixel that is metal."""
    outer = placed(part.outer, angle_deg, centre_px, px_per_mm)
    low = np.clip(np.floor(outer.min(axis=0)).astype(int) - 2, 0, np.subtract(size_px, 1))
    high = np.clip(np.ceil(outer.max(axis=0)).astype(int) + 3, 1, size_px)
    cover = np.zeros(size_px[::-1], np.float32)
    width, height = np.maximum(high - low, 1)
    canvas = np.zeros((height * SUPERSAMPLES, width * SUPERSAMPLES), np.uint8)
    for ring, value in [(outer, 255), *((placed(h, angle_deg, centre_px, px_per_mm), 0) for h in part.holes)]:
        fine = ((ring - low + 0.5) * SUPERSAMPLES - 0.5) * 2**SHIFT
        cv2.fillPoly(canvas, [np.round(fine).astype(np.int32)], value, cv2.LINE_8, SHIFT)
    small = cv2.resize(canvas, (int(width), int(height)), interpolation=cv2.INTER_AREA)
    cover[low[1] : low[1] + height, low[0] : low[0] + width] = small / np.float32(255)
    return cover


def surface_of(part, angle_deg, size_px, rng):
    """(h, w) grey of a brushed and scratched sheet whose grain turns with the part."""
    diagonal = int(math.hypot(*size_px)) + 4
    grain = rng.normal(0, 1, (diagonal // 2, diagonal // 8)).astype(np.float32)
    grain = cv2.resize(grain, (diagonal, diagonal), interpolation=cv2.INTER_LINEAR)
    for _ in range(part.scratches):
        ends = rng.integers(0, diagonal, (2, 2))
        cv2.line(grain, ends[0].tolist(), ends[1].tolist(), float(rng.uniform(-3, 3)), 1, cv2.LINE_AA)
    matrix = cv2.getRotationMatrix2D((diagonal / 2, diagonal / 2), -angle_deg, 1.0)
    matrix[:, 2] += np.subtract(size_px, diagonal) / 2
    turned = cv2.warpAffine(grain, matrix, size_px, borderMode=cv2.BORDER_REFLECT)
    return part.grey + part.texture_grey * turned


def draw_part(part, angle_deg, centre_px, size_px, px_per_mm, background, rng):
    """(h, w) uint8 of one part; background is a grey or an (h, w) picture to lay it on."""
    return draw_parts([(part, angle_deg, centre_px)], size_px, px_per_mm, background, rng)


def draw_parts(placements, size_px, px_per_mm, background, rng, noise_grey=2.0):
    """Several parts, later ones on top."""
    picture = np.full(size_px[::-1], background, np.float32)
    for part, angle_deg, centre_px in placements:
        cover = cover_of(part, angle_deg, centre_px, size_px, px_per_mm)
        picture += cover * (surface_of(part, angle_deg, size_px, rng) - picture)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6)
    light = 1.0 + 0.03 * np.linspace(-1, 1, size_px[0], dtype=np.float32)
    noise = np.empty(picture.shape, np.float32)
    cv2.setRNGSeed(int(rng.integers(2**31)))
    cv2.randn(noise, 0.0, noise_grey)
    return np.clip(np.round(picture * light + noise), 0, 255).astype(np.uint8)


def uneven_background(rng, size_px=SIZE_PX):
    """A table with blotches and a slope of light, half as bright as metal in places."""
    rough = rng.normal(0, 1, (9, 12)).astype(np.float32)
    blotches = cv2.resize(rough, size_px, interpolation=cv2.INTER_CUBIC)
    return np.clip(60 + 12 * blotches + np.linspace(-30, 30, size_px[0], dtype=np.float32), 5, 250)
