"""The serial kinematic chain of a URDF, from base to flange."""

import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import ConfigurationError
from weld_cell.geometry.transforms import make_transform, unit
from weld_cell.records import FloatArray

_XACRO = re.compile(r'<xacro:|"[^"]*[$][{(][^"]*"')
REMEDY = 'Check robot_description; see config/robot/arc_robot.urdf.'


@dataclass(frozen=True, eq=False)
class ChainJoint:
    """One moving robot joint.

    Attributes:
        name: As in the URDF.
        T_parent_joint: (4, 4) from the previous robot joint's frame to this one's at position 0; fixed joints
            between them are folded in.
        axis: (3,) unit vector in this joint's frame.
        position_rad: Lower and upper limit.
        velocity_rad_s: Speed limit.
    """

    name: str
    T_parent_joint: FloatArray
    axis: FloatArray
    position_rad: tuple[float, float]
    velocity_rad_s: float


@dataclass(frozen=True, eq=False)
class Chain:
    """The robot joints from base to flange, and the fixed transform (4, 4) from the last one to the flange."""

    joints: tuple[ChainJoint, ...]
    T_last_tip: FloatArray

    def frames(self, positions_rad: FloatArray) -> FloatArray:
        """(k + 1, 4, 4) the frames of the k robot joints and of the tip in the base."""
        pose, frames = np.eye(4), []
        for joint, position in zip(self.joints, positions_rad, strict=True):
            turn = make_transform((0.0, 0.0, 0.0), Rotation.from_rotvec(joint.axis * position))
            pose = pose @ joint.T_parent_joint @ turn
            frames.append(pose)
        return np.stack([*frames, pose @ self.T_last_tip])


def parse_chain(urdf: str, base: str, tip: str, source: str) -> Chain:
    """Read the chain from link base to link tip.

    Args:
        urdf: The XML text.
        base: Name of the first link.
        tip: Name of the last link.
        source: File or topic, for messages.

    Raises:
        ConfigurationError: malformed, or there is no such chain, or a limit is missing.
    """
    if _XACRO.search(urdf):
        raise ConfigurationError(f'{source}: a xacro file, not a URDF.', 'Make the URDF: xacro FILE > robot.urdf')
    try:
        root = ElementTree.fromstring(urdf)
    except ElementTree.ParseError as error:
        raise ConfigurationError(f'{source}: malformed URDF ({error}).', REMEDY) from error
    pending, joints = np.eye(4), []
    for element in _elements(root, base, tip, source):
        pending = pending @ _origin(element, source)
        if element.get('type') != 'fixed':
            joints.append(_chain_joint(element, pending, source))
            pending = np.eye(4)
    return Chain(tuple(joints), pending)


def _elements(root: ElementTree.Element, base: str, tip: str, source: str) -> list[ElementTree.Element]:
    """The URDF's joint elements from base to tip."""
    above = {_attribute(j, 'child', 'link', source): j for j in root.findall('joint')}
    elements: list[ElementTree.Element] = []
    link = tip
    while link != base:
        if link not in above:
            raise ConfigurationError(f'{source}: link "{tip}" does not hang on "{base}" (ends at "{link}").', REMEDY)
        elements.append(above.pop(link))
        link = _attribute(elements[-1], 'parent', 'link', source)
    return elements[::-1]


def _chain_joint(element: ElementTree.Element, T_parent_joint: FloatArray, source: str) -> ChainJoint:
    name = element.get('name', '')
    if element.get('type') not in ('revolute', 'continuous'):
        raise ConfigurationError(f'{source}: robot joint "{name}" is {element.get("type")}, not revolute.', REMEDY)
    if element.find('mimic') is not None:
        raise ConfigurationError(
            f'{source}: robot joint "{name}" mimics another; a robot with coupled joints cannot be planned for.',
            REMEDY,
        )
    axis = element.find('axis')
    direction = _numbers('1 0 0' if axis is None else axis.get('xyz', ''), 3, f'{source}: {name}: axis')
    lower, upper = -math.inf, math.inf
    if element.get('type') == 'revolute':
        lower = float(_numbers(_attribute(element, 'limit', 'lower', source), 1, f'{source}: {name}: lower')[0])
        upper = float(_numbers(_attribute(element, 'limit', 'upper', source), 1, f'{source}: {name}: upper')[0])
    speed = _numbers(_attribute(element, 'limit', 'velocity', source), 1, f'{source}: {name}: velocity')
    return ChainJoint(name, T_parent_joint, unit(direction), (lower, upper), float(speed[0]))


def _origin(element: ElementTree.Element, source: str) -> FloatArray:
    origin = element.find('origin')
    if origin is None:
        return np.eye(4)
    where = f'{source}: {element.get("name")}: origin'
    rpy = _numbers(origin.get('rpy', '0 0 0'), 3, where)
    return make_transform(_numbers(origin.get('xyz', '0 0 0'), 3, where), Rotation.from_euler('xyz', rpy))


def _attribute(element: ElementTree.Element, tag: str, name: str, source: str) -> str:
    child = element.find(tag)
    value = None if child is None else child.get(name)
    if value is None:
        raise ConfigurationError(f'{source}: joint "{element.get("name")}" lacks {tag} {name}.', REMEDY)
    return value


def _numbers(text: str, count: int, where: str) -> FloatArray:
    try:
        values = np.array([float(word) for word in text.split()])
    except ValueError:
        values = np.empty(0)
    if len(values) != count or not np.isfinite(values).all():
        raise ConfigurationError(f'{where}: expected {count} numbers, got "{text}".', REMEDY)
    return values
