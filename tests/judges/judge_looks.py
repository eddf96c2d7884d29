"""Textures of metal and table, and what lies between them and the chip: smoke, arc light, noise."""

import cv2
import numpy as np

_TEXELS_PER_MM = 2.0
_REACH_MM = 320.0


def smooth_noise(shape, size, rng):
    """(h, w) of mean 0 and variance 1; size is that of its grains along x and y."""
    rows, columns = (max(int(np.ceil(n / s)) + 3, 4) for n, s in zip(shape, size[::-1], strict=True))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    fine = cv2.resize(coarse, (int(columns * size[0]), int(rows * size[1])), interpolation=cv2.INTER_CUBIC)
    fine = fine[: shape[0], : shape[1]]
    return (fine - fine.mean()) / max(float(fine.std()), 1e-6)


def metal(x, y, wear, rng):
    """Factor on the reflectance of plates at places (h, w) of their frame."""
    side = int(2 * _REACH_MM * _TEXELS_PER_MM)
    look = 1.0 + 0.04 * wear.brushed * smooth_noise((side, side), (40.0, 1.0), rng)
    blotches = smooth_noise((side, side), (24.0, 24.0), rng) + 0.5 * smooth_noise((side, side), (3.0, 3.0), rng)
    look *= 1.0 - 0.5 * np.clip(0.5 * (blotches - 2.0 + 2.6 * wear.rust), 0.0, 1.0)
    scratch(look, rng.poisson(80 * wear.scratches), 20.0, rng)
    speckle(look, rng.poisson(300 * wear.spatter), rng)
    return placed(look, x, y)


def table(x, y, wear, rng):
    """Factor on the reflectance of the table at places (h, w) of it."""
    side = int(2 * _REACH_MM * _TEXELS_PER_MM)
    look = 1.0 + 0.08 * wear.table * smooth_noise((side, side), (60.0, 60.0), rng)
    look *= 1.0 + 0.05 * wear.table * smooth_noise((side, side), (2.0, 2.0), rng)
    scratch(look, rng.poisson(60 * wear.table), 40.0, rng)
    speckle(look, rng.poisson(80 * wear.table), rng)
    return placed(look, x, y)


def placed(look, x, y):
    """A texture, its middle at the origin, seen at places (h, w); mirrored where it ends."""
    u, v = ((_REACH_MM + place) * _TEXELS_PER_MM - 0.5 for place in (x, y))
    return cv2.remap(
        look.astype(np.float32), u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip


def scratch(look, count, length_mm, rng):
    """Straight lines, dark and bright, into a texture."""
    marks = np.zeros(look.shape, np.float32)
    for _ in range(count):
        start, turn = rng.uniform(0, look.shape[0], 2), rng.uniform(0.0, np.pi)
        end = start + _TEXELS_PER_MM * rng.exponential(length_mm) * np.array([np.cos(turn), np.sin(turn)])
        ends = [tuple(int(16 * v) for v in point) for point in (start, end)]
        cv2.line(marks, ends[0], ends[1], float(rng.uniform(-0.35, 0.35)), 1, cv2.LINE_AA, shift=4)
    look *= 1.0 + marks


def speckle(look, count, rng):
    """Drops of spatter into a texture, dark and bright."""
    for _ in range(count):
        u, v = rng.uniform(0, look.shape[0], 2)
        radius = int(16 * _TEXELS_PER_MM * rng.uniform(0.2, 0.9))
        factor = float(rng.choice([0.25, 0.4, 1.5]))
        cv2.circle(look, (int(16 * u), int(16 * v)), radius, factor, -1, cv2.LINE_AA, shift=4)


def smoke(light, strength, rng):
    """Haze before the scene: it hides, and is bright itself."""
    shape = light.shape
    cloud = sum(smooth_noise(shape, (s, s), rng) * (s / 300.0) ** 0.6 for s in (300.0, 120.0, 50.0, 20.0))
    thick = strength * np.clip(0.5 + 0.3 * cloud, 0.0, 1.0)
    return light * (1.0 - thick) + rng.uniform(0.35, 0.7) * thick


def arc(light, uv, strength, rng):
    """The glare of an arc at a pixel: a saturated middle, bloom and rays."""
    height, width = light.shape
    u, v = np.meshgrid(np.arange(width, dtype=np.float32) - uv[0], np.arange(height, dtype=np.float32) - uv[1])
    r, turn = np.hypot(u, v), np.arctan2(v, u)
    bloom = 6.0 * np.exp(-0.5 * (r / 14.0) ** 2) + strength * (0.8 * np.exp(-r / 60.0) + 0.25 * np.exp(-r / 220.0))
    rays = np.zeros_like(r)
    for _ in range(int(rng.integers(4, 9))):
        sharp = np.cos(turn - rng.uniform(-np.pi, np.pi)) ** 2
        rays += rng.uniform(0.1, 0.5) * sharp ** rng.uniform(300.0, 2000.0)
    return light + bloom + strength * rays * np.exp(-r / rng.uniform(120.0, 300.0))


def expose(light, sigma_px, noise, rng):
    """(h, w) uint8 of light in which 1 is full scale: the lens's blur, then the paper's three kinds of noise."""
    grey = 255.0 * cv2.GaussianBlur(light.astype(np.float32), (0, 0), sigma_px)
    grey = np.minimum(grey, 400.0)
    spread = np.sqrt(noise['gaussian'] ** 2 + 0.02 * np.clip(grey, 0.0, 255.0))
    grey += spread * rng.standard_normal(grey.shape, dtype=np.float32)
    if noise['speckle']:
        grey *= 1.0 + noise['speckle'] * rng.standard_normal(grey.shape, dtype=np.float32)
    if noise['salt']:
        drawn = rng.random(grey.shape, dtype=np.float32)
        grey[drawn < 0.5 * noise['salt']] = 0.0
        grey[drawn > 1.0 - 0.5 * noise['salt']] = 255.0
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)
