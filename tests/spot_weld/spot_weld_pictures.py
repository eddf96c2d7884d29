"""Small pictures of welds for the tests: a dark ring on a bright sheet, with grain; the middle is exact."""

import numpy as np

from weld_cell.spot_weld.building import GoodWelds
from weld_cell.spot_weld.settings import BankSettings

SETTINGS = BankSettings(grid=32, rotations=1, vectors=300, rings=6)


def sheet(shape, seed=0, level=140.0, grain=2.0):
    return level + grain * np.random.default_rng(seed).standard_normal(shape)


def with_weld(image, centre, radius, face=110.0, wall=60.0):
    """The image (h, w) float with a weld: a grey face inside a dark wall, its edges a pixel wide."""
    rows, columns = np.indices(image.shape)
    away = np.hypot(columns - centre[0], rows - centre[1])
    inside = np.clip(radius - away + 0.5, 0.0, 1.0)
    bottom = np.clip(0.7 * radius - away + 0.5, 0.0, 1.0)
    grain = image - image.mean()
    return image * (1.0 - inside) + inside * (wall + (face - wall) * bottom + grain)


def as_pixels(image):
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def panel(centres, radius=16.0, shape=(240, 320), seed=0):
    image = sheet(shape, seed)
    for centre in centres:
        image = with_weld(image, centre, radius)
    return image


def crops(count, seed=0, face=110.0):
    """(count, 32, 32) good welds, each somewhat brighter or darker."""
    rng = np.random.default_rng(seed)
    middle, radius = (15.5, 15.5), 10.0
    made = [with_weld(sheet((32, 32), rng), middle, radius, face) * rng.uniform(0.8, 1.2) for _ in range(count)]
    return np.array(made, np.float32)


def good(count, seed=0):
    return GoodWelds(crops(count, seed), tuple(f'photo_{n}.png' for n in range(count)), np.ones(count))
