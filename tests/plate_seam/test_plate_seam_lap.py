"""The edge of a lapped plate in profiles that are made up here: a step, a shadow, a bright line."""

import numpy as np
import pytest
from scipy.special import ndtr

from weld_cell.plate_seam.lap_fit import read_edges
from weld_cell.plate_seam.profiles import STEP_PX, Profiles
from weld_cell.plate_seam.settings import PlateSeamSettings

SETTINGS = PlateSeamSettings()
BLUR = SETTINGS.blur_px
PLACES = np.array([-1.5, -0.4, 0.0, 0.25, 0.8, 1.6])


def profiles_of(shape, noise=0.5):
    """Profiles at 60 stations with their edge at PLACES in turn; shape says the brightness beside an edge at 0."""
    offsets = STEP_PX * np.arange(-28, 29, dtype=float)
    edges = np.resize(PLACES, 60)
    light = np.array([shape(offsets - edge) for edge in edges])
    light += np.random.default_rng(0).normal(0.0, noise, light.shape)
    stations = np.column_stack([np.arange(60.0), np.zeros(60)])
    profiles = Profiles(
        stations, np.tile([0.0, 1.0], (60, 1)), offsets, light.astype(np.float32), np.ones(60, np.bool_)
    )
    return profiles, edges


def step(x):
    return 80.0 + 70.0 * ndtr(x / BLUR)


def shadow(x):
    """Below the upper plate's edge at 0 the lower plate lies in shadow, which fades over a soft step 6 px away."""
    return 150.0 - 110.0 * ndtr(-x / BLUR) + 60.0 * ndtr((-x - 6.0) / (2.5 * BLUR))


def bright_line(x):
    """The plate's side shines, a pixel wide."""
    return 90.0 + 120.0 * (ndtr((x + 0.5) / BLUR) - ndtr((x - 0.5) / BLUR))


@pytest.mark.parametrize('shape', [step, shadow, bright_line])
def test_an_edge_is_read_to_a_part_of_a_pixel(shape):
    profiles, edges = profiles_of(shape)
    readings = read_edges(profiles, SETTINGS)
    assert readings.seen(SETTINGS).all()
    np.testing.assert_allclose(readings.offset_px, edges, atol=0.15)


def test_even_metal_has_no_edge():
    profiles, _ = profiles_of(lambda x: np.full_like(x, 120.0))
    assert not read_edges(profiles, SETTINGS).seen(SETTINGS).any()


def test_noise_without_an_edge_is_not_seen_as_one():
    profiles, _ = profiles_of(lambda x: np.full_like(x, 120.0), noise=8.0)
    assert read_edges(profiles, SETTINGS).seen(SETTINGS).mean() < 0.2


def test_black_profiles_are_no_trouble():
    profiles, _ = profiles_of(np.zeros_like, noise=0.0)
    readings = read_edges(profiles, SETTINGS)
    assert np.isfinite(readings.offset_px).all()
    assert not readings.seen(SETTINGS).any()
