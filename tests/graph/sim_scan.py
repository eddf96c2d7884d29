"""A scan of the simulated joint along its true seam, for tests that need one without the supervisor."""

import numpy as np
from cell_graph import CONFIG
from scipy.spatial import cKDTree
from trajectory_msgs.msg import JointTrajectory

from weld_cell.calibration.rig import load_rig
from weld_cell.ros.conversions import trajectory_to_message
from weld_cell.ros.qos import STATE, publisher
from weld_cell.trajectory.plan import plan_tool_motion
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

SPEED_M_S = 0.025
COMMANDS = '/joint_trajectory_controller/joint_trajectory'


class Scan:
    """Moves the simulated robot over the true seam; `graph` listens to joint_states.

    Args:
        graph: With a running robot_sim.
        scene: The workpiece.
        scanned_m: (n,) ascending, along the seam.
    """

    def __init__(self, graph, scene, scanned_m):
        self._graph = graph
        rig = load_rig(str(CONFIG / 'rig.yaml'))
        self._robot = load_robot(str(CONFIG / 'robot/arc_robot.urdf'), str(CONFIG / 'robot/limits.yaml'))
        self._T_tool0_tool = rig.T_tool0_tool
        self._poses = np.stack([scene.seam_pose(float(s)) @ rig.T_tool0_tool for s in scanned_m])
        self._command = publisher(graph.node, JointTrajectory, COMMANDS, STATE)
        assert graph.wait(lambda: graph.has_listener(COMMANDS, 'robot_sim'))

    def positions(self):
        return np.array(self._graph.messages['joint_states'][-1].position)

    def run(self, forward=True):
        """To the first pose, over all, and wait for the arrival."""
        poses = self._poses if forward else self._poses[::-1]
        motion = plan_tool_motion(
            poses, SPEED_M_S, self._robot, self._T_tool0_tool, self.positions(), None, TrajectorySettings()
        )
        self._command.publish(trajectory_to_message(motion))
        goal = motion.positions_rad[-1]
        assert self._graph.wait(lambda: np.abs(self.positions() - goal).max() < 1e-4, motion.times_s[-1] + 30.0)


def distances_mm(points_m, scene):
    """(n,) distance of points (n, 3) from the true seam, in mm."""
    distances, _ = cKDTree(scene.truth.positions_m).query(np.asarray(points_m))
    return 1e3 * distances
