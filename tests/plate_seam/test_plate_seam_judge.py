"""The classical chain against the simulator's truth, within the true region."""

import numpy as np
import pytest
from seam_scenes import misses_mm, plates, true_length_mm

from weld_cell.errors import PlateSeamError
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.survey import find_seam, find_seams

SETTINGS = PlateSeamSettings()


@pytest.mark.parametrize(('curved', 'scenes', 'aim_mm'), [(False, 3, 0.05), (True, 2, 0.10)])
def test_path_length_and_gap(curved, scenes, aim_mm, record_property):
    means, greatest = [], []
    for seed in range(scenes):
        image, box, plane, truth = plates(seed, curved)
        seam = find_seam(image, box, plane, SETTINGS)
        misses = misses_mm(seam.path_m, truth)
        means.append(misses.mean())
        greatest.append(misses.max())
        assert np.median(seam.gap_mm) == pytest.approx(np.median(truth.gap_mm), abs=0.3)
        assert seam.length_mm < true_length_mm(truth) + 1.5
        assert curved or seam.straightness_mm < 0.1
    print(f'path, curved {curved}: mean {np.mean(means):.4f} mm, greatest {np.max(greatest):.3f} mm')
    assert np.mean(means) <= aim_mm
    assert np.max(greatest) <= 5 * aim_mm


def test_the_papers_chain_finds_a_straight_seam():
    image, box, plane, truth = plates(7)
    seam = find_seam(image, box, plane, PlateSeamSettings(method='paper'))
    assert misses_mm(seam.path_m, truth).mean() < 0.5


def test_plates_without_a_seam_are_refused():
    image, box, plane, _ = plates(6)
    beside = np.array([box[0], box[1], box[0] + 60.0, box[1] + 60.0])
    with pytest.raises(PlateSeamError) as refused:
        find_seam(np.full_like(image, 120), beside, plane, SETTINGS)
    assert refused.value.remedy


def test_a_region_twice_is_one_seam_and_an_empty_one_none():
    image, box, plane, _ = plates(8)
    dark = np.array([0.0, 0.0, 90.0, 60.0])
    image[:60, :90] = 20
    survey = find_seams(image, np.stack([box, dark, box + 1.0]), plane, SETTINGS)
    assert len(survey.seams) == 1 and len(survey.refusals) == 1
    nothing = find_seams(image, np.empty((0, 4)), plane, SETTINGS)
    assert nothing.seams == () and nothing.refusals == ()


def test_a_line_that_does_not_fill_a_region_about_a_whole_seam_is_refused():
    image, box, plane, _ = plates(8)
    middle, half = 0.5 * (box[:2] + box[2:]), 0.5 * (box[2:] - box[:2]).max()
    wide = np.concatenate([middle - 2.6 * half, middle + 2.6 * half])
    assert len(find_seams(image, box[None], plane, SETTINGS, about=True).seams) == 1
    assert len(find_seams(image, wide[None], plane, SETTINGS).seams) == 1  # a person's box may be as wide as he likes
    refused = find_seams(image, wide[None], plane, SETTINGS, about=True)
    assert refused.seams == () and 'of the region found by the network' in str(refused.refusals[0])


@pytest.mark.parametrize('box', [[0.0, 0.0, 3.0, 3.0], [np.nan, 0.0, 50.0, 50.0], [2000.0, 0.0, 2100.0, 90.0]])
def test_a_box_that_is_none_is_a_mistake(box):
    image, _, plane, _ = plates(8)
    with pytest.raises(ValueError, match='box'):
        find_seam(image, np.array(box), plane, SETTINGS)
