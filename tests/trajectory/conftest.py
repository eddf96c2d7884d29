"""The shipped robot, procedures and a few seams."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from trajectory_paths import LIMITS, PROCEDURES, URDF

from weld_cell.geometry.transforms import make_transform
from weld_cell.records import SeamPath
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings


@pytest.fixture(scope='session')
def robot():
    return load_robot(URDF, LIMITS)


@pytest.fixture(scope='session')
def procedures():
    return load_procedures(PROCEDURES)


@pytest.fixture
def settings():
    return TrajectorySettings()


@pytest.fixture
def welding_tool():
    return make_transform((0.0, 0.0, 0.3), Rotation.identity())


@pytest.fixture
def straight_seam():
    """Factory: a seam through a centre, along a heading, whose normal leans about the tangent."""

    def make(length_m=0.2, centre=(1.0, 0.0, 0.2), heading_deg=90.0, lean_deg=0.0, points=101):
        along = np.linspace(-0.5, 0.5, points) * length_m
        heading = np.deg2rad(heading_deg)
        tangent = np.array([np.cos(heading), np.sin(heading), 0.0])
        normal = Rotation.from_rotvec(np.deg2rad(lean_deg) * tangent).apply([0.0, 0.0, 1.0])
        return SeamPath(
            np.array(centre) + along[:, None] * tangent,
            np.tile(tangent, (points, 1)),
            np.tile(normal, (points, 1)),
            length_m / max(points - 1, 1),
            length_m,
            0,
        )

    return make


@pytest.fixture
def arc_seam():
    """Factory: a seam along a horizontal circular arc about a centre."""

    def make(radius_m=0.1, sweep_deg=120.0, centre=(1.0, 0.0, 0.2)):
        length = radius_m * np.deg2rad(sweep_deg)
        points = int(length / 0.002) + 2
        angle = np.linspace(0.0, np.deg2rad(sweep_deg), points)
        out = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(points)])
        tangents = np.column_stack([-np.sin(angle), np.cos(angle), np.zeros(points)])
        return SeamPath(
            np.array(centre) + radius_m * out,
            tangents,
            np.tile([0.0, 0.0, 1.0], (points, 1)),
            length / (points - 1),
            length,
            0,
        )

    return make
