"""Photographs of real gaps: the path runs within 3 px of the gap's middle, which was read off by eye."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.plate_seam.plates import PlatesSettings
from weld_cell.plate_seam.regions import make_region_finder, seams_in
from weld_cell.plate_seam.settings import LocateSettings, PlateSeamSettings
from weld_cell.plate_seam.survey import find_all_seams, find_seam

FOLDER = Path(__file__).parents[3] / 'shared' / 'data' / 'seam_photo'
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f'no real images: {FOLDER} is absent'),
]
MIDDLE_PX = {0: (371, 386), 2: (443, 459), 3: (412, 428), 4: (360, 375), 5: (417, 432), 6: (428, 444), 7: (372, 386)}
MIDDLE_PX[8] = (436, 453)
"""Column of the gap's middle in rows 400 and 680 of each frame, by eye on enlarged rows."""
MM_PER_PX = 0.1  # nobody knows the photographs' scale


def plane_of(grey):
    """A camera that looks straight down without distortion."""
    height, width = grey.shape
    camera = CameraModel(
        np.array([[1000.0, 0, width / 2], [0, 1000.0, height / 2], [0, 0, 1]]), np.zeros(5), (width, height)
    )
    T_base_camera = np.diag([1.0, -1.0, -1.0, 1.0])
    T_base_camera[2, 3] = MM_PER_PX
    return WorkPlane.level(camera, T_base_camera, 0.0)


SETTINGS = PlateSeamSettings(spacing_mm=0.5, min_length_mm=5.0)


CONFIRMED = make_region_finder(PlatesSettings(), LocateSettings())


def seams_of(grey, box):
    """In a region by hand, in the whole image (None), or as the cell does: confirmed by the network."""
    plane = plane_of(grey)
    if box == 'confirmed':
        return seams_in(grey, CONFIRMED.regions(grey), plane, SETTINGS).seams
    return (find_seam(grey, np.array(box), plane, SETTINGS),) if box else find_all_seams(grey, plane, SETTINGS).seams


@pytest.mark.parametrize('box', [[300.0, 240.0, 480.0, 768.0], None, 'confirmed'])
@pytest.mark.parametrize('number', MIDDLE_PX)
def test_the_path_runs_in_the_middle_of_the_gap(number, box):
    grey = cv2.imread(str(FOLDER / 'butt_gap_sequence' / f'Color_120_{number}.jpg'), cv2.IMREAD_GRAYSCALE)
    (seam,) = seams_of(grey, box)
    at_rows = np.interp([400.0, 680.0], seam.path_px[:, 1], seam.path_px[:, 0])
    np.testing.assert_allclose(at_rows, MIDDLE_PX[number], atol=3.0)
    assert 8.0 < np.median(seam.gap_mm) / MM_PER_PX < 25.0


@pytest.mark.parametrize('box', [[285.0, 140.0, 315.0, 330.0], None, 'confirmed'])
def test_two_rusty_plates(box):
    """By eye the seam runs from about (298.5, 147) to (297.5, 322)."""
    grey = cv2.imread(str(FOLDER / 'plates' / 'test20_f.png'), cv2.IMREAD_GRAYSCALE)
    (seam,) = seams_of(grey, box)
    at_rows = np.interp([180.0, 240.0, 300.0], seam.path_px[:, 1], seam.path_px[:, 0])
    np.testing.assert_allclose(at_rows, [298.5, 298.0, 297.5], atol=3.0)


@pytest.mark.parametrize('box', [None, 'confirmed'])
def test_the_bare_table_has_none(box):
    grey = cv2.imread(str(FOLDER / 'plates' / 'test20_b.png'), cv2.IMREAD_GRAYSCALE)
    assert seams_of(grey, box) == ()
