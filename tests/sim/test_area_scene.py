"""The simulated area camera: what it draws lies where OpenCV projects it, and every dial does what it says."""

from dataclasses import fields

import cv2
import numpy as np
import pytest
from area_sheets import dotted, rectangle
from scipy.ndimage import map_coordinates
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import load_rig
from weld_cell.geometry.transforms import invert, make_transform
from weld_cell.geometry.work_plane import WorkPlane, WorkPlaneSettings
from weld_cell.paths import config_file
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_layouts import brushed_sheet
from weld_cell.sim.area_scene import TABLE_TOP_M, AreaScene, PlacedSheet

MAKO = load_rig(str(config_file('rig.yaml'))).mako
SIZE_PX = MAKO.camera.size_px
PLACES = [((1.0, 0.0), 0.0), ((0.86, -0.22), 27.0), ((1.15, 0.26), -118.0), ((1.1, -0.25), 90.0)]
OUTLINE_PX = 0.05
DOT_PX = 0.05


def scene_of(*sheets, effects=None, seed=0, T_base_camera=None):
    T_base_camera = MAKO.T_parent_sensor if T_base_camera is None else T_base_camera
    rng = np.random.default_rng(seed)
    return AreaScene(MAKO.camera, T_base_camera, sheets, effects or AreaEffects.none(), rng)


def image_of(*sheets, seed=0, noise=1, **options):
    return scene_of(*sheets, seed=seed, **options).image(np.random.default_rng(noise))


def by_opencv(points_m):
    """Pixels (n, 2) of points (n, 3) in base_link, from the rig's numbers alone."""
    T_camera_base = invert(MAKO.T_parent_sensor)
    turn = Rotation.from_matrix(T_camera_base[:3, :3]).as_rotvec()
    pixels, _ = cv2.projectPoints(points_m, turn, T_camera_base[:3, 3], MAKO.camera.matrix, MAKO.camera.distortion)
    return pixels.reshape(-1, 2)


def test_a_table_alone():
    image = image_of()
    assert image.shape == (1088, 1456) and image.dtype == np.uint8
    assert 5 < image.min() <= image.max() < 40
    assert np.ptp(image.astype(int)) <= 1  # no wear, no noise, even light
    assert scene_of().truths == ()


def test_no_points_have_no_pixels():
    assert scene_of(PlacedSheet.lying(rectangle(), (1.0, 0.0), 0.0)).sheet_pixels(0, np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize('xy_m', [(3.0, 0.0), (1.0, -2.0)])
def test_a_sheet_beside_the_image_is_not_seen(xy_m):
    effects = AreaEffects(shadows=1.0)
    beside = image_of(PlacedSheet.lying(rectangle(thickness_m=0.01), xy_m, 20.0), effects=effects)
    np.testing.assert_array_equal(beside, image_of(effects=effects))


@pytest.mark.parametrize('roll_deg', [0.0, 90.0])
def test_a_camera_that_looks_away_from_the_table_is_a_mistake(roll_deg):
    away = make_transform((1.0, 0.0, 1.5), Rotation.from_euler('x', roll_deg, degrees=True))
    with pytest.raises(ValueError, match='does not see a table'):
        scene_of(T_base_camera=away)


@pytest.mark.parametrize(('xy_m', 'angle_deg'), PLACES)
@pytest.mark.parametrize('defocus', [0.0, 0.5])
def test_outlines_lie_where_they_are_projected(xy_m, angle_deg, defocus):
    placed = PlacedSheet.lying(rectangle(thickness_m=2e-3), xy_m, angle_deg)
    scene = scene_of(placed, effects=AreaEffects(defocus=defocus))
    points_m, normals = outline_mm()
    pixels = scene.sheet_pixels(0, 1e-3 * points_m)
    outwards = scene.sheet_pixels(0, 1e-3 * (points_m + 0.1 * normals)) - pixels
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    inside = ((pixels > 12) & (pixels < np.array(SIZE_PX) - 13)).all(axis=1)
    miss = edge_offsets(scene.image(np.random.default_rng(0)), pixels[inside], outwards[inside])
    assert inside.sum() > 150
    assert np.abs(miss).max() < OUTLINE_PX
    assert abs(miss.mean()) < 0.02


def outline_mm():
    """Points (n, 2) on the outline of `rectangle`, clear of its corners, and its normals out of the metal."""
    along = np.linspace(-0.42, 0.42, 40)
    turn = np.linspace(0.0, 2 * np.pi, 80, endpoint=False)
    ones, circle = np.ones(40), np.column_stack([np.cos(turn), np.sin(turn)])
    sides = [(200.0 * along, s * 60.0 * ones, 0.0 * ones, s * ones) for s in (-1.0, 1.0)]
    sides += [(s * 100.0 * ones, 120.0 * along, s * ones, 0.0 * ones) for s in (-1.0, 1.0)]
    rows = np.concatenate([*(np.column_stack(side) for side in sides), np.hstack([30.0 * circle, -circle])])
    return rows[:, :2], rows[:, 2:]


def edge_offsets(image, pixels, outwards, reach_px=9.0):
    """(n,) how far outwards bright metal ends, by the light along lines across its outline."""
    steps = np.arange(-reach_px, reach_px + 0.05, 0.1)
    lines = pixels[:, None] + steps[:, None] * outwards[:, None]
    grey = map_coordinates(image.astype(float), [lines[..., 1], lines[..., 0]], order=1)
    bright, dark = grey[:, :10].mean(axis=1), grey[:, -10:].mean(axis=1)
    share = (grey - dark[:, None]) / (bright - dark)[:, None]
    return np.trapezoid(share, steps, axis=1) - reach_px


def test_dots_over_the_whole_image_lie_where_opencv_projects_them():
    """Independent of the scene's own truth: centres of light against the rig's numbers."""
    x, y = np.meshgrid(np.arange(-360.0, 361.0, 60.0), np.arange(-240.0, 241.0, 60.0))
    places = np.column_stack([x.ravel(), y.ravel()])
    placed = PlacedSheet.lying(dotted(places, 4.0, (900.0, 700.0)), (1.0, 0.0), 90.0)
    image = image_of(placed, effects=AreaEffects(defocus=0.3)).astype(float)
    lifted = np.column_stack([1e-3 * places, np.zeros(len(places)), np.ones(len(places))])
    expected = by_opencv(lifted @ placed.T_base_sheet[:3].T)
    inside = ((expected > 15) & (expected < np.array(SIZE_PX) - 16)).all(axis=1)
    assert inside.sum() == len(places)
    assert np.ptp(expected, axis=0)[0] > 1250 and np.ptp(expected, axis=0)[1] > 830
    found = np.array([light_centre(image, place) for place in expected])
    assert np.abs(found - expected).max() < DOT_PX
    np.testing.assert_allclose((found - expected).mean(axis=0), 0.0, atol=0.01)


def light_centre(image, near, half=13):
    u, v = np.round(near).astype(int)
    window = image[v - half : v + half + 1, u - half : u + half + 1]
    light = window - np.median(window[0])
    across = np.arange(-half, half + 1)
    return np.array([u + light.sum(axis=0) @ across / light.sum(), v + light.sum(axis=1) @ across / light.sum()])


@pytest.mark.parametrize(('xy_m', 'angle_deg'), PLACES)
def test_truth_is_the_pose_and_the_work_plane_finds_it(xy_m, angle_deg):
    scene = scene_of(PlacedSheet.lying(rectangle(thickness_m=3e-3), xy_m, angle_deg))
    truth = scene.truths[0]
    np.testing.assert_allclose(truth.T_base_sheet[:3, 3], [*xy_m, TABLE_TOP_M + 3e-3])
    plane = WorkPlane.level(MAKO.camera, MAKO.T_parent_sensor, WorkPlaneSettings().height_m + 3e-3)
    np.testing.assert_allclose(plane.points(truth.origin_px[None])[0], xy_m, atol=1e-9)
    turn = np.deg2rad(truth.axis_deg)
    x_axis = plane.jacobian_mm(truth.origin_px[None])[0] @ [np.cos(turn), np.sin(turn)]
    assert np.rad2deg(np.arctan2(x_axis[1], x_axis[0])) == pytest.approx(angle_deg, abs=1e-4)


def test_a_later_sheet_lies_on_an_earlier_one_and_a_hole_shows_what_is_under_it():
    low = PlacedSheet.lying(rectangle(reflectance=0.2), (1.0, 0.0), 0.0)
    high = PlacedSheet.lying(rectangle((60.0, 60.0), 10.0, reflectance=0.8), (1.0, 0.045), 45.0)
    scene = scene_of(low, high)
    image = scene.image(np.random.default_rng(0)).astype(int)

    def at(index, x_mm, y_mm):
        u, v = np.round(scene.sheet_pixels(index, 1e-3 * np.array([[x_mm, y_mm]]))[0]).astype(int)
        return image[v, u]

    table, dull, bright = image[5, 5], at(0, 90.0, 50.0), at(1, 20.0, 20.0)
    assert table < 0.5 * dull < 0.2 * bright
    assert at(0, 0.0, 0.0) == table and abs(at(1, 0.0, 0.0) - dull) <= 1


def sheets():
    return PlacedSheet.lying(brushed_sheet(), (0.95, 0.05), 30.0), PlacedSheet.lying(
        rectangle(thickness_m=0.02), (1.1, -0.2), 80.0
    )


def pixels_around(image):
    return image[:200, :200]


ENDS = (slice(0, 100), slice(-100, None))
MEASURES = {
    'uneven_light': lambda image, ideal: np.ptp([image[rows, columns].mean() for rows in ENDS for columns in ENDS]),
    'specular': lambda image, ideal: np.percentile(image, 99.9),
    'shadows': lambda image, ideal: (image < 0.8 * ideal).sum(),
    'table_texture': lambda image, ideal: pixels_around(image).std(),
    'dust': lambda image, ideal: (image > ideal + 10).sum(),
    'stray_light': lambda image, ideal: image.mean(),
    'vignetting': lambda image, ideal: -pixels_around(image).mean(),
    'defocus': lambda image, ideal: -np.abs(np.diff(image, axis=1)).max(axis=1).mean(),
    'over_exposure': lambda image, ideal: (image == 255).sum(),
    'dim_light': lambda image, ideal: -image.mean(),
    'sensor_noise': lambda image, ideal: pixels_around(image).std(),
    'fixed_pattern': lambda image, ideal: pixels_around(image).std(),
}


@pytest.fixture(scope='module')
def ideal():
    return image_of(*sheets()).astype(int)


def test_every_dial_has_a_measure():
    assert list(MEASURES) == [f.name for f in fields(AreaEffects)]


@pytest.mark.parametrize('name', MEASURES)
def test_a_dial_acts(name, ideal):
    half, full = (image_of(*sheets(), effects=AreaEffects(**{name: dial})).astype(int) for dial in (0.5, 1.0))
    measure = MEASURES[name]
    assert measure(ideal, ideal) < measure(half, ideal) < measure(full, ideal)


def test_only_noise_is_new_in_an_image():
    effects = AreaEffects(sensor_noise=0.5, fixed_pattern=1.0, dust=1.0, table_texture=1.0)
    scene = scene_of(*sheets(), effects=effects)
    first, again, other = (scene.image(np.random.default_rng(seed)).astype(int) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, image_of(*sheets(), effects=effects).astype(int))
    assert 1.0 < (first - other).std() < 10.0
    still = scene_of(*sheets(), effects=AreaEffects(fixed_pattern=1.0, dust=1.0))
    np.testing.assert_array_equal(still.image(np.random.default_rng(1)), still.image(np.random.default_rng(2)))


def test_noise_grows_with_the_root_of_the_light():
    scene = scene_of(
        PlacedSheet.lying(rectangle((400.0, 300.0)), (1.0, 0.0), 90.0), effects=AreaEffects(sensor_noise=1.0)
    )
    difference = scene.image(np.random.default_rng(1)).astype(float) - scene.image(np.random.default_rng(2))
    bright, dark = difference[340:440, 500:1000].var() / 2, difference[:100, :500].var() / 2
    image = scene.image(np.random.default_rng(3)).astype(float)
    slope = (bright - dark) / (image[340:440, 500:1000].mean() - image[:100, :500].mean())
    assert slope == pytest.approx(0.2, rel=0.1)


def test_a_shadow_falls_away_from_the_lamp():
    scene = scene_of(
        PlacedSheet.lying(rectangle(hole_mm=-1.0, thickness_m=0.03), (1.0, 0.0), 0.0),
        effects=AreaEffects(shadows=1.0),
    )
    dark = scene.image(np.random.default_rng(0)) < 0.7 * image_of()
    rows, columns = np.nonzero(dark)
    (middle,) = by_opencv(np.array([[1.0, 0.0, TABLE_TOP_M]]))
    (lamp,) = by_opencv(np.array([[*scene.lamp.position_m[:2], TABLE_TOP_M]]))
    assert dark.sum() > 1000
    assert (np.array([columns.mean(), rows.mean()]) - middle) @ (lamp - middle) < 0


@pytest.mark.parametrize('hardness', [-0.1, 1.1, np.nan])
def test_hardness_out_of_range_is_refused(hardness):
    with pytest.raises(ValueError, match='hardness'):
        AreaEffects.at_random(np.random.default_rng(0), hardness)


def test_hard_scenes_are_all_different():
    images = [image_of(*sheets(), effects=AreaEffects.hard(np.random.default_rng(k)), seed=k) for k in range(3)]
    assert all((a != b).mean() > 0.5 for a, b in zip(images, images[1:], strict=False))


def test_the_simulated_table_is_where_the_stations_expect_it():
    assert WorkPlaneSettings().height_m == TABLE_TOP_M
