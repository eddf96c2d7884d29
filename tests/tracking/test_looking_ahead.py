"""The tool turned so that its sensor looks at the seam ahead, and rigs that cannot."""

import numpy as np
import pytest
from tracked_seam import straight_path

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import LookAheadError
from weld_cell.paths import config_file
from weld_cell.records import SeamPath
from weld_cell.supervisor.tracked_weld import ahead_sensor
from weld_cell.tracking import SeamLine, TrackingSettings, require_sight, turned_to_look
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.tool_path import weld_tool_poses

PROCEDURES = load_procedures(str(config_file('weld_procedures.yaml')))


def sensor(name='rig_tracking.yaml'):
    return ahead_sensor(load_rig(str(config_file(name))))


def arc(radius_m=0.15, length_m=0.15):
    turn = np.linspace(0.0, length_m / radius_m, 76)
    zero = np.zeros_like(turn)
    positions = radius_m * np.column_stack([np.sin(turn), 1.0 - np.cos(turn), zero])
    tangents = np.column_stack([np.cos(turn), np.sin(turn), zero])
    return SeamPath(positions, tangents, np.tile([0.0, 0.0, 1.0], (76, 1)), 0.002, length_m, 0)


@pytest.mark.parametrize('name', list(PROCEDURES))
@pytest.mark.parametrize('path', [straight_path(), arc()], ids=['straight', 'arc'])
def test_the_laser_meets_the_seam_in_the_middle_of_the_image(name, path):
    line, ahead = SeamLine(path), sensor()
    poses = weld_tool_poses(path, PROCEDURES[name], 15.0)
    turned = turned_to_look(poses, line, ahead)
    np.testing.assert_allclose(turned[:, :3, 2], poses[:, :3, 2], atol=1e-12)  # the wire stays
    require_sight(turned, line, ahead, TrackingSettings())
    places = line.places(turned[:, :3, 3])
    seen = line.positions(ahead.places_seen(turned, line, places))
    across = np.einsum('ni,ni->n', turned[:, :3, 1], seen - turned[:, :3, 3])
    assert np.abs(across).max() < 1e-3


def test_the_rig_of_the_scan_looks_too_far_ahead():
    line, poses = SeamLine(straight_path()), weld_tool_poses(straight_path(), PROCEDURES['fillet'], 15.0)
    with pytest.raises(LookAheadError, match='200 mm from the wire'):
        require_sight(poses, line, sensor('rig.yaml'), TrackingSettings())


def test_a_seam_shorter_than_the_look_ahead_is_refused():
    path = straight_path(0.02)
    line, ahead = SeamLine(path), sensor()
    poses = turned_to_look(weld_tool_poses(path, PROCEDURES['lap'], 15.0), line, ahead)
    with pytest.raises(LookAheadError, match='sees none of it'):
        require_sight(poses, line, ahead, TrackingSettings())


def test_a_sensor_that_does_not_see_the_joint_is_refused():
    line, ahead = SeamLine(straight_path()), sensor()
    ahead.T_tool_sensor[2, 3] -= 0.2
    poses = turned_to_look(weld_tool_poses(straight_path(), PROCEDURES['fillet'], 15.0), line, ahead)
    with pytest.raises(LookAheadError, match='leaves the image'):
        require_sight(poses, line, ahead, TrackingSettings())
