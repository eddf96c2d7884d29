"""The arm's configuration at a pose, in the numbers of each language, from the planned robot joints.

A six-axis arm with a spherical wrist reaches a pose in up to eight ways: the wrist's centre in front of axis 1 or
behind it (overhead), in front of the upper arm's line or behind it (elbow up or down), the wrist turned over or not.
Whole turns of an axis are counted beside.

Sources: ABB, RAPID instructions, functions and data types (confdata); KUKA, expert programming (Status and Turn);
Yaskawa, NX100 instructions (manipulator types); FANUC, HandlingTool operations (CONFIG of positions).
"""

from dataclasses import dataclass

import numpy as np

from weld_cell.errors import ArmConfigurationError
from weld_cell.programs.controller_axes import controller_degrees, opw_angles
from weld_cell.programs.settings import AxisSettings
from weld_cell.records import FloatArray
from weld_cell.trajectory.robot_model import RobotModel

_ROUNDING_DEG = 1e-9


@dataclass(frozen=True)
class ArmPosture:
    """Which of the eight ways.

    Attributes:
        overhead: The wrist's centre lies behind axis 1.
        elbow_front: The wrist's centre lies in front of the upper arm's line.
        wrist_negative: The OPW arm's axis 5 is negative.
    """

    overhead: bool
    elbow_front: bool
    wrist_negative: bool


def arm_posture(joints_rad: FloatArray, robot: RobotModel) -> ArmPosture:
    """The posture for robot joints (6,) of the URDF."""
    _, upper, fore, _, wrist, _ = opw_angles(joints_rad, robot)
    opw = robot.opw
    reach = opw.a1 + opw.c2 * np.sin(upper) + opw.a2 * np.cos(upper + fore) + opw.c3 * np.sin(upper + fore)
    beside_upper_arm = opw.a2 * np.cos(fore) + opw.c3 * np.sin(fore)
    folded = np.arctan2(np.sin(wrist), np.cos(wrist))
    return ArmPosture(bool(reach < 0.0), bool(beside_upper_arm >= 0.0), bool(folded < 0.0))


def rapid_configuration(joints_rad: FloatArray, robot: RobotModel, axes: AxisSettings) -> tuple[int, int, int, int]:
    """cf1, cf4, cf6 (quarter turns of axes 1, 4, 6) and cfx (the posture, 0 to 7)."""
    shown, posture = controller_degrees(joints_rad, robot, axes), arm_posture(joints_rad, robot)
    quarters = np.floor((shown[[0, 3, 5]] + _ROUNDING_DEG) / 90.0).astype(int)
    cfx = 4 * posture.overhead + 2 * (not posture.elbow_front) + posture.wrist_negative
    return int(quarters[0]), int(quarters[1]), int(quarters[2]), int(cfx)


def krl_configuration(joints_rad: FloatArray, robot: RobotModel, axes: AxisSettings) -> tuple[int, int]:
    """S (bit 0: overhead, bit 1: elbow front, bit 2: axis 5 negative) and T (bit n: axis n + 1 negative).

    Raises:
        ArmConfigurationError: an axis stands a whole turn or more from 0, which T cannot tell.
    """
    shown, posture = controller_degrees(joints_rad, robot, axes), arm_posture(joints_rad, robot)
    if np.abs(shown).max() >= 360.0:
        k = int(np.abs(shown).argmax())
        raise ArmConfigurationError(
            f"A pose is out of the arm's configuration: A{k + 1} would stand at {shown[k]:.1f} deg, and T tells "
            'turns below 360 deg only.',
            'Set krl.axis_zero_deg as the robot is mastered, or weld the seam in two parts.',
        )
    status = posture.overhead + 2 * posture.elbow_front + 4 * posture.wrist_negative
    turn = sum(1 << n for n in range(6) if shown[n] < -_ROUNDING_DEG)
    return int(status), int(turn)


def inform_configuration(joints_rad: FloatArray, robot: RobotModel, axes: AxisSettings) -> tuple[int, ...]:
    """RCONF's six: no flip (by axis R), lower arm, back, R, T and S beyond half a turn."""
    shown, posture = controller_degrees(joints_rad, robot, axes), arm_posture(joints_rad, robot)
    roll = (shown[3] + 180.0) % 360.0 - 180.0
    no_flip = not -90.0 < roll <= 90.0
    beyond = [int(abs(shown[n]) >= 180.0) for n in (3, 5, 0)]
    return int(no_flip), int(not posture.elbow_front), int(posture.overhead), *beyond


def tp_configuration(joints_rad: FloatArray, robot: RobotModel, axes: AxisSettings) -> tuple[int, ...]:
    """Flip, up, front as 0 or 1, and the turns of axes 1, 4 and 6; flip where the shown axis 5 is positive."""
    shown, posture = controller_degrees(joints_rad, robot, axes), arm_posture(joints_rad, robot)
    flip = bool(posture.wrist_negative) == (axes.axis_signs[4] < 0.0)
    turns = np.floor((shown[[0, 3, 5]] + 180.0 + _ROUNDING_DEG) / 360.0).astype(int)
    return int(flip), int(posture.elbow_front), int(not posture.overhead), *(int(turn) for turn in turns)
