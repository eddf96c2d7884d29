"""The paper's interferences, by hand."""

import numpy as np
import pytest

from weld_cell.sim.interference import PAPER, contrast, gaussian_blur, salt_and_pepper

GREY = np.full((30, 40), 100, np.uint8)


@pytest.mark.parametrize('count', [-1, GREY.size + 1])
def test_more_noise_than_pixels_is_refused(count):
    with pytest.raises(ValueError, match='expected 0 to 1200'):
        salt_and_pepper(GREY, count, np.random.default_rng(0))


@pytest.mark.parametrize('count', [0, 1, 400, GREY.size])
def test_half_of_the_noise_is_white(count):
    noisy = salt_and_pepper(GREY, count, np.random.default_rng(0))
    assert ((noisy == 255).sum(), (noisy == 0).sum()) == (count // 2, count - count // 2)
    assert (GREY == 100).all()


def test_blur_keeps_even_greys_and_spreads_a_point():
    np.testing.assert_array_equal(gaussian_blur(GREY, 5), GREY)
    point = np.zeros((7, 7), np.uint8)
    point[3, 3] = 160
    np.testing.assert_array_equal(gaussian_blur(point, 3)[2:5, 2:5], [[10, 20, 10], [20, 40, 20], [10, 20, 10]])


def test_contrast_saturates():
    np.testing.assert_array_equal(contrast(np.array([[0, 100, 200]], np.uint8), 1.3), [[0, 130, 255]])
    np.testing.assert_array_equal(contrast(np.array([[0, 100, 200]], np.uint8), 0.8), [[0, 80, 160]])


def test_the_papers_categories_are_all_there():
    counts = {}
    for interference in PAPER:
        counts[interference.category] = counts.get(interference.category, 0) + 1
        assert interference.disturb(np.zeros((300, 300), np.uint8), np.random.default_rng(0)).shape == (300, 300)
    assert counts == {'original': 1, 'noise': 2, 'blur': 2, 'contrast': 2, 'rotation': 18}
    assert [i.angle_deg for i in PAPER if i.category == 'rotation'] == list(range(10, 181, 10))
