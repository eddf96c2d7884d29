"""The welds of a simulated panel as the station sees them; what it refuses."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import (
    CalibrationError,
    FeatureBankError,
    SpotWeldAbsentError,
    SpotWeldImageError,
    TransformError,
)
from weld_cell.geometry.transforms import transform_points
from weld_cell.paths import config_file
from weld_cell.records import CameraImage, WeldVerdict
from weld_cell.settings import SpotWeldStationSettings, load_spot_weld_settings
from weld_cell.sim.area_layouts import area_cell_scene
from weld_cell.sim.panel_on_fixture import panel_under
from weld_cell.spot_weld.settings import SpotWeldSettings
from weld_cell.stations.spot_weld import SpotWeldStation

RIG = load_rig(str(config_file('rig.yaml')))
MAKO = RIG.mako
SEED = 3
SETTINGS = SpotWeldStationSettings(spot_weld=SpotWeldSettings(bank='simulated', above_table_mm=901.2))


@pytest.fixture(scope='module')
def pixels():
    return area_cell_scene('panel', SEED, RIG).image(np.random.default_rng(0))


@pytest.fixture(scope='module')
def truths():
    return panel_under(SEED, RIG).truths(area_cell_scene('panel', SEED, RIG))


def station_of(settings=SETTINGS, T_base_camera=lambda image: MAKO.T_parent_sensor):
    station = SpotWeldStation(T_base_camera, settings)
    station.cameras.add(MAKO.camera.size_px, MAKO.camera)
    return station


def image_of(pixels, stamp_ns=7):
    return CameraImage(pixels, stamp_ns, 0, MAKO.frame)


@pytest.fixture(scope='module')
def seen(pixels):
    station = station_of()
    return station, station.look(image_of(pixels))


def nearest(welds, truth):
    return min(welds, key=lambda weld: np.linalg.norm(weld.region.centre_px - truth.centre_px))


def test_the_simulator_and_its_settings_agree():
    station = load_spot_weld_settings(config_file('sim.yaml'))
    top_m = panel_under(SEED, RIG).placed.T_base_sheet[2, 3]
    assert station.spot_weld.above_table_mm == pytest.approx(1e3 * (top_m - station.work_plane.height_m))
    assert (
        station.spot_weld.bank == 'simulated' and not load_spot_weld_settings(config_file('cell.yaml')).spot_weld.bank
    )


def test_every_weld_is_found_and_most_are_told_rightly(seen, truths):
    welds = seen[1].inspection.welds
    assert len(welds) == len(truths) == 30
    told = [(nearest(welds, truth).verdict is WeldVerdict.DEFECTIVE, truth.defect is not None) for truth in truths]
    assert sum(called == bad for called, bad in told) >= 27 and sum(called and bad for called, bad in told) >= 6


def test_places_of_defects_are_those_of_their_welds_on_the_panel(seen, truths):
    panel = panel_under(SEED, RIG)
    checked = 0
    for planned, truth in zip(panel.panel.welds, truths, strict=True):
        weld = nearest(seen[1].inspection.welds, truth)
        here = transform_points(panel.placed.T_base_sheet, np.array([[*np.array(planned.xy_mm) * 1e-3, 0.0]]))[0, :2]
        for area in weld.defects:
            assert np.linalg.norm(area.place_m - here) < 1.7e-3 * planned.style.radius_mm
            side_mm = 1e3 * (MAKO.T_parent_sensor[2, 3] - panel.placed.T_base_sheet[2, 3]) / MAKO.camera.matrix[0, 0]
            assert area.area_mm2 == pytest.approx(area.area_px * side_mm**2, rel=0.1)
            checked += 1
    assert checked >= 6


def test_status_report_overlay_and_reset(seen, pixels):
    station, result = seen
    status, report = station.status(result), station.report(result)
    assert (status.stamp_ns, status.cut, status.good + status.doubtful + status.defective) == (7, 0, 30)
    assert status.ms.keys() == {'find', 'judge'} and report[status.worst - 1].score == status.worst_score
    assert max(each.score for each in report) == status.worst_score
    worst = report[status.worst - 1]
    assert worst.verdict == 'defective' and worst.defect_mm2 > 0.0 and len(worst.places_m) == worst.defects
    picture = station.overlay(image_of(pixels), result)
    assert picture.shape == (1088, 1456, 3) and (picture == (40, 40, 255)).all(axis=2).any()
    assert station.reset()


def test_a_picture_in_colours_is_the_same(seen, pixels):
    coloured = station_of().look(image_of(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)))
    assert [weld.score for weld in coloured.inspection.welds] == [weld.score for weld in seen[1].inspection.welds]


def test_without_millimetres_no_calibration_is_needed(pixels, seen):
    settings = replace(SETTINGS, spot_weld=replace(SETTINGS.spot_weld, millimetres=False))
    station = SpotWeldStation(lambda image: pytest.fail('asked for'), settings)
    status = station.report(station.look(image_of(pixels)))[seen[0].status(seen[1]).worst - 1]
    assert status.defects and status.defect_mm2 is None and status.places_m is None


def test_a_camera_that_is_not_calibrated_or_nowhere_is_named(pixels):
    with pytest.raises(CalibrationError, match='No camera_info'):
        SpotWeldStation(lambda image: MAKO.T_parent_sensor, SETTINGS).look(image_of(pixels))

    def nowhere(image):
        raise TransformError('no pose')

    with pytest.raises(TransformError, match='no pose'):
        station_of(T_base_camera=nowhere).look(image_of(pixels))


@pytest.mark.parametrize('grey', [0, 90, 255])
def test_no_weld_in_view(pixels, grey):
    with pytest.raises(SpotWeldAbsentError, match='No spot weld') as refused:
        station_of().look(image_of(np.full_like(pixels, grey)))
    assert refused.value.remedy


def test_a_weld_that_the_border_cuts_is_told_and_not_judged(pixels, truths):
    settings = replace(SETTINGS, spot_weld=replace(SETTINGS.spot_weld, millimetres=False))
    good = next(truth for truth in truths if truth.defect is None)
    left = int(good.centre_px[0] - 0.6 * good.radius_px)
    seen = SpotWeldStation(lambda image: pytest.fail('asked for'), settings).look(
        image_of(np.ascontiguousarray(pixels[:, left:]))
    )
    (cut,) = (region for region in seen.inspection.cut if abs(region.centre_px[1] - good.centre_px[1]) < 5.0)
    assert abs(cut.centre_px[0] + left - good.centre_px[0]) < 0.3 * good.radius_px
    assert all(weld.region.centre_px[0] > weld.region.radius_px for weld in seen.inspection.welds)


def test_a_blurred_image_is_refused_by_its_sharpness(pixels):
    with pytest.raises(SpotWeldImageError, match=r'Blurred: sharpness \d'):
        station_of().look(image_of(cv2.GaussianBlur(pixels, (0, 0), 4.0)))


def test_an_over_exposed_image_is_refused(pixels):
    bright = np.clip(3.2 * pixels.astype(float), 0, 255).astype(np.uint8)
    with pytest.raises((SpotWeldImageError, SpotWeldAbsentError)) as refused:
        station_of().look(image_of(bright))
    assert refused.value.remedy


@pytest.mark.parametrize(('bank', 'said'), [('', 'No bank'), ('nowhere.npz', r'nowhere\.npz')])
def test_a_bank_that_is_not_there_is_named_at_once_and_when_it_is_asked_for_later(pixels, bank, said):
    settings = replace(SETTINGS, spot_weld=replace(SETTINGS.spot_weld, bank=bank))
    with pytest.raises(FeatureBankError, match=said) as refused:
        station_of(settings)
    assert refused.value.remedy
    station = station_of()
    station.settings = settings
    with pytest.raises(FeatureBankError, match=said):
        station.look(image_of(pixels))
