"""Interface to the robot controller: trajectory topic or action, joint names, order, external axes, prefix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.config import Settings, bounded, choice, text
from weld_cell.errors import ConfigurationError, TrajectoryRejectedError
from weld_cell.records import FloatArray

TOPIC, ACTION = 'topic', 'action'
STAYS_RAD = 1e-4
"""A robot joint that the controller does not have may differ so much from its first position, by rounding."""


@dataclass(frozen=True)
class ControllerSettings(Settings):
    """How trajectories are sent to the robot's controller."""

    interface: str = choice(
        TOPIC, (TOPIC, ACTION), 'How trajectories are sent; action: answer, feedback and result come back.'
    )
    prefix: str = text('', "Before each robot joint's name in what controller and joint_states say, as left_.")
    joints: str = text(
        '',
        "The controller's joints in its own order, separated by spaces; external axes among them stay where they "
        "are; empty: the robot's.",
    )
    path_tolerance_rad: float = bounded(
        0.05, 0.0, 1.0, 'rad', "action: how far a robot joint may be off its way; 0: the controller's own tolerance."
    )
    goal_tolerance_rad: float = bounded(
        0.005, 0.0, 1.0, 'rad', "action: how far off the end it may come to rest; 0: the controller's own tolerance."
    )
    goal_time_s: float = bounded(
        1.0, 0.0, 60.0, 's', "action: how late it may come to rest there; 0: the controller's own tolerance."
    )
    answer_s: float = bounded(
        4.0, 0.1, 60.0, 's', 'action: how long the controller may take to answer, and be silent during a motion.'
    )

    @property
    def plain(self) -> bool:
        """Whether trajectories go out on the topic, of the robot's joints as they are."""
        return self.interface == TOPIC and not self.prefix and not self.joints


class ControllerJoints:
    """The joints of the controller, and where each is among those of the robot.

    Args:
        robot_names: Of the robot joints, in the order of a RobotTrajectory's columns.
        settings: The controller's.

    Attributes:
        names: Of the controller's joints, in its order.
        external: Those of them that are none of the robot's, in the controller's order.

    Raises:
        ConfigurationError: a joint stands twice in `controller.joints`, or none of them is the robot's.
    """

    def __init__(self, robot_names: Sequence[str], settings: ControllerSettings) -> None:
        own = [settings.prefix + name for name in robot_names]
        self.names = tuple(settings.joints.split()) or tuple(own)
        columns = {name: column for column, name in enumerate(own)}
        self._columns = [columns.get(name) for name in self.names]
        self.external = tuple(name for name in self.names if name not in columns)
        self._left_out = [column for column in columns.values() if column not in self._columns]
        self._own = own
        self._check()

    def _check(self) -> None:
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise ConfigurationError(
                f'Parameter controller.joints: {", ".join(twice)} twice.', 'Name each joint of the controller once.'
            )
        if len(self._left_out) == len(self._own):
            raise ConfigurationError(
                f'Parameter controller.joints: {", ".join(self.names)} has none of the robot joints '
                f'{", ".join(self._own)}.',
                'Set controller.joints to the parameter joints of the controller, and controller.prefix to what '
                "stands before the robot's own names there.",
            )

    def names_of(self, columns: Sequence[int]) -> str:
        """Names of robot joints as the controller has them, for people."""
        return ', '.join(self._own[column] for column in columns)

    def check(self, positions_rad: FloatArray) -> None:
        """Refuse a trajectory that moves what the controller does not have.

        Args:
            positions_rad: (n, k) in the robot's order.

        Raises:
            TrajectoryRejectedError: it moves a robot joint that `controller.joints` leaves out.
        """
        moved = [c for c in self._left_out if np.abs(positions_rad[:, c] - positions_rad[0, c]).max() > STAYS_RAD]
        if moved:
            raise TrajectoryRejectedError(
                f'The trajectory moves {self.names_of(moved)}, which the controller does not have.',
                'Add it to controller.joints, or plan with a robot_description in which it is fixed.',
            )

    def spread(self, rows: FloatArray, external: FloatArray) -> FloatArray:
        """Rows (n, k) in the robot's order as (n, m) in the controller's, with a value for each external axis."""
        values = iter(external)
        return np.stack(
            [rows[:, c] if c is not None else np.full(len(rows), next(values)) for c in self._columns], axis=1
        )
