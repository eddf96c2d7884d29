"""Parts on the simulated table as the station tells them; the truth is projected by OpenCV alone."""

from dataclasses import replace

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import (
    CalibrationError,
    PartAmbiguousError,
    PartCutError,
    PartError,
    PartLibraryError,
    PartUnknownError,
    TransformError,
)
from weld_cell.part_library import PartLibrary, PartThresholds, load_library
from weld_cell.paths import config_file
from weld_cell.records import CameraImage
from weld_cell.settings import PartStationSettings
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_layouts import area_cell_scene, brushed_sheet
from weld_cell.sim.area_scene import AreaScene, PlacedSheet
from weld_cell.sim.sheet_metal_drawing import as_sheet
from weld_cell.sim.shipped_parts import shipped_codes, shipped_part
from weld_cell.stations.part import PartStation

RIG = load_rig(str(config_file('rig.yaml')))
MAKO = RIG.mako
LIBRARY = load_library(config_file('parts'))
MOST_MM, MOST_DEG = 0.3, 0.1


def make_station(library=LIBRARY):
    station = PartStation(library, lambda image: MAKO.T_parent_sensor, PartStationSettings())
    station.cameras.add(MAKO.camera.size_px, MAKO.camera)
    return station


@pytest.fixture(scope='module')
def station():
    return make_station()


def lying(code, x_m, y_m, angle_deg, thickness_mm=3.0):
    part = replace(shipped_part(code), thickness_mm=thickness_mm)
    return PlacedSheet.lying(as_sheet(part, 4.0, np.random.default_rng(0)), np.array([x_m, y_m]), angle_deg)


def table(*sheets, T_base_camera=MAKO.T_parent_sensor):
    rng = np.random.default_rng(5)
    return AreaScene(MAKO.camera, T_base_camera, sheets, AreaEffects.nominal(), rng)


def image_of(scene, stamp_ns=7):
    return CameraImage(scene.image(np.random.default_rng(0)), stamp_ns, 0, MAKO.frame)


def errors(sighting, T_base_sheet):
    """In mm and degrees."""
    turned = T_base_sheet[:3, :3].T @ sighting.T_base_part[:3, :3]
    distance_mm = 1000 * np.linalg.norm(sighting.T_base_part[:3, 3] - T_base_sheet[:3, 3])
    return distance_mm, abs(np.degrees(np.arctan2(turned[1, 0], turned[0, 0])))


def test_without_parts_there_is_no_station():
    with pytest.raises(PartLibraryError, match='empty'):
        make_station(PartLibrary(LIBRARY.folder, (), ()))


def test_templates_of_several_scales_are_refused():
    first, *others = LIBRARY.parts
    with pytest.raises(PartLibraryError, match='several scales: A-R has 0.56 mm/px, A-L 0.7 mm/px'):
        make_station(PartLibrary(LIBRARY.folder, (replace(first, mm_per_px=0.7), *others), ()))


def test_a_camera_that_is_not_calibrated_is_named():
    station = PartStation(LIBRARY, lambda image: MAKO.T_parent_sensor, PartStationSettings())
    with pytest.raises(CalibrationError, match='No camera_info'):
        station.look(image_of(table()))


def test_a_camera_of_which_nobody_knows_where_it_is_is_named():
    def nowhere(image):
        raise TransformError('no pose')

    station = PartStation(LIBRARY, nowhere, PartStationSettings())
    station.cameras.add(MAKO.camera.size_px, MAKO.camera)
    with pytest.raises(TransformError, match='no pose'):
        station.look(image_of(table()))


@pytest.mark.parametrize(
    ('sheets', 'error', 'match'),
    [
        ([], PartUnknownError, 'No part'),
        (
            [PlacedSheet.lying(brushed_sheet(), np.array([0.95, 0.05]), 30.0)],
            PartUnknownError,
            'none of the parts|no part',
        ),
        ([lying('A-R', 1.0, 0.39, 90.0)], PartCutError, 'extends beyond'),
        ([lying('A-R', 0.9, -0.15, 20.0), lying('B-L', 1.0, 0.2, 70.0)], PartError, '2 parts .*: A-R, B-L'),
        ([lying('A-R', 0.9, -0.15, 20.0), lying('A-R', 1.0, 0.2, 70.0)], PartError, '2 parts .*: A-R, A-R'),
    ],
    ids=['none', 'unknown', 'cut', 'two', 'two of one code'],
)
def test_anything_but_one_known_part_is_refused(station, sheets, error, match):
    seen = station.look(image_of(table(*sheets)))
    with pytest.raises(error, match=match) as caught:
        seen.the_part()
    assert caught.value.remedy
    status = station.status(seen)
    assert status.code is None and status.error == type(caught.value).__name__
    assert station.overlay(image_of(table()), seen).shape == (*seen.view.shape, 3)


@pytest.mark.parametrize('seed', range(12))
def test_a_part_anywhere_is_told_with_its_pose(station, seed):
    scene = area_cell_scene('parts', seed, RIG)
    part, match = station.look(image_of(scene)).the_part()
    error_mm, error_deg = errors(part, scene.truths[0].T_base_sheet)
    assert error_mm < MOST_MM and error_deg < MOST_DEG
    assert part.stamp_ns == 7 and match.margin > 0.3


@pytest.mark.parametrize('code', shipped_codes())
@pytest.mark.parametrize(('x_m', 'y_m'), [(0.85, 0.24), (1.15, -0.24), (0.85, -0.24), (1.15, 0.24)])
def test_each_part_is_told_in_each_corner_of_the_field(station, code, x_m, y_m):
    scene = table(lying(code, x_m, y_m, 100.0 * x_m))
    part, _ = station.look(image_of(scene)).the_part()
    error_mm, error_deg = errors(part, scene.truths[0].T_base_sheet)
    assert part.code == code and error_mm < MOST_MM and error_deg < MOST_DEG


def test_the_scene_is_seen_from_a_camera_that_is_turned_and_tilted():
    from scipy.spatial.transform import Rotation

    from weld_cell.geometry.transforms import make_transform

    turn = Rotation.from_euler('xyz', [185.0, -4.0, 57.0], degrees=True)
    T_base_camera = make_transform((0.95, -0.02, 1.45), turn)
    station = PartStation(LIBRARY, lambda image: T_base_camera, PartStationSettings())
    station.cameras.add(MAKO.camera.size_px, MAKO.camera)
    scene = table(lying('B-R', 0.93, 0.1, 33.0), T_base_camera=T_base_camera)
    part, _ = station.look(image_of(scene)).the_part()
    error_mm, error_deg = errors(part, scene.truths[0].T_base_sheet)
    assert part.code == 'B-R' and error_mm < MOST_MM and error_deg < MOST_DEG


def test_sheets_of_another_thickness_lie_in_their_own_upper_side():
    thick = tuple(replace(p, thickness_mm=8.0) if p.code.startswith('A') else p for p in LIBRARY.parts)
    station = make_station(PartLibrary(LIBRARY.folder, thick, ()))
    scene = table(lying('A-L', 0.86, 0.2, -60.0, thickness_mm=8.0))
    part, _ = station.look(image_of(scene)).the_part()
    error_mm, error_deg = errors(part, scene.truths[0].T_base_sheet)
    assert part.T_base_part[2, 3] == pytest.approx(0.208) and error_mm < MOST_MM and error_deg < MOST_DEG


@pytest.mark.parametrize(
    ('thresholds', 'error'),
    [(PartThresholds(score_max=1e-9), PartUnknownError), (PartThresholds(margin_min=0.999), PartAmbiguousError)],
)
def test_the_limits_that_a_person_gave_a_part_count(thresholds, error):
    strict = tuple(replace(part, thresholds=thresholds) for part in LIBRARY.parts)
    seen = make_station(PartLibrary(LIBRARY.folder, strict, ())).look(image_of(table(lying('A-R', 0.95, 0.0, 10.0))))
    with pytest.raises(error, match='A-R'):
        seen.the_part()


def test_status_and_reset(station):
    seen = station.look(image_of(table(lying('A-R', 0.95, 0.05, -30.0))))
    status = station.status(seen)
    assert (status.code, status.parts, status.refused, status.error) == ('A-R', 1, 0, None)
    assert (status.x_mm, status.y_mm, status.z_mm) == pytest.approx((950.0, 50.0, 203.0), abs=MOST_MM)
    assert status.turn_deg == pytest.approx(-30.0, abs=MOST_DEG)
    assert station.reset()
