"""Each hard effect changes the image when its dial is up, in the way that it should, and not when it is down."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import make_transform
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.sim.shadows import Shadows

NAMES = [f.name for f in fields(HardEffects)]


def picture(effects, joint_type=JointType.FILLET, seed=3, along_m=0.06):
    """The first image of a scene whose draws do not depend on the dials, and its truth."""
    scene = Scene.random(joint_type, np.random.default_rng(seed), effects=effects, curved=False)
    pixels, truth = scene.render(scene.scan_pose(along_m), 0.3)
    return pixels.astype(int), truth


@pytest.fixture(scope='module')
def ideal():
    return picture(HardEffects.none())


def far_from_stripe(pixels, truth, distance_px=60):
    mask = np.ones(pixels.shape, dtype=bool)
    for u, v in truth.stripe_px:
        mask[int(v), max(int(u) - distance_px, 0) : int(u) + distance_px] = False
    return pixels[mask]


def width_at_220(pixels):
    rows = (pixels >= 220).sum(axis=1)
    return rows[rows > 0].mean()


def rows_without_stripe(pixels):
    return (pixels.max(axis=1) < 100).sum()


def test_none_is_black_beside_a_saturated_stripe(ideal):
    pixels, truth = ideal
    assert pixels.max() == 255
    assert far_from_stripe(pixels, truth).max() == 0
    assert 5 <= width_at_220(pixels) <= 8
    assert rows_without_stripe(pixels) == 0


def test_without_effects_nothing_changes_with_time_or_chance(ideal):
    scene = Scene.random(JointType.FILLET, np.random.default_rng(3), effects=HardEffects.none(), curved=False)
    for time_s in (0.0, 0.3, 5.0):
        np.testing.assert_array_equal(scene.image(scene.scan_pose(0.06), time_s), ideal[0])


@pytest.mark.parametrize(
    ('name', 'measure'),
    [
        ('saturation', lambda p, t: width_at_220(p)),
        ('blooming', lambda p, t: (p > 10).sum()),
        ('speckle', lambda p, t: np.abs(np.diff(p, axis=0)).sum()),
        ('mill_scale', lambda p, t: (p >= 220).sum(axis=1).std()),
        ('grinding', lambda p, t: (p >= 220).sum(axis=1).std()),
        ('rust', lambda p, t: -(p >= 220).sum()),
        ('specular_breaks', lambda p, t: (p >= 220).sum(axis=1).std()),
        ('second_reflections', lambda p, t: far_from_stripe(p, t, 30).sum()),
        ('shadows', lambda p, t: rows_without_stripe(p)),
        ('ambient_light', lambda p, t: far_from_stripe(p, t).mean()),
        ('sensor_noise', lambda p, t: far_from_stripe(p, t).std()),
        ('motion_blur', lambda p, t: (p > 10).sum()),
        ('spatter', lambda p, t: (far_from_stripe(p, t) > 130).sum()),
        ('arc_glare', lambda p, t: p[:, :40].mean()),
    ],
)
def test_dial_up_acts(name, measure, ideal):
    half, full = (picture(HardEffects(**{name: dial})) for dial in (0.5, 1.0))
    assert measure(*half) > measure(*ideal)
    assert measure(*full) > measure(*ideal)
    np.testing.assert_allclose(half[1].seam_px, ideal[1].seam_px)  # the joint itself is the same


@pytest.mark.parametrize('joint_type', JointType)
def test_tack_weld_raises_the_seam_and_hides_it(joint_type):
    plain, tacked = (
        Scene.random(joint_type, np.random.default_rng(3), effects=HardEffects(tack_welds=dial), curved=False)
        for dial in (0.0, 1.0)
    )
    tack = tacked.workpiece.tacks[0].centre_m
    _, bare = plain.render(plain.seam_pose(tack), 0.0)
    _, hidden = tacked.render(tacked.seam_pose(tack), 0.0)
    assert bare.seam_visible and not hidden.seam_visible
    assert plain.joint_shown(plain.seam_pose(tack), 0.0) == pytest.approx(1.0, abs=0.05)
    assert tacked.joint_shown(tacked.seam_pose(tack), 0.0) == 0.0
    row = round(bare.seam_px[1])
    columns = hidden.stripe_px[hidden.stripe_px[:, 1] == row, 0]
    assert columns.size and columns.max() < bare.seam_px[0] - 2  # higher is further left


def test_a_gap_filled_by_the_skirt_of_a_tack_weld_is_hidden_too():
    scene = Scene.random(JointType.BUTT, np.random.default_rng(3), effects=HardEffects(tack_welds=1.0), curved=False)
    tack = scene.workpiece.tacks[0]
    skirt = tack.centre_m + 1.2 * tack.half_length_m  # its surface lies 0.44 of the tack's height below the plates
    assert scene.workpiece.is_tacked(skirt) and scene.joint_shown(scene.seam_pose(skirt), 0.0) == 0.0
    assert not scene.workpiece.is_tacked(tack.centre_m + 2.5 * tack.half_length_m)


def test_a_shadow_takes_its_share_of_what_shows_the_joint():
    shares = []
    for dial in (0.0, 1.0):
        scene = Scene.random(
            JointType.SPLICE, np.random.default_rng(3), effects=HardEffects(shadows=dial), curved=False
        )
        shares.append([scene.joint_shown(scene.seam_pose(s, _sideways(s)), 0.0) for s in np.linspace(0.03, 0.12, 40)])
    bare, shaded = np.array(shares)
    assert bare.min() > 0.95
    assert shaded.min() < 0.5 and shaded.max() > 0.95 and np.any((shaded > 0.6) & (shaded < 0.9))


def _sideways(s_m):
    return make_transform((0.0, 0.4 * (s_m - 0.075), 0.0), Rotation.identity())


def test_misalignment_lifts_one_plate():
    scene = Scene.random(
        JointType.BUTT, np.random.default_rng(3), effects=HardEffects(misalignment=1.0), curved=False
    )
    section = scene.workpiece.section
    assert 0 < np.ptp(section.feature_points_m[:, 1]) <= 1e-3


def test_texture_is_fixed_to_the_surface():
    """The same place on the plate has the same reflectance, wherever in the image it is seen."""
    effects = HardEffects(mill_scale=1.0, rust=1.0)
    scene = Scene.random(JointType.LAP, np.random.default_rng(6), effects=effects, curved=False)
    first, again, beside = (scene.image(scene.seam_pose(s), 0.0) for s in (0.05, 0.05, 0.06))
    np.testing.assert_array_equal(first, again)
    assert (first != beside).any()


@pytest.mark.parametrize('hardness', [-0.1, 1.1, np.nan])
def test_hardness_out_of_range_is_refused(hardness):
    with pytest.raises(ValueError, match='hardness'):
        HardEffects.at_random(np.random.default_rng(0), hardness)


def test_random_dials_fill_their_range():
    rng = np.random.default_rng(0)
    dials = np.array([[getattr(HardEffects.hard(rng), name) for name in NAMES] for _ in range(200)])
    assert dials.min() >= 0 and dials.max() <= 1
    assert (dials.min(axis=0) < 0.1).all() and (dials.max(axis=0) > 0.9).all()


@pytest.mark.parametrize('dial', [0.0, 0.3, 1.0])
def test_shadows_let_some_light_pass_and_drift(dial):
    shadows = Shadows(dial, np.random.default_rng(2))
    across = np.linspace(-0.04, 0.04, 4000)
    early, late = shadows.transmission(across, 0.0), shadows.transmission(across, 1.0)
    assert early.min() >= 0 and early.max() == 1
    assert (early == 0).any() == (early != late).any() == (dial > 0)
    assert np.abs(np.diff(early)).max() < 0.1  # soft edges


def test_no_place_no_light():
    assert Shadows(1.0, np.random.default_rng(2)).transmission(np.empty(0), 0.0).shape == (0,)
