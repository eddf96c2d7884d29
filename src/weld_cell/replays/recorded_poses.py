"""Poses of hand and sensor in a recording, from the bag's frames or from the robot's joints."""

from collections.abc import Callable
from pathlib import Path

from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import CameraCalibration
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.records import FloatArray
from weld_cell.trajectory.urdf import parse_chain

BASE_FRAME, HAND_FRAME = 'base_link', 'tool0'
Hand = Callable[[int], FloatArray]
"""T_base_hand (4, 4) at a stamp in nanoseconds; raises TransformError where it is not known."""


def recorded_poses(bag: BagReader, sensor: CameraCalibration, images: str) -> Hand:
    """T_base_sensor (4, 4) at a stamp in nanoseconds; raises TransformError where it is not known.

    Args:
        bag: The recording.
        sensor: Where it sits.
        images: Their topic, which says of which cell the frames are.
    """
    frames = bag.frame_tree(images)
    frames.add_fixed(sensor.parent, sensor.frame, sensor.T_parent_sensor)
    return lambda stamp_ns: frames.lookup(BASE_FRAME, sensor.frame, stamp_ns)


def recorded_hand(bag: BagReader, urdf: Path | None, source: str, images: str) -> Hand:
    """Where the hand was: by /tf, or, where that does not tell, by joint_states and the robot's description.

    Args:
        bag: The recording.
        urdf: Of the robot; None: as robot_description in the bag says.
        source: Name of the bag, for messages.
        images: Their topic, which says of which cell the robot is.

    Raises:
        CalibrationError: neither tells.
        ConfigurationError: the description cannot be read, or has no such chain.
    """
    frames = bag.frame_tree(images)
    if urdf is None and frames.connects(BASE_FRAME, HAND_FRAME):
        return lambda stamp_ns: frames.lookup(BASE_FRAME, HAND_FRAME, stamp_ns)
    joints = bag.joints(images)
    if not joints:
        raise CalibrationError(
            f'{source}: /tf does not lead from "{BASE_FRAME}" to "{HAND_FRAME}", and there are no joint_states.',
            'Record /tf and /tf_static, or /joint_states and /robot_description, with the images.',
        )
    text = _read(urdf) if urdf is not None else bag.robot_description(images)
    if not text:
        raise CalibrationError(
            f'{source}: joint_states without robot_description.', 'Record /robot_description too, or name --urdf.'
        )
    chain = parse_chain(text, BASE_FRAME, HAND_FRAME, str(urdf or 'robot_description'))
    names = tuple(joint.name for joint in chain.joints)
    if missing := joints.missing(names):
        raise CalibrationError(
            f'{source}: joint_states never contain {", ".join(missing)}.',
            'Name the description of this robot: --urdf.',
        )
    return lambda stamp_ns: chain.frames(joints.at(names, stamp_ns))[-1]


def _read(urdf: Path) -> str:
    try:
        return urdf.read_text(encoding='utf-8-sig')
    except (OSError, ValueError) as error:
        raise ConfigurationError(f'{urdf}: cannot be read ({error}).', 'Check the path.') from error
