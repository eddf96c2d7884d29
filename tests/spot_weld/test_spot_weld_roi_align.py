"""ROI Align against numbers worked out by hand, and against ONNX Runtime's."""

import numpy as np
import onnxruntime
import pytest

from weld_cell.records import WeldRegion
from weld_cell.spot_weld.crops import box_about, cut_out
from weld_cell.spot_weld.roi_align import roi_align

RAMP = np.arange(16, dtype=np.float32).reshape(1, 4, 4)  # 4 v + u at pixel (u, v)


def test_no_box_gives_no_crop():
    assert roi_align(RAMP, np.empty((0, 4)), 2).shape == (0, 1, 2, 2)


@pytest.mark.parametrize(
    ('maps', 'boxes', 'grid', 'sampling'),
    [
        (RAMP[0], np.zeros((1, 4)), 2, 2),
        (RAMP, np.zeros((1, 3)), 2, 2),
        (RAMP, np.zeros((1, 4)), 0, 2),
        (RAMP, np.zeros((1, 4)), 2, 0),
    ],
)
def test_a_callers_mistake_is_named(maps, boxes, grid, sampling):
    with pytest.raises(ValueError, match='expected'):
        roi_align(maps, boxes, grid, sampling)


def test_the_whole_image_is_itself():
    np.testing.assert_allclose(roi_align(RAMP, np.array([[0.0, 0.0, 4.0, 4.0]]), 4, 1)[0], RAMP)


def test_between_pixels_by_hand():
    # one sample in the middle of the box, at edge coordinates (1.75, 1.5): pixel place (1.25, 1.0), so 4 + 1.25
    assert roi_align(RAMP, np.array([[1.25, 1.0, 2.25, 2.0]]), 1, 1).item() == pytest.approx(5.25)


def test_a_cell_is_the_mean_of_its_samples():
    # samples at pixel places (0, 0), (1, 0), (0, 1), (1, 1): 0, 1, 4, 5
    assert roi_align(RAMP, np.array([[0.0, 0.0, 2.0, 2.0]]), 1, 2).item() == pytest.approx(2.5)


def test_beyond_the_border():
    # samples at -1.25 and -0.25: the first lies more than a pixel outside and is 0, the other reads the first pixel
    far = roi_align(RAMP + 8.0, np.array([[-1.25, 0.0, 0.75, 1.0]]), 2, 1)[0, 0]
    np.testing.assert_allclose(far[0], [0.0, 8.0])


def onnx_roi_align(maps, boxes, grid, sampling):
    """The operator alone, as a network of one node written by hand: the judge shares no line with ours."""
    onnx = pytest.importorskip('onnx')
    node = onnx.helper.make_node(
        'RoiAlign',
        ['maps', 'boxes', 'batch'],
        ['aligned'],
        output_height=grid,
        output_width=grid,
        sampling_ratio=sampling,
        coordinate_transformation_mode='half_pixel',
    )
    kinds = [('maps', 1, 4), ('boxes', 1, 2), ('batch', 7, 1)]
    inputs = [onnx.helper.make_tensor_value_info(name, kind, [None] * rank) for name, kind, rank in kinds]
    output = onnx.helper.make_tensor_value_info('aligned', 1, [None] * 4)
    graph = onnx.helper.make_graph([node], 'judge', inputs, [output])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 16)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    feed = {'maps': maps[None], 'boxes': boxes.astype(np.float32), 'batch': np.zeros(len(boxes), np.int64)}
    return session.run(None, feed)[0]


@pytest.mark.parametrize(('grid', 'sampling'), [(1, 1), (3, 2), (7, 3)])
def test_as_onnx_runtime(grid, sampling):
    rng = np.random.default_rng(15)
    maps = rng.standard_normal((3, 23, 31), dtype=np.float32)
    corners = rng.uniform([-6.0, -6.0], [30.0, 22.0], (40, 2))
    boxes = np.column_stack([corners, corners + rng.uniform(0.5, 14.0, (40, 2))])
    boxes = boxes.astype(np.float32).astype(float)
    np.testing.assert_allclose(
        roi_align(maps, boxes, grid, sampling), onnx_roi_align(maps, boxes, grid, sampling), atol=2e-5
    )


def test_a_weld_is_cut_out_about_its_middle():
    grey = np.zeros((100, 120), np.uint8)
    grey[40:61, 50:71] = 200  # its middle is (60, 50)
    crop = cut_out(grey, box_about(WeldRegion(np.array([60.0, 50.0]), 20.0, 1.0), 1.5)[None], 60)[0]
    assert crop[30, 30] == crop[29, 29] == 200.0
    np.testing.assert_allclose(crop, crop[::-1, ::-1], atol=1e-3)


def test_a_large_weld_is_cut_from_a_coarser_level():
    grey = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    crop = cut_out(grey, np.array([[31.5, 31.5, 191.5, 191.5]]), 16)[0]
    np.testing.assert_allclose(crop[8], 31.5 + 10.0 * (np.arange(16) + 0.5), atol=0.6)
