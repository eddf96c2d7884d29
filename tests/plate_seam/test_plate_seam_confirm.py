"""Lines of the whole image, confirmed by regions of the network."""

from dataclasses import replace

import numpy as np
import pytest

from weld_cell.errors import PlateSeamDoubtfulError
from weld_cell.plate_seam.confirm import confirm
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.survey import Survey
from weld_cell.records import PlateSeam

SETTINGS = PlateSeamSettings()
SURE, UNSURE = SETTINGS.min_confidence_alone + 0.01, SETTINGS.min_confidence_alone - 0.01


def line(from_px, to_px, confidence):
    path_px = np.linspace(from_px, to_px, 41)
    return PlateSeam(
        path_m=np.column_stack([path_px * 1e-4, np.zeros(41)]),
        path_px=path_px,
        gap_mm=np.full(41, 0.5),
        degree=1,
        length_mm=100.0,
        straightness_mm=0.0,
        seen_share=1.0,
        scatter_mm=0.02,
        confidence=confidence,
    )


SEAM = line((100.0, 300.0), (500.0, 310.0), UNSURE)
ABOUT_IT = np.array([[90.0, 290.0, 510.0, 320.0]])


def confirmed(seams, regions):
    return confirm(Survey(tuple(seams), (), ()), np.reshape(np.asarray(regions, float), (-1, 4)), SETTINGS)


@pytest.mark.parametrize('regions', [[], [[600.0, 0.0, 700.0, 50.0]], [[90.0, 20.0, 140.0, 600.0]]])
def test_a_line_that_is_not_certain_by_itself_is_refused_where_no_region_is_its_own(regions):
    survey = confirmed([SEAM], regions)
    assert survey.seams == () and survey.refused == (0,)
    (error,) = survey.refusals
    assert isinstance(error, PlateSeamDoubtfulError) and '(300, 305) px' in str(error) and error.remedy
    assert confirmed([replace(SEAM, confidence=SURE)], regions).seams


def test_a_region_about_a_line_confirms_it():
    survey = confirmed([SEAM], ABOUT_IT)
    assert survey.seams == (SEAM,) and survey.refusals == ()


@pytest.mark.parametrize(('share', 'counts'), [(0.5, False), (0.7, True)])
def test_line_and_region_must_fill_each_other(share, counts):
    end = 100.0 + share * 400.0
    assert bool(confirmed([line((100.0, 300.0), (end, 300.0), UNSURE)], ABOUT_IT).seams) is counts
    assert bool(confirmed([SEAM], [[90.0, 290.0, end, 320.0]]).seams) is counts


def test_a_region_confirms_one_line_only():
    """A plate's outer edge beside its seam lies in the region of an askew seam too."""
    edge = line((110.0, 290.0), (490.0, 315.0), UNSURE - 0.1)
    survey = confirmed([edge, SEAM], ABOUT_IT)
    assert survey.seams == (SEAM,) and survey.refusals == ()
    twice = np.concatenate([ABOUT_IT, ABOUT_IT])
    assert confirmed([edge, SEAM], twice).seams == (SEAM,)


def test_no_line_leaves_the_refusal_as_it_was():
    why = PlateSeamDoubtfulError('No line.', 'Look.')
    survey = confirm(Survey((), (why,), (0,)), ABOUT_IT, SETTINGS)
    assert survey.seams == () and survey.refusals == (why,) and survey.refused == (0,)
