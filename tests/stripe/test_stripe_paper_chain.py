"""The paper's chain against a plain reading of its steps, pixel by pixel."""

import numpy as np
import pytest
from scipy import ndimage

from weld_cell.errors import StripeAbsentError
from weld_cell.stripe.paper_chain import paper_centres


def _as_written(image):
    """Median 5x5, opening 3 wide and 7 tall, below 220 to zero, then the grey centroid of each row."""
    smooth = ndimage.median_filter(image, 5, mode='nearest')
    opened = ndimage.grey_dilation(
        ndimage.grey_erosion(smooth, (7, 3), mode='constant', cval=255), (7, 3), mode='constant', cval=0
    )
    kept = np.where(opened < 220, 0, opened).astype(float)
    rows = np.flatnonzero(kept.any(axis=1))
    return rows, (kept[rows] @ np.arange(image.shape[1])) / kept[rows].sum(axis=1)


def test_an_image_without_bright_pixels():
    with pytest.raises(StripeAbsentError, match='219'):
        paper_centres(np.full((100, 100), 219, np.uint8))


def test_bright_pixels_that_the_opening_removes():
    image = np.zeros((100, 100), np.uint8)
    image[::10, ::10] = 255
    with pytest.raises(StripeAbsentError, match='opening'):
        paper_centres(image)


@pytest.mark.parametrize('column', [0.5, 60.2, 300.7, 636.0])
def test_equals_the_plain_reading(stripe_image, column):
    centres = column + 2.0 * np.sin(np.arange(200) / 20)
    image = stripe_image(centres, amplitude=900.0, noise=8.0)
    image[50:60] = 100
    rows, columns = _as_written(image)
    found_rows, found_columns, grey = paper_centres(image)
    assert found_rows.tolist() == rows.tolist()
    assert found_columns == pytest.approx(columns, abs=1e-3)
    assert grey.min() >= 220


def test_random_images_equal_the_plain_reading(rng):
    for _ in range(10):
        image = (ndimage.uniform_filter(rng.random((60, 80)), 9) ** 4 * 5000).clip(0, 255).astype(np.uint8)
        rows, columns = _as_written(image)
        found_rows, found_columns, _ = paper_centres(image)
        assert found_rows.tolist() == rows.tolist()
        assert found_columns == pytest.approx(columns, abs=1e-3)
