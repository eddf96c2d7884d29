"""Stripe profiles of ideal cross-sections, so that the stage is tested without simulator and stripe detector.

A cross-section is a polyline in millimetres (y across the seam, z up); the sensor sees 0.15 mm a row and moves the
stripe by 3.33 columns a millimetre of height, as rig.yaml has it. Noise and sensor pose are added on top.
"""

import numpy as np

from weld_cell.records import JointType, StripeProfile

MM_PER_ROW = 0.15
PX_PER_MM_UP = -3.33
HALF_WIDTH_MM = 36.0


def cross_section(joint_type, rng):
    """Polyline (n, 2) of y and z in mm, and the stretch (from, to) without stripe; random sizes."""
    thick = rng.uniform(2.8, 5.2)
    half_gap = rng.uniform(0.25, 1.0)
    if joint_type is JointType.LAP:
        return [(-99, thick), (0, thick), (0.01, 0), (99, 0)], (0, 0)
    if joint_type is JointType.BUTT:
        z = rng.uniform(-1, 1)
        return [(-99, 0), (-half_gap, 0), (half_gap, z), (99, z)], (-half_gap, half_gap)
    if joint_type is JointType.SPLICE:
        size = rng.uniform(0.8, 1.6)
        return [(-99, 0), (-size, 0), (0, -size), (size, 0), (99, 0)], (0, 0)
    if joint_type is JointType.FILLET:
        slope = np.tan(np.radians(rng.uniform(40, 50)))
        return [(-99, 99 * slope), (0, 0), (99, 99 * slope)], (0, 0)
    depth, root = rng.uniform(18, 24), half_gap
    wall = np.tan(np.radians(rng.uniform(25, 35)))
    top = root + depth * wall
    if joint_type is JointType.V:
        return [(-99, 0), (-top, 0), (-root, -depth), (root, -depth), (top, 0), (99, 0)], (0, 0)
    level = -depth * rng.uniform(0.4, 0.7)
    side, bulge = top + level * wall, rng.uniform(-1.0, 1.0)
    return [(-99, 0), (-top, 0), (-side, level), (0, level + bulge), (side, level), (top, 0), (99, 0)], (0, 0)


def profile_of(polyline, dark=(0.0, 0.0), offset_mm=0.0, roll_deg=0.0, noise_px=0.0, rng=None, rows=480):
    """Stripe profile of a polyline (y, z in mm) by an ideal sensor."""
    y = (np.arange(rows) - (rows - 1) / 2) * MM_PER_ROW
    ys, zs = np.array(polyline, dtype=float).T
    z = np.interp(y - offset_mm, ys, zs) + np.tan(np.radians(roll_deg)) * y
    columns = 320.0 + PX_PER_MM_UP * z
    if rng is not None:
        columns = columns + rng.normal(0.0, noise_px, rows)
    bridged = (y - offset_mm > dark[0]) & (y - offset_mm < dark[1])
    intensity = np.where(bridged, 0.0, 230.0)
    light = 10 + intensity[:, None] * np.exp(-0.5 * ((np.arange(640) - columns[:, None]) / 2.5) ** 2)
    return StripeProfile(
        np.arange(rows, dtype=float), columns, intensity, bridged, (640, 480), light.astype(np.uint8)
    )


def random_profile(joint_type, rng):
    """A profile of a random joint of the type, seen with random pose and noise."""
    polyline, dark = cross_section(joint_type, rng)
    return profile_of(polyline, dark, rng.uniform(-6, 6), rng.uniform(-10, 10), rng.uniform(0.05, 0.3), rng)
