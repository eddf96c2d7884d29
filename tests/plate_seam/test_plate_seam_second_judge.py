"""The stage before the renderer of tests/judges, which shares no code with the simulator."""

import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from judge_score import score  # noqa: E402
from plate_render import render  # noqa: E402

from weld_cell.errors import PlateSeamError  # noqa: E402
from weld_cell.geometry.camera import CameraModel  # noqa: E402
from weld_cell.geometry.work_plane import WorkPlane  # noqa: E402
from weld_cell.plate_seam.plates import PlatesSettings  # noqa: E402
from weld_cell.plate_seam.regions import make_region_finder, seams_in  # noqa: E402
from weld_cell.plate_seam.settings import (
    LocateSettings,  # noqa: E402
    PlateSeamSettings,  # noqa: E402
)
from weld_cell.plate_seam.survey import find_all_seams, find_seam  # noqa: E402

SEED = 5000
SETTINGS = PlateSeamSettings()


@lru_cache
def drawn(kind):
    return render(kind, SEED)


def plane_of(judged):
    camera = CameraModel(judged.camera.matrix, judged.camera.distortion, judged.camera.size_px)
    return WorkPlane.level(camera, judged.camera.T_base_camera_m, 1e-3 * judged.height_mm)


@pytest.mark.parametrize('kind', ['no_table', 'no_lone_plate'])
def test_nothing_is_invented(kind):
    judged = drawn(kind)
    survey = find_all_seams(judged.grey, plane_of(judged), SETTINGS)
    assert survey.seams == ()
    assert survey.refusals[0].remedy


@pytest.mark.parametrize(('kind', 'mean_mm', 'most_mm'), [('straight', 0.05, 0.2), ('curved', 0.1, 0.3)])
def test_the_path_in_its_region_and_in_the_whole_image(kind, mean_mm, most_mm):
    judged = drawn(kind)
    (truth,) = judged.truths
    survey = find_all_seams(judged.grey, plane_of(judged), SETTINGS)
    seams = [find_seam(judged.grey, truth.box_px, plane_of(judged), SETTINGS), *survey.seams]
    assert len(seams) == 2
    for seam in seams:
        found = score(1e3 * seam.path_m, seam.gap_mm, truth)
        assert found.mean_mm <= mean_mm and found.max_mm <= most_mm
        assert abs(found.gap) <= 0.1
        assert found.share >= 0.97 and found.over_mm <= 3.0


def surveyed(judged, locate):
    finder = make_region_finder(PlatesSettings(locate=locate), LocateSettings())
    return seams_in(judged.grey, finder.regions(judged.grey), plane_of(judged), SETTINGS)


@pytest.mark.parametrize(('kind', 'seed'), [('light_backing', 9101), ('held', 9101)])
def test_a_line_that_only_the_trace_shows_is_none(kind, seed):
    """In the whole image alone an edge of a plate, or of a clamp, passes for a second seam."""
    judged = render(kind, seed)
    assert len(surveyed(judged, 'whole').seams) == 2
    (seam,) = surveyed(judged, 'confirmed').seams
    assert score(1e3 * seam.path_m, seam.gap_mm, judged.truths[0]).max_mm <= 0.2


def test_what_is_certain_by_itself_needs_no_network():
    """Of two parallel seams in one region of the network both are told."""
    judged = render('several', 9102)
    assert len(surveyed(judged, 'confirmed').seams) == len(judged.truths) == 2


def test_several_seams_come_in_order():
    judged = drawn('several')
    survey = find_all_seams(judged.grey, plane_of(judged), SETTINGS)
    assert len(survey.seams) == len(judged.truths)
    middles = [seam.path_px[len(seam.path_px) // 2, 0] for seam in survey.seams]
    assert middles == sorted(middles)


def test_two_seams_in_one_region_are_ambiguous():
    judged = drawn('several')
    boxes = np.array([truth.box_px for truth in judged.truths])
    both = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    with pytest.raises(PlateSeamError, match='Two seams'):
        find_seam(judged.grey, both, plane_of(judged), SETTINGS)
