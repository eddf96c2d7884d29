"""The robot model for planning: names, limits and kinematics, from its URDF and config/robot/limits.yaml."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from py_opw_kinematics import ReachResult, Robot
from scipy.spatial.transform import RigidTransform, Rotation

from weld_cell.config import LocatedDict, load_yaml, require_key
from weld_cell.errors import ConfigurationError
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray
from weld_cell.trajectory.opw_geometry import OpwGeometry, derive_opw
from weld_cell.trajectory.urdf import ChainJoint, parse_chain

BASE_LINK, FLANGE_LINK = 'base_link', 'tool0'
STRAIGHT_WRIST_RAD = 1e-6
_FURTHEST_RAD, _FASTEST_RAD_S = 100.0, 50.0
_STILL_STRAIGHT = 1e-4  # near the axis of the first robot joint the wrist bends by more than it was turned
_TURNED_ASIDE = make_transform((0.0, 0.0, 0.0), Rotation.from_rotvec([STRAIGHT_WRIST_RAD, 0.0, 0.0]))


@dataclass(frozen=True, eq=False)
class RobotModel:
    """A six-axis robot with a spherical wrist.

    Attributes:
        joint_names: From base to flange; the order of all columns below.
        position_limits_rad: (6, 2) lower, upper; infinite where the URDF says continuous.
        velocity_limits_rad_s: (6,).
        acceleration_limits_rad_s2: (6,).
        home_rad: (6,) where the robot waits.
        opw: Its kinematic parameters.
        solver: py-opw-kinematics with these parameters, in radians.
    """

    joint_names: tuple[str, ...]
    position_limits_rad: FloatArray
    velocity_limits_rad_s: FloatArray
    acceleration_limits_rad_s2: FloatArray
    home_rad: FloatArray
    opw: OpwGeometry
    solver: Robot

    def forward(self, positions_rad: FloatArray, T_tool0_tool: FloatArray | None = None) -> FloatArray:
        """Poses T_base_tool0, or T_base_tool where a tool is given.

        Args:
            positions_rad: (n, 6), or (6,) for one pose.
            T_tool0_tool: (4, 4) the tool in the flange.

        Returns:
            (n, 4, 4), or (4, 4).
        """
        rows = np.atleast_2d(np.asarray(positions_rad, dtype=float))
        if len(rows) == 0:
            return np.empty((0, 4, 4))
        poses: FloatArray = self.solver.batch_forward(rows).as_matrix()
        if T_tool0_tool is not None:
            poses = poses @ T_tool0_tool
        return poses[0] if np.ndim(positions_rad) == 1 else poses

    def branches(self, poses: FloatArray, T_tool0_tool: FloatArray | None = None) -> ReachResult:
        """All eight inverse kinematics branches of poses (n, 4, 4), n > 0; see `ReachResult` for their order.

        Limits that exceed a turn are compared with the position folded into -180 to 180 degrees. At a straight wrist
        py-opw-kinematics 1.3.0 leaves out postures: those are taken at a pose that is turned by STRAIGHT_WRIST_RAD.
        """
        found = self._reach(poses, T_tool0_tool)
        lacking = np.isnan(found.wrist).any(axis=1)
        if lacking.any():
            aside = self._reach(poses[lacking] @ _TURNED_ASIDE, T_tool0_tool)
            left_out = np.isnan(found.wrist[lacking]) & (aside.wrist < _STILL_STRAIGHT)
            rows, slots = np.flatnonzero(lacking)[np.nonzero(left_out)[0]], np.nonzero(left_out)[1]
            for whole, part in zip(_columns(found), _columns(aside), strict=True):
                whole[rows, slots] = part[left_out]
        return found

    def _reach(self, poses: FloatArray, T_tool0_tool: FloatArray | None) -> ReachResult:
        return self.solver.reach(RigidTransform.from_matrix(poses), self.position_limits_rad, _rigid(T_tool0_tool))


def _columns(found: ReachResult) -> tuple[FloatArray, ...]:
    """What is said of each branch, (n, 8, ...)."""
    return found.joints, found.limit_margin, found.sigma_min, found.wrist


def _rigid(transform: FloatArray | None) -> RigidTransform | None:
    return None if transform is None else RigidTransform.from_matrix(transform)


def load_robot(urdf_path: str, limits_path: str) -> RobotModel:
    """Robot from files.

    Args:
        urdf_path: URDF with links base_link and tool0 and six revolute joints between them.
        limits_path: YAML with acceleration_rad_s2 and home_rad by robot joint name.

    Raises:
        ConfigurationError: a file is unreadable or malformed, or the robot is not of the OPW shape.
    """
    try:
        urdf = Path(urdf_path).read_text(encoding='utf-8-sig')
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f'{urdf_path}: cannot be read ({error}).', 'Check the path.') from error
    return robot_from_description(urdf, limits_path, urdf_path)


def robot_from_description(urdf: str, limits_path: str, source: str = 'robot_description') -> RobotModel:
    """Robot from the URDF's text, as it comes on topic robot_description.

    Raises:
        ConfigurationError: as `load_robot`.
    """
    chain = parse_chain(urdf, BASE_LINK, FLANGE_LINK, source)
    for joint in chain.joints:
        _require_limits(joint, source)
    opw = derive_opw(chain, source)
    limits = load_yaml(limits_path)
    return RobotModel(
        joint_names=tuple(joint.name for joint in chain.joints),
        position_limits_rad=np.array([joint.position_rad for joint in chain.joints]),
        velocity_limits_rad_s=np.array([joint.velocity_rad_s for joint in chain.joints]),
        acceleration_limits_rad_s2=_row(limits, 'acceleration_rad_s2', chain.joints, limits_path),
        home_rad=_row(limits, 'home_rad', chain.joints, limits_path),
        opw=opw,
        solver=opw.solver(),
    )


def _require_limits(joint: ChainJoint, source: str) -> None:
    """Exporters leave zeros, and people write degrees; the last robot joint may turn more than a dozen times."""
    low, high = joint.position_rad
    far = max((abs(limit) for limit in joint.position_rad if np.isfinite(limit)), default=0.0)
    if low >= high or joint.velocity_rad_s <= 0.0:
        wrong = f'has no room to move: {low:g} to {high:g} rad at {joint.velocity_rad_s:g} rad/s'
    elif far > _FURTHEST_RAD or joint.velocity_rad_s > _FASTEST_RAD_S:
        wrong = f'has limits of up to {far:g} rad and {joint.velocity_rad_s:g} rad/s: these are degrees'
    else:
        return
    raise ConfigurationError(f'{source}: robot joint "{joint.name}" {wrong}.', 'Correct its limit in the URDF.')


def _row(limits: LocatedDict, key: str, joints: tuple[ChainJoint, ...], path: str) -> FloatArray:
    """Six numbers by robot joint name, in the chain's order."""
    section = require_key(limits, key, path)
    where = f'{path}: line {limits.lines[key]}: {key}'
    if not isinstance(section, LocatedDict):
        raise ConfigurationError(f'{where}: expected robot joint names and numbers.', 'See config/robot/limits.yaml.')
    values = [require_key(section, joint.name, where) for joint in joints]
    for joint, value in zip(joints, values, strict=True):
        if not isinstance(value, int | float) or isinstance(value, bool) or not np.isfinite(value):
            raise ConfigurationError(
                f'{path}: line {section.lines[joint.name]}: {key}: {joint.name}: expected a number, got {value!r}.',
                'Correct the value in the file.',
            )
    return np.array(values, dtype=float)
