"""A tracked weld by action whose controller rejects its corrections, in the running cell."""

import pytest
from cell_graph import needs_ros2, running_graph
from tracked_launch import TrackedCell

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]


def test_a_controller_that_rejects_a_correction_is_believed(tmp_path):
    """It rejects the stop as well: then it is asked to hold the robot where it is."""
    with running_graph(tmp_path) as graph:
        cell = TrackedCell(graph, tmp_path, 'controller:=action')
        cell.weld()
        cell.refuse(True)
        reason, tracking = cell.await_safe_fault()
        assert 'in stage weld: joint_trajectory_controller has rejected the trajectory' in reason
        assert 'could not be braked' in reason and 'asked to hold' in reason and tracking.points > 20
