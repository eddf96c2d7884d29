"""Photographs of flat parts that others took: every part in them is found, and nothing else is taken for one.

Templates are cut out of the photographs here and now. What is where was read off by eye, u and v of the middle of
each part; the outlines that the matches give were laid over the photographs and looked at.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from weld_cell.errors import PartUnknownError
from weld_cell.images import read_image
from weld_cell.parts import PartIdentifier, PartSettings, cut_template

FOLDER = Path(__file__).parents[3] / 'shared' / 'data' / 'flat_parts'

pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not FOLDER.is_dir(), reason=f'{FOLDER} is absent')]


def grey(name):
    pixels = read_image(FOLDER / name)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels


def cut(name, code, left, top, right, bottom, margin_px):
    return cut_template(grey(name)[top:bottom, left:right].copy(), code, 1.0, margin_px=margin_px)


def at(findings, code, places, within_px):
    """How many of the places have a match of this code, and how many matches of it lie at none."""
    found = np.array([m.origin_px for m in findings.matches if m.code == code]).reshape(-1, 2)
    distance = np.hypot(*(found[:, None] - np.array(places)[None]).transpose(2, 0, 1))
    return int((distance.min(axis=0, initial=np.inf) < within_px).sum()), int(
        (distance.min(axis=1) >= within_px).sum()
    )


@pytest.fixture(scope='module')
def clips_and_gears():
    clip = cut('clips_and_gears/Src8.bmp', 'clip', 60, 255, 280, 450, 4)
    gear = cut('clips_and_gears/Src8.bmp', 'gear', 5, 20, 222, 228, 4)
    return PartIdentifier([clip, gear], PartSettings(other_hand=False))


@pytest.mark.parametrize(
    ('scene', 'clips', 'gears'),
    [
        ('Src8.bmp', [(167, 350), (359, 174), (470, 200)], [(114, 123)]),
        ('Src9.bmp', [(133, 116), (208, 307), (215, 366), (460, 180)], [(445, 375), (454, 134)]),
    ],
)
def test_all_clips_and_gears_are_found(clips_and_gears, scene, clips, gears):
    """Apart, touching, and one gear that lies on a clip."""
    findings = clips_and_gears.look(grey(f'clips_and_gears/{scene}'))
    assert at(findings, 'clip', clips, 6.0) == (len(clips), 0)
    assert at(findings, 'gear', gears, 6.0) == (len(gears), 0)
    assert not findings.refusals


SLOTTED = {
    1: [(654, 493), (2497, 742), (1054, 996), (717, 1508), (1650, 1708), (857, 1858), (1356, 2684), (1026, 2779)],
    2: [(1397, 670), (2527, 935), (1371, 1051), (883, 836), (1135, 904), (983, 1511), (696, 1489), (898, 1943)],
}
SLOTTED[1] += [(2349, 2858)]
SLOTTED[2] += [(722, 1792), (2201, 2635), (1513, 2471), (1771, 2480), (2485, 2505)]
UPSIDE_DOWN = [(2280, 750), (2565, 1228), (2342, 2276), (2027, 2394)]


def slotted_identifier(strictness):
    template = cut('slotted_plate/scene_1.jpg', 'slotted', 870, 780, 1250, 1190, 6)
    return PartIdentifier(
        [template], PartSettings(surface_share=0.0, other_hand=False, strictness=strictness, even_share=0.35)
    )


def test_every_slotted_part_that_lies_apart_is_found_and_no_distractor_taken_for_one():
    """Nine parts; a heap of two and three parts of another kind are refused."""
    findings = slotted_identifier(1.0).look(grey('slotted_plate/scene_1.jpg'))
    assert at(findings, 'slotted', SLOTTED[1], 12.0) == (9, 0)
    assert sum(isinstance(refusal, PartUnknownError) for refusal in findings.refusals) == 4


def test_every_slotted_part_in_touch_with_others_is_found_from_a_template_of_another_photograph():
    """13 parts with their upper side up; the four that lie upside down are another view; none is asked for."""
    findings = slotted_identifier(0.1).look(grey('slotted_plate/scene_2.jpg'))
    found, _ = at(findings, 'slotted', SLOTTED[2], 14.0)
    assert found == 13
    _, elsewhere = at(findings, 'slotted', SLOTTED[2] + UPSIDE_DOWN, 30.0)
    assert elsewhere == 0


def test_pale_parts_on_white_paper_among_clutter_are_found_and_none_of_the_clutter():
    """A contrast of 26 grey levels, one template for seven parts: six are found, one beside a plate is not."""
    template = cut('slotted_plate/scene_3.jpg', 'slotted', 362, 472, 444, 546, 4)
    findings = PartIdentifier([template], PartSettings(surface_share=0.0, other_hand=False)).look(
        grey('slotted_plate/scene_3.jpg')
    )
    places = [(404, 508), (331, 622), (403, 343), (481, 655), (408, 835), (153, 589), (617, 585)]
    found, elsewhere = at(findings, 'slotted', places, 6.0)
    assert found >= 6
    assert elsewhere == 0
