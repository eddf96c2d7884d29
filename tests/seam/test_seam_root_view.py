"""The light around the root, cut out of an image."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import seam_sections as sections

from weld_cell.records import JointType
from weld_cell.seam.locate import locate_seam
from weld_cell.seam.settings import SeamSettings

GAP_MM = 1.2
GROOVE = sections.groove(gap=GAP_MM).moved(4.0, 0.0, -5.0)


def located(profile):
    return locate_seam(profile, JointType.V, sections.CAMERA, sections.LASER_PLANE, SeamSettings(), 0)


def with_dot(place_mm):
    """The stripe's profile, in an image with nothing but a dot at a place in the cross-section."""
    point = sections.ORIGIN + 1e-3 * (place_mm[0] * sections.ACROSS + place_mm[1] * sections.UP)
    pixel = cv2.projectPoints(point, np.zeros(3), np.zeros(3), sections.CAMERA.matrix, sections.CAMERA.distortion)[
        0
    ].ravel()
    u, v = np.meshgrid(np.arange(100, 540), np.arange(40, 440))
    light = 200.0 * np.exp(-0.5 * ((u - pixel[0]) ** 2 + (v - pixel[1]) ** 2) / 2.0**2)
    return replace(sections.draw_stripe(GROOVE), light=light.astype(np.uint8), light_origin_px=(100, 40))


def test_a_profile_without_light_has_no_view():
    assert located(sections.draw_stripe(GROOVE)).evidence.view is None


def test_the_apex_lies_in_the_middle_and_the_groove_is_known():
    tangent = np.tan(np.radians(30.0))
    view = located(with_dot(GROOVE.seam - GROOVE.normal * 0.5 * GAP_MM / tangent)).evidence.view
    rows, columns = np.indices(view.light.shape)
    weights = view.light / view.light.sum(dtype=float)
    assert [(weights * rows).sum(), (weights * columns).sum()] == pytest.approx([14.0, 24.0], abs=0.4)
    assert view.geometry[:3] == pytest.approx([*GROOVE.normal, tangent], abs=0.02)
    assert view.geometry[3] == pytest.approx(0.0, abs=0.05)
    assert view.geometry[4] == pytest.approx(-2000.0 / 0.3 * 0.5e-3, rel=0.1)
    assert view.geometry[5] == pytest.approx(2000.0 / 0.3 * 1e-3, rel=0.1)
