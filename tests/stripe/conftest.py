"""The generator of stripe images as a fixture: test folders are no packages, so it cannot be imported."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.fixture
def stripe_image(rng):
    """A function that draws a Gaussian stripe with a known centre in each row."""

    def draw(centres, *, sigma_px=2.5, amplitude=200.0, background=12.0, noise=0.0, width=640):
        """(len(centres), width) uint8; each pixel is the mean of eight samples; rows with a NaN centre stay dark.

        An amplitude above 255 saturates the stripe; it may be one number, or (n,) one for each row.
        """
        samples = np.arange(width)[:, None] + (np.arange(8) - 3.5) / 8
        distance = samples[None] - np.nan_to_num(np.asarray(centres, float), nan=-1e6)[:, None, None]
        profile = np.exp(-0.5 * (distance / sigma_px) ** 2).mean(axis=2)
        image = background + np.broadcast_to(amplitude, len(centres))[:, None] * profile
        return np.clip(np.round(image + rng.normal(0.0, noise, image.shape)), 0, 255).astype(np.uint8)

    return draw
