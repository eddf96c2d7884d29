"""The paper's search as written, beside the fast one."""

import numpy as np
from numpy.testing import assert_allclose
from part_pictures import MIDDLE, drawn

from weld_cell.parts.identify import PartIdentifier
from weld_cell.parts.literal import correlations, emsd, square_differences
from weld_cell.parts.settings import PartSettings


def test_the_maps_of_scores_are_the_formulas():
    rng = np.random.default_rng(31)
    window, pixels = (rng.integers(0, 256, size, dtype=np.uint8) for size in ((9, 11), (7, 8)))
    s = np.lib.stride_tricks.sliding_window_view(window, pixels.shape) / 255.0
    t = pixels / 255.0
    d = ((s - t) ** 2).mean(axis=(2, 3))
    e = (np.abs(s - t) * t).sum(axis=(2, 3)) / t.sum()
    assert_allclose(emsd(window, pixels), e * d, rtol=1e-12)
    assert_allclose(square_differences(window, pixels), d, rtol=1e-5)
    ncc = [[np.corrcoef(place.ravel(), t.ravel())[0, 1] for place in row] for row in s]
    assert_allclose(correlations(window, pixels), 1.0 - np.array(ncc), atol=1e-5)


def test_it_finds_what_the_fast_search_finds(templates, identifier, parts):
    rng = np.random.default_rng(32)
    image = drawn(parts['B-L'], 128.3, np.add(MIDDLE, (20.3, -11.8)), rng)
    (fast,) = identifier.identify(image)
    (literal,) = PartIdentifier(templates[2:], PartSettings(method='literal')).identify(image)
    assert (literal.code, literal.runner_up) == ('B-L', 'B-R')
    assert abs(literal.axis_deg - fast.axis_deg) < 0.1
    assert np.hypot(*(literal.origin_px - fast.origin_px)) < 1.0
