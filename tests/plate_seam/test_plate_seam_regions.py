"""Where a seam is looked for, which of several is meant, and its path for the robot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weld_cell.errors import ConfigurationError, ImageError, ModelError, PlateSeamAbsentError
from weld_cell.plate_seam.plates import PlatesSettings, chosen_seam
from weld_cell.plate_seam.regions import FixedBox, WholeImage, make_region_finder
from weld_cell.plate_seam.settings import LocateSettings
from weld_cell.plate_seam.weld_path import weld_path
from weld_cell.records import PlateSeam

GREY = np.zeros((60, 80), np.uint8)
ANGLES = np.linspace(0.0, 0.5, 26)
ARC = PlateSeam(
    path_m=np.column_stack([0.2 * np.sin(ANGLES), 0.2 - 0.2 * np.cos(ANGLES), np.full(26, 0.3)]),
    path_px=np.zeros((26, 2)),
    gap_mm=np.full(26, 0.5),
    degree=5,
    length_mm=100.0,
    straightness_mm=6.0,
    seen_share=1.0,
    scatter_mm=0.05,
    confidence=0.8,
)
SEAMS = (ARC, replace(ARC, length_mm=300.0, confidence=0.7), replace(ARC, length_mm=50.0, confidence=0.9))


@pytest.mark.parametrize('shape', [(0, 0), (7, 80), (60, 7)])
def test_an_image_that_is_too_small_for_a_seam_is_refused(shape):
    with pytest.raises(ImageError, match='a seam needs 8 x 8') as refused:
        WholeImage().regions(np.zeros(shape, np.uint8))
    assert refused.value.remedy


def test_the_whole_image_is_one_region():
    found = WholeImage().regions(GREY)
    assert found.boxes_xyxy.tolist() == [[0.0, 0.0, 80.0, 60.0]] and found.scores.tolist() == [1.0]


@pytest.mark.parametrize(
    'box', [(0.0, 0.0, 0.0, 0.0), (50.0, 10.0, 40.0, 30.0), (75.0, 0.0, 200.0, 60.0), (-90.0, 0.0, -10.0, 60.0)]
)
def test_a_box_that_is_none_or_lies_outside_is_refused(box):
    with pytest.raises(ConfigurationError, match='plates.box_xyxy') as refused:
        FixedBox(box).regions(GREY)
    assert refused.value.remedy


@given(st.tuples(*[st.floats(-500.0, 500.0)] * 4))
def test_a_box_that_is_taken_lies_within_the_image(box):
    try:
        ((left, top, right, bottom),) = FixedBox(box).regions(GREY).boxes_xyxy
    except ConfigurationError:
        return
    assert 0.0 <= left <= right - 8.0 and right <= 80.0 and 0.0 <= top <= bottom - 8.0 and bottom <= 60.0


@pytest.mark.parametrize(('locate', 'kind'), [('whole', WholeImage), ('box', FixedBox)])
def test_what_the_settings_ask_for(locate, kind):
    assert isinstance(make_region_finder(PlatesSettings(locate=locate), LocateSettings()), kind)


def test_a_network_that_is_not_there_is_named(tmp_path):
    settings = PlatesSettings(locate='network', model_file=str(tmp_path / 'none.onnx'))
    with pytest.raises(ModelError, match=r'none\.onnx') as refused:
        make_region_finder(settings, LocateSettings())
    assert refused.value.remedy


def test_of_no_seams_none_can_be_meant():
    with pytest.raises(ValueError, match='got none'):
        chosen_seam([], PlatesSettings())


@pytest.mark.parametrize(('seam', 'number', 'meant'), [
    ('longest', 1, 1), ('first', 1, 0), ('most_confident', 1, 2), ('number', 1, 0), ('number', 3, 2),
])  # fmt: skip
def test_which_seam_is_meant(seam, number, meant):
    assert chosen_seam(SEAMS, PlatesSettings(seam=seam, number=number)) == meant


def test_of_equals_the_first_is_meant():
    assert chosen_seam([ARC, ARC, ARC], PlatesSettings()) == 0


@pytest.mark.parametrize(('seams', 'said'), [(SEAMS, '3 are seen'), (SEAMS[:1], '1 is seen')])
def test_a_seam_that_is_not_seen_cannot_be_meant(seams, said):
    with pytest.raises(PlateSeamAbsentError, match=f'Seam 4 is asked for, {said}'):
        chosen_seam(seams, PlatesSettings(seam='number', number=4))


def test_the_path_of_an_arc_runs_along_it_and_is_welded_from_above():
    path = weld_path(ARC)
    along = np.column_stack([np.cos(ANGLES), np.sin(ANGLES), np.zeros(26)])
    np.testing.assert_array_equal(path.positions_m, ARC.path_m)
    np.testing.assert_allclose(path.tangents[1:-1], along[1:-1], atol=1e-9)
    np.testing.assert_allclose(path.tangents[[0, -1]], along[[0, -1]], atol=0.011)  # half a step of 0.02 rad
    np.testing.assert_array_equal(path.normals, np.tile([0.0, 0.0, 1.0], (26, 1)))
    assert path.length_m == pytest.approx(0.1, rel=1e-4) and path.spacing_m == pytest.approx(0.004, rel=1e-4)
