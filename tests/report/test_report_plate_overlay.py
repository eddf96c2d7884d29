"""What a person sees of seams between plates: each drawn where it runs, none hidden by a reason."""

import numpy as np
import pytest

from weld_cell.errors import PlateSeamAbsentError
from weld_cell.plate_seam.survey import Survey
from weld_cell.records import PlateSeam
from weld_cell.report.plate_overlay import CHOSEN_BGR, OTHER_BGR, REFUSED_BGR, REGION_BGR, draw_plate_seams

NOTHING = Survey((), (), ())


def seam_at(row):
    u = np.linspace(60.0, 540.0, 25)
    return PlateSeam(
        path_m=np.column_stack([u, u, u]),
        path_px=np.column_stack([u, np.full(25, row)]),
        gap_mm=np.linspace(0.4, 0.6, 25),
        degree=1,
        length_mm=480.0,
        straightness_mm=0.0,
        seen_share=1.0,
        scatter_mm=0.0,
        confidence=1.0,
    )


def has(picture, colour):
    return (picture == colour).all(axis=2).any()


@pytest.mark.parametrize('shape', [(1, 1), (40, 60), (40, 60, 3)])
def test_nothing_found_is_the_image_itself(shape):
    pixels = np.full(shape, 90, np.uint8)
    picture = draw_plate_seams(pixels, NOTHING, np.empty((0, 4)), None)
    assert picture.shape == (*shape[:2], 3) and (picture == 90).all() and picture is not pixels


def test_the_seam_to_weld_and_the_other_one_are_told_apart():
    survey = Survey((seam_at(100.0), seam_at(300.0)), (), ())
    boxes = np.array([[50.0, 80.0, 550.0, 120.0], [50.0, 280.0, 550.0, 320.0]])
    picture = draw_plate_seams(np.zeros((400, 600), np.uint8), survey, boxes, 1)
    assert tuple(picture[300, 200]) == CHOSEN_BGR and tuple(picture[100, 200]) == OTHER_BGR
    assert tuple(picture[80, 300]) == REGION_BGR and not has(picture, REFUSED_BGR)
    assert not has(draw_plate_seams(np.zeros((400, 600), np.uint8), survey, boxes, None), CHOSEN_BGR)


@pytest.mark.parametrize('box', [[-50.0, -20.0, 900.0, 700.0], [590.0, 380.0, 600.0, 400.0]])
def test_a_refused_region_says_why_within_the_picture(box):
    survey = Survey((), (PlateSeamAbsentError('No seam in the region: ' + 'one is seen at 3 places, ' * 9),), (0,))
    picture = draw_plate_seams(np.full((400, 600), 90, np.uint8), survey, np.array([box]), None)
    assert has(picture, REFUSED_BGR) and has(picture, (255, 255, 255))
