"""The root gap from the light of one image, before a root that is made of single points of light."""

import numpy as np
import pytest
from seam_root_views import APEX, GEOMETRY, picture

from weld_cell.seam.rules.v.root_light import FACE, GAP, WIDTH, fit_root
from weld_cell.seam.rules.v.root_sight import stripe_sigma

SIGHT = np.array([*APEX, GEOMETRY[5], 0.0, 0.0, GEOMETRY[4], GEOMETRY[2], 0.0])
STARTS = np.array([(gap, face, 2.0, 0.8, 0.0) for gap in (0.1, 0.8, 1.5) for face in (0.5, 1.2)])


def grey(light, noise=3.0, speckle=0.1, ambient=20.0):
    rng = np.random.default_rng(3)
    grain = 1.0 + speckle * rng.normal(size=light.shape)
    seen = np.rint(light * grain + ambient + rng.normal(0.0, noise, light.shape))
    return np.clip(seen, 0, 255)


@pytest.mark.parametrize('light', [0.0, 90.0, 255.0])
def test_what_shows_nothing_gives_numbers_all_the_same(light):
    found, _ = fit_root(np.full((29, 39), light), STARTS, SIGHT)
    assert np.isfinite(found).all()
    assert stripe_sigma(np.full((1, 39), light), 5) == 0.0


@pytest.mark.parametrize('peak', [120.0, 400.0], ids=['', 'saturated'])
@pytest.mark.parametrize(
    ('gap', 'face', 'backing'),
    [(0.0, 1.0, 0.0), (0.4, 1.0, 0.0), (0.4, 1.0, 0.7), (1.2, 1.5, 0.0), (1.2, 1.1, 0.3), (1.6, 0.8, 2.0)],
)
def test_the_gap_is_found_however_bright_the_backing(gap, face, backing, peak):
    seen = grey(picture(gap, face, backing * peak, light=peak))
    found, cost = fit_root(seen, STARTS, SIGHT)
    assert found[GAP] == pytest.approx(gap, abs=0.12)
    assert cost < 2.0
    if backing and gap > 1.0:
        assert found[FACE] == pytest.approx(face, abs=0.15)


@pytest.mark.parametrize('sigma', [1.3, 4.5])
@pytest.mark.parametrize('blur', [0.5, 1.5])
def test_stripe_and_lens_may_be_of_any_width(sigma, blur):
    seen = grey(picture(1.2, 1.1, 80.0, 120.0, sigma, blur))
    assert stripe_sigma(seen, 5) == pytest.approx(sigma, rel=0.35)
    found, _ = fit_root(seen, STARTS, SIGHT)
    assert found[GAP] == pytest.approx(1.2, abs=0.12)
    assert found[WIDTH] == pytest.approx(sigma, rel=0.1)


def test_the_mirror_images_of_the_walls_are_no_backing():
    """Of a groove of 60 degrees they lie level with the apex, behind the other wall."""
    walls, flat = picture(0.0, 1.0, 0.0, light=120.0), np.zeros((29, 39))
    rows, columns = np.mgrid[:29, :39]
    flat[:] = 40.0 * np.exp(-0.5 * ((columns - APEX[1]) / 2.3) ** 2) * (rows != APEX[0])
    found, _ = fit_root(grey(walls + flat), STARTS, SIGHT)
    assert found[GAP] == pytest.approx(0.0, abs=0.12)
