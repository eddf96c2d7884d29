"""Images from the finder to the verdicts, and those that are refused."""

import cv2
import numpy as np
import pytest
from spot_weld_pictures import SETTINGS, as_pixels, panel, sheet, with_weld

from weld_cell.errors import SpotWeldAbsentError, SpotWeldCutError, SpotWeldImageError
from weld_cell.records import WeldRegion, WeldVerdict
from weld_cell.report.spot_weld_overlay import draw_gallery, draw_inspection
from weld_cell.spot_weld.building import GoodWelds, build_bank
from weld_cell.spot_weld.circle import fit_outline
from weld_cell.spot_weld.crops import box_about, cut_out
from weld_cell.spot_weld.defects import defect_areas, without_small
from weld_cell.spot_weld.features import ClassicalFeatures
from weld_cell.spot_weld.find import ClassicalFinder, suppress_near
from weld_cell.spot_weld.inspect import Inspector

CENTRES = [(60.0, 60.0), (160.3, 61.7), (259.0, 59.5), (60.8, 170.2), (160.0, 171.0), (258.5, 170.4)]


@pytest.fixture(scope='module')
def inspector():
    finder = ClassicalFinder()
    cut, sources = [], []
    for seed in range(4):
        grey = as_pixels(panel(CENTRES, seed=seed) * (0.8 + 0.1 * seed))
        regions = finder.regions(grey)
        boxes = np.stack([box_about(region, SETTINGS.context) for region in regions])
        cut.append(cut_out(grey, boxes, SETTINGS.grid))
        sources += [f'panel_{seed}'] * len(regions)
    bank = build_bank(
        GoodWelds(np.concatenate(cut), tuple(sources), np.full(len(sources), 1.6)),
        ClassicalFeatures(),
        SETTINGS,
        np.random.default_rng(0),
    )
    return Inspector(bank, ClassicalFeatures(), finder)


def test_nothing_is_found_on_a_bare_sheet():
    assert ClassicalFinder().regions(as_pixels(sheet((200, 300)))) == ()


def test_welds_are_placed_exactly():
    found = ClassicalFinder().regions(as_pixels(panel(CENTRES)))
    assert len(found) == len(CENTRES)
    for centre in CENTRES:
        nearest = min(found, key=lambda region: np.linalg.norm(region.centre_px - centre))
        assert np.linalg.norm(nearest.centre_px - centre) < 0.5
        assert abs(nearest.radius_px - 16.0) < 1.0


def test_a_region_without_an_outline_stays_as_it_was():
    region = WeldRegion(np.array([50.0, 50.0]), 12.0, 0.5)
    fitted = fit_outline(as_pixels(np.full((100, 100), 90.0)), region)
    assert np.linalg.norm(fitted.centre_px - region.centre_px) < 12.0


def test_the_surest_of_near_regions_stays():
    regions = [WeldRegion(np.array([u, 10.0]), 10.0, score) for u, score in ((10.0, 0.9), (15.0, 0.8), (40.0, 0.7))]
    assert [region.score for region in suppress_near(regions, 1.1)] == [0.9, 0.7]


def test_no_weld_in_view(inspector):
    with pytest.raises(SpotWeldAbsentError, match='No spot weld'):
        inspector.look(as_pixels(sheet((200, 300))))


def test_a_weld_cut_by_the_border_is_not_judged(inspector):
    image = with_weld(panel(CENTRES[:1]), (316.0, 120.0), 16.0)
    found = inspector.look(as_pixels(image))
    assert (len(found.welds), len(found.cut)) == (1, 1)


def test_only_cut_welds(inspector):
    with pytest.raises(SpotWeldCutError, match='all 1'):
        inspector.look(as_pixels(with_weld(sheet((240, 320)), (314.0, 120.0), 16.0)))


def test_over_exposed(inspector):
    image = panel(CENTRES)
    image[20:110, :] = np.where(image[20:110, :] > 80.0, 255.0, image[20:110, :])
    regions = [WeldRegion(np.array(centre), 16.0, 1.0) for centre in CENTRES[:3]]
    with pytest.raises(SpotWeldImageError, match='Over-exposed'):
        inspector.judge(as_pixels(image), regions)


def test_blurred(inspector):
    image = cv2.GaussianBlur(panel(CENTRES), (0, 0), 5.0)
    regions = [WeldRegion(np.array(centre), 16.0, 1.0) for centre in CENTRES]
    with pytest.raises(SpotWeldImageError, match=r'Blurred: sharpness \d'):
        inspector.judge(as_pixels(image), regions)


def test_good_welds_and_a_burnt_one(inspector):
    image = panel(CENTRES, seed=9)
    image[166:177, 155:166] = 10.0
    found = inspector.look(as_pixels(image))
    verdicts = {tuple(np.round(weld.region.centre_px, -1)): weld for weld in found.welds}
    burnt = verdicts.pop((160.0, 170.0))
    assert burnt.verdict is WeldVerdict.DEFECTIVE
    assert sum(weld.verdict is WeldVerdict.DEFECTIVE for weld in verdicts.values()) == 0
    assert np.linalg.norm(burnt.defects[0].place_px - [160.0, 171.0]) < 3.0
    assert found.mask[171, 160] and not found.mask[60, 60]
    rows = [weld.region.centre_px[1] for weld in found.welds]
    assert rows == sorted(rows)


def test_pictures_of_an_inspection(inspector):
    grey = as_pixels(panel(CENTRES))
    found = inspector.look(grey)
    assert draw_inspection(grey, found).shape == (240, 320, 3)
    assert draw_gallery(grey, found).shape[2] == 3


def test_no_defect_has_no_area():
    assert defect_areas(np.zeros((8, 8), bool), np.array([0.0, 0.0, 8.0, 8.0])) == ()


def test_areas_by_hand():
    mask = np.zeros((10, 10), bool)
    mask[2:4, 1:4] = True  # 6 cells of 2 x 2 pixels
    mask[8, 8] = True
    areas = defect_areas(mask, np.array([100.0, 50.0, 120.0, 70.0]))
    assert [area.area_px for area in areas] == [24.0, 4.0]
    np.testing.assert_allclose(areas[0].place_px, [105.0, 56.0])
    assert without_small(mask, 2.0).sum() == 6
