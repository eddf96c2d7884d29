"""Node robot_sim: the simulated robot with its controller, where a real driver and robot_state_publisher stand."""

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_ros import StaticTransformBroadcaster, TransformBroadcaster
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.records.status import NodeStatus
from weld_cell.ros.conversions import make_header, ns_from_time, time_from_ns, transforms_to_messages
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.follow_trajectory import COMMANDS, FollowJointTrajectory
from weld_cell.ros.follow_trajectory_server import FollowTrajectoryServer
from weld_cell.ros.parameters import SettingsParameters, declare, declare_file
from weld_cell.ros.qos import LATCHED, STATE, publisher, subscription
from weld_cell.ros.spin import run_node
from weld_cell.ros.statuses import key_values
from weld_cell.sim.beat import STATE_PERIOD_NS
from weld_cell.sim.drives import Drives, DriveSettings
from weld_cell.sim.goal_tolerances import ConstraintSettings
from weld_cell.sim.robot import RobotState, load_simulated_robot
from weld_cell.sim.trajectory_command import TrajectoryCommand, rejected

MAX_CATCH_UP = 5
"""So many states are sent after each other when the process was kept from running; what is older is left out."""


class RobotSim(Node):
    """Follows trajectories as joint_trajectory_controller does; refuses, with the reason, what breaks a limit."""

    def __init__(self) -> None:
        super().__init__('robot_sim')
        self._health = NodeHealth(self)
        self._robot = load_simulated_robot(
            declare_file(self, 'urdf_file', 'robot/arc_robot.urdf', 'Robot description'),
            declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits and home'),
            rate=declare(self, 'rate', 1.0, 'How much faster than real it moves; for tests.'),
        )
        self._drive = SettingsParameters(self, 'drives', DriveSettings(), live=True)
        self._drives = Drives(self._robot.joint_names)
        self._partial = declare(self, 'allow_partial_joints_goal', False, 'Trajectories may leave out robot joints.')
        constraints = SettingsParameters(self, 'constraints', ConstraintSettings()).settings
        self._accepted = self._refused = self._refused_ns = 0
        self._report_counts()
        self._states = publisher(self, JointState, 'joint_states', STATE)
        self._description = publisher(self, String, 'robot_description', LATCHED)
        self._description.publish(String(data=self._robot.tree.description))
        self._broadcaster = TransformBroadcaster(self)
        self._static_broadcaster = StaticTransformBroadcaster(self)
        self._static_broadcaster.sendTransform(self._links_at_zero(moving=False))
        self._links = self._links_at_zero(moving=True)
        subscription(
            self,
            JointTrajectory,
            COMMANDS,
            self._health.watched(self._on_trajectory),
            STATE,
        )
        self._true = self._robot.state_at(self._now_ns())
        self._server = None
        if FollowJointTrajectory is not None:
            names = self._robot.joint_names
            self._server = FollowTrajectoryServer(
                self, names, constraints, self._on_trajectory, self._hold, lambda: self._drive.settings.answer_after_s
            )
        self._stamp_ns = self._now_ns()  # just before the timer begins: a state is sent as soon as its time has come
        self.create_timer(STATE_PERIOD_NS * 1e-9, self._publish_states)

    def destroy_node(self) -> None:
        """The action server goes first."""
        if self._server is not None:
            self._server.close()
        super().destroy_node()

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _on_trajectory(self, message: JointTrajectory) -> None:
        try:
            if self._drive.settings.refuses:
                raise rejected('the controller is not active')
            self._robot.follow(_command(message), self._now_ns(), self._partial)
            self._accepted += 1
        except TrajectoryRejectedError:
            self._refused += 1
            self._refused_ns = self._now_ns()
            raise
        finally:
            self._report_counts()

    def _hold(self) -> None:
        """Where the robot really is, as joint_trajectory_controller does."""
        self._robot.hold(self._true.positions_rad, self._now_ns())

    def _report_counts(self) -> None:
        counts = NodeStatus(
            trajectories_accepted=self._accepted,
            trajectories_refused=self._refused,
            refused_ns=self._refused_ns,
        )
        self._health.values.update(key_values(counts))

    def _publish_states(self) -> None:
        for stamp_ns in due_stamps(self._stamp_ns, self._now_ns()):
            desired = self._robot.state_at(stamp_ns)
            self._true = self._drives.follow(desired, self._drive.settings)
            self._publish_state(self._true)
            self._stamp_ns = stamp_ns
            if self._server is not None:
                self._server.beat(desired, self._true, self._robot.past_end_s(stamp_ns))

    def _publish_state(self, state: RobotState) -> None:
        self._broadcaster.sendTransform(self._turned(state))  # first: images wait for it
        self._states.publish(
            JointState(
                header=make_header(state.stamp_ns, ''),
                name=self._robot.joint_names,
                position=state.positions_rad.tolist(),
                velocity=state.velocities_rad_s.tolist(),
            )
        )

    def _links_at_zero(self, moving: bool) -> list[TransformStamped]:
        """The frames of the links that move, or of those that do not, as robot_state_publisher divides them."""
        edges = [
            (edge.parent, edge.child, edge.origin)
            for edge in self._robot.tree.edges
            if (edge.axis is not None) == moving
        ]
        return transforms_to_messages(edges, self._now_ns())

    def _turned(self, state: RobotState) -> list[TransformStamped]:
        """The frames of the moving links: always the same messages, of which only stamp and rotation change."""
        stamp = time_from_ns(state.stamp_ns)
        for link, xyzw in zip(self._links, self._robot.tree.quaternions(state.positions_rad).tolist(), strict=True):
            link.header.stamp, rotation = stamp, link.transform.rotation
            rotation.x, rotation.y, rotation.z, rotation.w = xyzw
        return self._links


def due_stamps(last_ns: int, now_ns: int) -> list[int]:
    """Stamps of the states to be sent now: those of the beat since the last one sent, at most MAX_CATCH_UP.

    Where the clock was set back, the beat goes on from there.
    """
    periods = (now_ns - last_ns) // STATE_PERIOD_NS
    if periods < 0:
        return [last_ns + periods * STATE_PERIOD_NS]
    return [last_ns + k * STATE_PERIOD_NS for k in range(max(1, periods - MAX_CATCH_UP + 1), periods + 1)]


def _command(message: JointTrajectory) -> TrajectoryCommand:
    points = message.points
    return TrajectoryCommand(
        message.joint_names,
        [ns_from_time(p.time_from_start) * 1e-9 for p in points],
        [p.positions for p in points],
        [p.velocities for p in points],
        [p.accelerations for p in points],
        ns_from_time(message.header.stamp),
    )


def main() -> int:
    """Run the node."""
    return run_node(RobotSim)
