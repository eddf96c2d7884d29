"""The links of a URDF and where they are: the simulated robot's own kinematics.

Written apart from the planner's closed form, so that each judges the other.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import ConfigurationError
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray


@dataclass(frozen=True, eq=False)
class Edge:
    """What holds a child link on its parent.

    Attributes:
        name: Of the URDF's joint.
        parent: Link.
        child: Link.
        origin: (4, 4) child in parent at position 0.
        axis: (3,) unit vector it turns about, or None where it is fixed.
        limits: Lower and upper position (rad) and speed (rad/s); endless where it is fixed.
    """

    name: str
    parent: str
    child: str
    origin: FloatArray
    axis: FloatArray | None
    limits: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class UrdfTree:
    """All edges, parents before children, and the XML text they came from."""

    edges: tuple[Edge, ...]
    description: str

    @cached_property
    def _moving(self) -> tuple[Edge, ...]:
        """The edges that move, from the base outwards."""
        return tuple(edge for edge in self.edges if edge.axis is not None)

    @cached_property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the robot joints that move, from the base outwards."""
        return tuple(edge.name for edge in self._moving)

    @cached_property
    def _axes(self) -> FloatArray:
        return np.array([edge.axis for edge in self._moving])

    @cached_property
    def _origins(self) -> Rotation:
        return Rotation.from_matrix(np.stack([edge.origin[:3, :3] for edge in self._moving]))

    def quaternions(self, positions_rad: FloatArray) -> FloatArray:
        """(k, 4) how each moving edge's child stands in its parent, as x, y, z, w with w >= 0."""
        half = 0.5 * np.reshape(positions_rad, (-1, 1))
        at_zero, at_half_turn = self._quaternions_at_ends
        xyzw = np.cos(half) * at_zero + np.sin(half) * at_half_turn
        return np.where(xyzw[:, 3:] < 0.0, -xyzw, xyzw)

    @cached_property
    def _quaternions_at_ends(self) -> tuple[FloatArray, FloatArray]:
        """(k, 4) each at 0 and at pi, between which a turn about an axis is a course on a circle."""
        half_turns = Rotation.from_quat(np.hstack([self._axes, np.zeros((len(self._axes), 1))]))
        return self._origins.as_quat(), (self._origins * half_turns).as_quat()

    def _turned(self, positions_rad: FloatArray) -> Rotation:
        return self._origins * Rotation.from_rotvec(self._axes * np.reshape(positions_rad, (-1, 1)))

    def link_transforms(self, positions_rad: FloatArray) -> list[tuple[str, str, FloatArray]]:
        """Parent, child and T_parent_child (4, 4) of every edge, for robot joint positions (k,)."""
        rotations = iter(self._turned(positions_rad).as_matrix())
        return [
            (
                edge.parent,
                edge.child,
                edge.origin if edge.axis is None else _with_rotation(edge.origin, next(rotations)),
            )
            for edge in self.edges
        ]

    def link_poses(self, positions_rad: FloatArray) -> dict[str, FloatArray]:
        """T_root_link (4, 4) of every link, for robot joint positions (k,)."""
        poses = {self.edges[0].parent: np.eye(4)}
        for parent, child, transform in self.link_transforms(positions_rad):
            poses[child] = poses[parent] @ transform
        return poses


def _with_rotation(origin: FloatArray, rotation: FloatArray) -> FloatArray:
    """(4, 4) the origin with another rotation (3, 3)."""
    transform = origin.copy()
    transform[:3, :3] = rotation
    return transform


def read_urdf(path: str) -> UrdfTree:
    """Read a URDF whose moving joints are revolute.

    Raises:
        ConfigurationError: unreadable, malformed, without joints, or with several roots.
    """
    remedy = 'Check the URDF in config/robot.'
    try:
        text = Path(path).read_text(encoding='utf-8-sig')
        edges = [_edge(element) for element in ElementTree.fromstring(text).findall('joint')]
    except OSError as error:
        raise ConfigurationError(f'{path}: cannot be read ({error.strerror}).', remedy) from error
    except (ElementTree.ParseError, ValueError) as error:
        raise ConfigurationError(f'{path}: malformed URDF ({error}).', remedy) from error
    roots = {edge.parent for edge in edges} - {edge.child for edge in edges}
    if len(roots) != 1:
        raise ConfigurationError(f'{path}: expected one root link, found {len(roots)}.', remedy)
    return UrdfTree(_from_root(edges, roots.pop()), text)


def _from_root(edges: list[Edge], root: str) -> tuple[Edge, ...]:
    """Parents before children."""
    ordered: list[Edge] = []
    links = [root]
    while links:
        below = [edge for edge in edges if edge.parent == links[0]]
        ordered += below
        links = links[1:] + [edge.child for edge in below]
    return tuple(ordered)


def _edge(element: ElementTree.Element) -> Edge:
    """One edge.

    Raises:
        ValueError: something is missing or not a number.
    """
    kind, name = element.get('type'), element.get('name', '')
    if kind not in ('revolute', 'fixed'):
        raise ValueError(f'joint {name} is {kind}, expected revolute or fixed')
    origin = make_transform(
        _numbers(element, 'origin', 'xyz', '0 0 0'),
        Rotation.from_euler('xyz', _numbers(element, 'origin', 'rpy', '0 0 0')),
    )
    parent, child = (_text(element, tag, 'link') for tag in ('parent', 'child'))
    if kind == 'fixed':
        return Edge(name, parent, child, origin, None, (-np.inf, np.inf, np.inf))
    axis = _numbers(element, 'axis', 'xyz', '1 0 0')
    lower, upper, speed = (float(_text(element, 'limit', key)) for key in ('lower', 'upper', 'velocity'))
    return Edge(name, parent, child, origin, axis / np.linalg.norm(axis), (lower, upper, speed))


def _text(element: ElementTree.Element, tag: str, key: str, default: str | None = None) -> str:
    child = element.find(tag)
    value = default if child is None else child.get(key, default)
    if value is None:
        raise ValueError(f'joint {element.get("name")} lacks {tag} {key}')
    return value


def _numbers(element: ElementTree.Element, tag: str, key: str, default: str) -> FloatArray:
    values = np.array([float(word) for word in _text(element, tag, key, default).split()])
    if values.shape != (3,):
        raise ValueError(f'joint {element.get("name")}: {tag} {key} has {len(values)} numbers, expected 3')
    return values
