"""The network's size, and its loss and assigner against hand-computed values; needs torch."""

import numpy as np
import pytest

from weld_cell.geometry.boxes import suppress
from weld_cell.plate_seam.reduce import MULTIPLE_PX, reduce_image

PAPERS_PARAMETERS, PAPERS_GFLOPS = 3.7e6, 9.5


@pytest.fixture
def parts():
    pytest.importorskip('torch')
    import torch_parts

    return torch_parts


def test_it_is_smaller_than_the_papers(parts):
    network = parts.ShuffleYolo().eval()
    with parts.torch.no_grad(), parts.FlopCounterMode(display=False) as flops:
        network(parts.torch.zeros(1, 3, 640, 640))
    parameters = sum(p.numel() for p in network.parameters())
    print(f'{parameters} parameters, {flops.get_total_flops() / 1e9:.2f} GFLOPs at 640 px')
    assert parameters <= PAPERS_PARAMETERS
    assert flops.get_total_flops() / 1e9 <= PAPERS_GFLOPS


def test_ciou_by_hand(parts):
    """Two squares of side 2, one moved by 1: IoU 1/3, rho^2 = 1, c^2 = 13; the same shape, so v = 0."""
    moved = parts.complete_iou(parts.boxes([0, 0, 2, 2]), parts.boxes([1, 0, 3, 2]))
    parts.torch.testing.assert_close(
        moved, parts.torch.tensor([1 / 3 - 1 / 13], dtype=parts.torch.float64), atol=1e-6, rtol=0
    )


def test_ciou_of_another_shape_by_hand(parts):
    """2 x 1 in 2 x 2, same lower side: IoU 1/2, rho^2 = 1/4, c^2 = 8."""
    v = 4 / np.pi**2 * (np.arctan(1.0) - np.arctan(2.0)) ** 2
    expected = 0.5 - 0.25 / 8 - v / (1 - 0.5 + v) * v
    assert parts.complete_iou(parts.boxes([0, 0, 2, 1]), parts.boxes([0, 0, 2, 2])).item() == pytest.approx(
        expected, abs=1e-6
    )


def test_boxes_apart_do_not_overlap(parts):
    assert parts.pairwise_iou(parts.boxes([0, 0, 1, 1]), parts.boxes([2, 2, 3, 3], [0, 0, 1, 1])).tolist()[
        0
    ] == pytest.approx([0, 1])
    assert suppress(np.empty((0, 4)), np.empty(0), 0.5).tolist() == []
    three = np.array([[0, 0, 9, 9], [0, 0, 10, 10], [20, 20, 30, 30]], float)
    assert suppress(three, np.array([0.5, 0.9, 0.1]), 0.5).tolist() == [1, 2]


def test_no_seam_has_no_anchor(parts):
    none = parts.assign(
        parts.torch.ones(3), parts.torch.zeros(3, 4), parts.torch.zeros(3, 2), parts.torch.zeros(0, 4)
    )
    assert none.target.tolist() == [0, 0, 0]


def test_anchors_are_assigned_by_hand(parts):
    """Anchor 0 fits its seam wholly, 1 by half, 2 lies outside. Goodness is 1 and 0.5^6, both of score 1."""
    seams = parts.boxes([0, 0, 10, 10])
    predicted = parts.boxes([0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 10])
    anchors = parts.torch.tensor([[5.0, 5.0], [5.0, 2.0], [50.0, 5.0]], dtype=parts.torch.float64)
    assigned = parts.assign(parts.torch.ones(3, dtype=parts.torch.float64), predicted, anchors, seams)
    assert assigned.target.tolist() == pytest.approx([1.0, 0.5**6, 0.0], abs=1e-6)


@pytest.mark.parametrize('shape', [(1, 1), (33, 700), (1088, 1456)])
def test_a_reduced_image_keeps_a_line_of_one_pixel(shape):
    grey = np.full(shape, 200, np.uint8)
    grey[:, shape[1] // 2] = 20
    reduced = reduce_image(grey)
    assert all(side % MULTIPLE_PX == 0 for side in reduced.channels.shape[1:])
    column = shape[1] // 2 // reduced.factor
    mean, below, _ = reduced.channels[:, 0, column]
    assert mean - below == pytest.approx(20 / 255, abs=1e-6)


def test_an_image_that_cannot_be_written_is_reduced():
    grey = np.full((64, 64), 120, np.uint8)
    grey.flags.writeable = False  # as one out of a bag
    assert reduce_image(grey).channels[0, 0, 0] == pytest.approx(120 / 255)


def test_it_learns_two_tiny_images(parts):
    parts.torch.manual_seed(0)
    network, images = parts.ShuffleYolo(), parts.torch.full((2, 3, 64, 64), 0.4)
    truth = [parts.torch.tensor([[8.0, 20.0, 56.0, 36.0]]), parts.torch.zeros(0, 4)]
    images[0, 1, 20:36, 8:56] = 0.9
    optimiser = parts.torch.optim.AdamW(network.parameters(), 2e-3)
    losses = []
    for _ in range(60):
        loss = parts.detector_loss(network(images), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert np.isfinite(losses).all()
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
