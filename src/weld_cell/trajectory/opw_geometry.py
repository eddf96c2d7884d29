"""The OPW parameters of a robot, derived from its URDF chain.

OPW: ortho-parallel base with a spherical wrist (Brandstoetter, Angerer, Hofbaur 2014, "An analytical solution of
the inverse kinematics problem of industrial serial manipulators with an ortho-parallel basis and a spherical
wrist"). At raw angles 0 its arm stands straight up: axes 1, 4 and 6 along z, axes 2, 3 and 5 along y, and
raw = sign * position - offset. The parameters are read from the axes at position 0 and then proven: forward
kinematics by them and by the chain must agree, else the robot is not of this kind.
"""

from dataclasses import dataclass

import numpy as np
from py_opw_kinematics import KinematicModel, Robot
from scipy.spatial.transform import Rotation

from weld_cell.errors import ConfigurationError
from weld_cell.records import FloatArray
from weld_cell.trajectory.urdf import Chain

SixFloats = tuple[float, float, float, float, float, float]

AGREEMENT_M = 1e-6
"""URDFs give angles with 7 digits or more; a shape that differs shows in millimetres."""


@dataclass(frozen=True)
class OpwGeometry:
    """Lengths in metres, offsets in radians, signs +1 or -1; names as in the paper."""

    a1: float
    a2: float
    b: float
    c1: float
    c2: float
    c3: float
    c4: float
    offsets_rad: SixFloats
    signs: tuple[int, int, int, int, int, int]

    def solver(self) -> Robot:
        """The library's robot with these parameters, in radians."""
        s1, s2, s3, s4, s5, s6 = self.signs
        model = KinematicModel(
            a1=self.a1,
            a2=self.a2,
            b=self.b,
            c1=self.c1,
            c2=self.c2,
            c3=self.c3,
            c4=self.c4,
            offsets=self.offsets_rad,
            flip_axes=(s1 < 0, s2 < 0, s3 < 0, s4 < 0, s5 < 0, s6 < 0),
        )
        return Robot(model, degrees=False)


def derive_opw(chain: Chain, source: str) -> OpwGeometry:
    """OPW parameters of a chain of six robot joints.

    Args:
        chain: From base to flange.
        source: File or topic, for messages.

    Raises:
        ConfigurationError: the robot has not six joints or not this shape; says by how much it differs.
    """
    if len(chain.joints) != 6:
        raise ConfigurationError(
            f'{source}: expected 6 robot joints from base to flange, found {len(chain.joints)}.',
            'Give the URDF of a six-axis robot.',
        )
    geometry = _read_at_zero(chain)
    _prove(geometry, chain, source)
    return geometry


def _read_at_zero(chain: Chain) -> OpwGeometry:
    frames = chain.frames(np.zeros(6))
    axes = np.stack([frame[:3, :3] @ joint.axis for frame, joint in zip(frames, chain.joints, strict=False)])
    flange = frames[6]
    base, angle1, sign2 = _folded_turn(Rotation.identity(), axes[1])
    shoulder, elbow, wrist = base.inv().apply(
        np.stack([frames[1][:3, 3], frames[2][:3, 3], _wrist_centre(frames, axes)])
    )
    upper_arm, forearm = elbow - shoulder, wrist - elbow
    roll_axis = base.inv().apply(axes[3])
    sign4 = _sign(roll_axis @ forearm)
    angle2 = np.arctan2(upper_arm[0], upper_arm[2])
    angle23 = np.arctan2(sign4 * roll_axis[0], sign4 * roll_axis[2])
    elbow_turn = Rotation.from_euler('y', angle23)
    a2, _, c3 = elbow_turn.inv().apply(forearm)
    wrist_turn, angle4, sign5 = _folded_turn(base * elbow_turn, axes[4])
    out_of_flange = flange[:3, 2]
    bend = wrist_turn.inv().apply(out_of_flange)
    angle5 = np.arctan2(bend[0], bend[2])
    last = (wrist_turn * Rotation.from_euler('y', angle5)).inv().as_matrix() @ flange[:3, :3]
    offsets = (
        -angle1,
        -float(angle2),
        -float(angle23 - angle2),
        -angle4,
        -float(angle5),
        -float(np.arctan2(last[1, 0], last[0, 0])),
    )
    signs = (
        _sign(axes[0, 2]),
        sign2,
        _sign(base.inv().apply(axes[2])[1]),
        sign4,
        sign5,
        _sign(axes[5] @ out_of_flange),
    )
    return OpwGeometry(
        a1=float(shoulder[0]),
        a2=float(a2),
        b=float(wrist[1]),
        c1=float(shoulder[2]),
        c2=float(np.hypot(upper_arm[0], upper_arm[2])),
        c3=float(c3),
        c4=float((flange[:3, 3] - base.apply(wrist)) @ out_of_flange),
        offsets_rad=offsets,
        signs=signs,
    )


def _sign(value: float) -> int:
    return -1 if value < 0 else 1


def _folded_turn(frame: Rotation, axis: FloatArray) -> tuple[Rotation, float, int]:
    """Frame turned about its z so that its y lies along +-axis; the angle (-90 to 90 degrees) and the sign."""
    x, y, _ = frame.inv().apply(axis)
    sign = _sign(y)
    angle = float(np.arctan2(-sign * x, sign * y))
    return frame * Rotation.from_euler('z', angle), angle, sign


def _wrist_centre(frames: FloatArray, axes: FloatArray) -> FloatArray:
    """(3,) the point of axis 5 nearest to axis 6 (which is perpendicular to it)."""
    to_axis_6 = frames[5][:3, 3] - frames[4][:3, 3]
    centre: FloatArray = frames[4][:3, 3] + (to_axis_6 @ axes[4]) * axes[4]
    return centre


def _prove(geometry: OpwGeometry, chain: Chain, source: str) -> None:
    """Compare forward kinematics where every robot joint moves."""
    solver = geometry.solver()
    trials = np.vstack([np.zeros(6), 0.5 * np.eye(6), np.linspace(-0.7, 0.9, 6)])
    by_opw = solver.batch_forward(trials).as_matrix()
    by_chain = np.stack([chain.frames(trial)[6] for trial in trials])
    difference = float(np.abs(by_opw - by_chain).max())
    if difference > AGREEMENT_M:
        raise ConfigurationError(
            f'{source}: the robot has no ortho-parallel base with a spherical wrist: its flange differs from such a '
            f'robot by {difference:.3g} m or rad.',
            'Give the URDF of a robot whose axes 4, 5, 6 meet in one point and whose axes 2, 3 are parallel.',
        )
