"""Plates on the simulated table as the station sees them; the truth is projected by OpenCV alone."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from constant_net import write_constant_net
from plain_cards import write_plain_card

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import (
    CalibrationError,
    ConfigurationError,
    ModelError,
    PlateSeamAbsentError,
    PlateSeamError,
    TransformError,
)
from weld_cell.paths import config_file
from weld_cell.plate_seam.locate import PLATE_SEAM_NET
from weld_cell.plate_seam.plates import PlatesSettings
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import CameraImage
from weld_cell.report.run_summary import distances_to_polyline, end_errors_mm, runs_against
from weld_cell.settings import PlateSeamStationSettings
from weld_cell.sim.area_layouts import area_cell_scene, plates_under
from weld_cell.stations.plate_seam import PlateSeamStation

RIG = load_rig(str(config_file('rig.yaml')))
MAKO = RIG.mako
SEED = 6
SCENE, LAYOUT = area_cell_scene('plates', SEED, RIG), plates_under(SEED, RIG)
BOX = tuple(LAYOUT.truth.box_px(SCENE))
LENGTH_MM = 1e3 * np.linalg.norm(np.diff(LAYOUT.truth.path_m, axis=0), axis=1).sum()


@cache
def plates_seen():
    """The image of the scene; rendered when a test asks for it, rather than when the tests are collected."""
    return SCENE.image(np.random.default_rng(0))


def make_station(calibrated=True, T_base_camera=lambda image: MAKO.T_parent_sensor, **plates):
    chosen = PlatesSettings(**{'locate': 'box', 'box_xyxy': BOX, **plates})
    station = PlateSeamStation(T_base_camera, PlateSeamStationSettings(plates=chosen))
    if calibrated:
        station.cameras.add(MAKO.camera.size_px, MAKO.camera)
    return station


def image_of(pixels, stamp_ns=7):
    return CameraImage(pixels, stamp_ns, 0, MAKO.frame)


@pytest.mark.parametrize('size_px', [(2, 2), (728, 544), (1088, 1456)])
def test_another_resolution_than_the_rigs_is_refused(size_px):
    station = make_station()
    with pytest.raises(CalibrationError, match=f'{size_px[0]} x {size_px[1]}') as refused:
        station.look(image_of(np.zeros(size_px[::-1], np.uint8)))
    assert refused.value.remedy


def test_a_camera_that_is_not_calibrated_is_named():
    with pytest.raises(CalibrationError, match='No camera_info') as refused:
        make_station(calibrated=False).look(image_of(plates_seen()))
    assert refused.value.remedy
    station = make_station(calibrated=False)
    station.cameras.add(MAKO.camera.size_px, CalibrationError('no focal length', 'calibrate'))
    with pytest.raises(CalibrationError, match='no focal length'):
        station.look(image_of(plates_seen()))


def test_a_camera_of_which_nobody_knows_where_it_is_is_named():
    def nowhere(image):
        raise TransformError('no pose')

    with pytest.raises(TransformError, match='no pose'):
        make_station(T_base_camera=nowhere).look(image_of(plates_seen()))


def test_a_camera_that_looks_away_from_the_plates_is_refused():
    upwards = np.eye(4)
    upwards[2, 3] = 1.5
    with pytest.raises(CalibrationError, match='work plane'):
        make_station(T_base_camera=lambda image: upwards).look(image_of(plates_seen()))


def network(path):
    return {'locate': 'network', 'model_file': str(path)}


@pytest.mark.parametrize(
    ('damage', 'said'), [('missing', 'net'), ('cut', 'damaged'), ('no network', 'not a network')]
)
def test_a_network_that_cannot_be_used_is_named_at_once_and_when_it_is_asked_for_later(tmp_path, damage, said):
    path = tmp_path / 'net.onnx'
    if damage != 'missing':
        path.write_bytes(b'weights of 29 bytes, or so...')
        write_plain_card(path, PLATE_SEAM_NET)
    if damage == 'cut':
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ModelError, match=said) as refused:
        make_station(**network(path))
    assert refused.value.remedy
    station = make_station()
    station.settings = PlateSeamStationSettings(plates=PlatesSettings(**network(path)))
    with pytest.raises(ModelError, match=said):
        station.look(image_of(plates_seen()))


def test_a_box_beside_the_image_is_a_mistake_of_the_settings():
    with pytest.raises(ConfigurationError, match='box_xyxy'):
        make_station(box_xyxy=(2000.0, 0.0, 2100.0, 90.0)).look(image_of(plates_seen()))


@pytest.mark.parametrize('grey', [0, 120, 255])
def test_no_plate_in_view_is_refused_with_a_picture_that_says_so(grey):
    station, image = make_station(locate='whole'), image_of(np.full_like(plates_seen(), grey))
    seen = station.look(image)
    with pytest.raises(PlateSeamError) as refused:
        seen.the_seam()
    assert refused.value.remedy
    status = station.status(seen)
    assert (status.seams, status.refused, status.error) == (0, 1, type(refused.value).__name__)
    assert status.number is None and status.length_mm is None
    assert (station.overlay(image, seen) != grey).any()


def test_where_the_network_sees_no_region_there_is_no_seam(tmp_path):
    path = write_constant_net(tmp_path / 'net.onnx', [[0.0, 0.0, 30.0, 30.0]], [0.01])
    station = make_station(**network(path))
    seen = station.look(image_of(plates_seen()))
    with pytest.raises(PlateSeamAbsentError, match='shows no seam between plates') as refused:
        seen.the_seam()
    assert refused.value.remedy and station.status(seen).refused == 0
    assert station.overlay(image_of(plates_seen()), seen).shape == (*plates_seen().shape, 3)


def test_the_seam_is_found_in_the_networks_regions_and_one_at_the_border_does_no_harm(tmp_path):
    boxes = np.stack([np.add(BOX, 0.5) / 5.0, [-9.0, 10.0, 0.9, 90.0]])  # the image is reduced by 5
    station = make_station(**network(write_constant_net(tmp_path / 'net.onnx', boxes, [0.9, 0.8])))
    seen = station.look(image_of(plates_seen()))
    assert seen.regions.boxes_xyxy == pytest.approx(np.array([BOX]), abs=1e-3)
    assert seen.the_seam().length_mm == pytest.approx(
        make_station().look(image_of(plates_seen())).the_seam().length_mm, abs=2.0
    )


@pytest.mark.parametrize('colour', [False, True])
def test_the_seam_lies_on_its_truth_in_base_link(colour):
    pixels = cv2.cvtColor(plates_seen(), cv2.COLOR_GRAY2BGR) if colour else plates_seen()
    station = make_station()
    seen = station.look(image_of(pixels))
    seam, truth = seen.the_seam(), LAYOUT.truth
    true_m = truth.path_m[::-1] if runs_against(seam.path_m, truth.path_m) else truth.path_m
    assert seam.path_m[:, 2] == pytest.approx(LAYOUT.top_m)
    assert 1e3 * distances_to_polyline(seam.path_m, true_m).max() < 0.15
    assert np.abs(end_errors_mm(seam.path_m, true_m)).max() < 2.0
    assert np.median(seam.gap_mm) == pytest.approx(np.median(truth.gap_mm), abs=0.3)


def test_the_thickness_of_the_plates_counts():
    thin, thick = (make_station(thickness_mm=mm).look(image_of(plates_seen())).the_seam() for mm in (1.5, 11.5))
    assert thick.path_m[0, 2] - thin.path_m[0, 2] == pytest.approx(0.010)
    assert thick.length_mm / thin.length_mm == pytest.approx(1.2885 / 1.2985, rel=1e-3)  # of the camera over them


def test_a_seam_that_is_too_doubtful_is_refused_and_drawn():
    station = make_station()
    station.settings = replace(station.settings, plate_seam=PlateSeamSettings(min_confidence=1.0))
    seen = station.look(image_of(plates_seen()))
    with pytest.raises(PlateSeamError, match='confidence'):
        seen.the_seam()
    assert station.overlay(image_of(plates_seen()), seen).any()


def test_status_overlay_and_reset():
    station, image = make_station(), image_of(plates_seen())
    seen = station.look(image)
    status, seam = station.status(seen), seen.the_seam()
    assert (status.stamp_ns, status.seams, status.refused, status.error, status.number) == (7, 1, 0, None, 1)
    assert status.length_mm == seam.length_mm and status.lengths_mm.tolist() == [seam.length_mm]
    assert status.gap_least_mm <= status.gap_mm <= status.gap_most_mm
    assert status.ms.keys() == {'grey', 'locate', 'measure'} and min(status.ms.values()) >= 0.0
    picture = station.overlay(image, seen)
    u, v = np.round(seam.path_px[len(seam.path_px) // 2]).astype(int)
    assert picture[v, u].tolist() == [60, 255, 60] and image.pixels is plates_seen()
    assert station.reset()


def test_a_seam_that_is_asked_for_by_a_number_that_there_is_not_is_refused():
    seen = make_station(seam='number', number=2).look(image_of(plates_seen()))
    with pytest.raises(PlateSeamAbsentError, match='Seam 2 is asked for, 1 is seen'):
        seen.the_seam()
