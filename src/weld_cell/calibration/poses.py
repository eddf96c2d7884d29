"""Robot poses as read from a file: the transforms and the original numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.records import FloatArray, IntArray

Reading = Callable[[FloatArray], Rotation]

READINGS: Mapping[str, Reading] = {
    'quaternion x, y, z, w': lambda n: Rotation.from_quat(n),
    'quaternion w, x, y, z': lambda n: Rotation.from_quat(n[:, [1, 2, 3, 0]]),
    'roll, pitch, yaw in degrees, about fixed x, y, z': lambda n: Rotation.from_euler('xyz', n, degrees=True),
    'roll, pitch, yaw in radians, about fixed x, y, z': lambda n: Rotation.from_euler('xyz', n),
    'angles A, B, C in degrees, about z, then new y, then new x': lambda n: Rotation.from_euler(
        'ZYX', n, degrees=True
    ),
    'angles in degrees, about x, then new y, then new z': lambda n: Rotation.from_euler('XYZ', n, degrees=True),
    'angles in degrees, about z, then new y, then new z': lambda n: Rotation.from_euler('ZYZ', n, degrees=True),
    'rotation vector in radians': lambda n: Rotation.from_rotvec(n),
    'rotation vector in degrees': lambda n: Rotation.from_rotvec(n, degrees=True),
    'rotation matrix': lambda n: Rotation.from_matrix(n.reshape(-1, 3, 3)),
    'rotation matrix, column by column': lambda n: Rotation.from_matrix(n.reshape(-1, 3, 3).transpose(0, 2, 1)),
}
"""What the numbers of a turn can mean, by its name for people."""
QUATERNION_XYZW, QUATERNION_WXYZ, RPY_DEG, RPY_RAD, KUKA_DEG, _, _, ROTVEC_RAD, ROTVEC_DEG, MATRIX, _ = READINGS


@dataclass(frozen=True, eq=False)
class RobotPoses:
    """Poses of the robot's hand in its base.

    Attributes:
        shifts_m: (n, 3).
        numbers: (n, k) of the turns, as they were written.
        reading: What they are taken for, a key of `READINGS`.
        names: Of the images they belong to.
        source: File or bag, for messages.
    """

    shifts_m: FloatArray
    numbers: FloatArray
    reading: str
    names: tuple[str, ...] = ()
    source: str = 'the poses'
    transforms: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'transforms', self.read_as(self.reading))

    def __len__(self) -> int:
        return len(self.shifts_m)

    @classmethod
    def of_transforms(
        cls, transforms: FloatArray, names: Sequence[str] = (), source: str = 'the poses'
    ) -> 'RobotPoses':
        """Of T_base_hand (n, 4, 4)."""
        stack = np.asarray(transforms, float).reshape(-1, 4, 4)
        return cls(stack[:, :3, 3], stack[:, :3, :3].reshape(-1, 9), MATRIX, tuple(names), source)

    def read_as(self, reading: str) -> FloatArray:
        """(n, 4, 4) if the turns' numbers mean this.

        Raises:
            ValueError: they cannot.
        """
        transforms = np.tile(np.eye(4), (len(self), 1, 1))
        if len(self):
            transforms[:, :3, :3] = READINGS[reading](self.numbers).as_matrix()
        transforms[:, :3, 3] = self.shifts_m
        return transforms

    def some(self, indices: IntArray) -> 'RobotPoses':
        """Only some of them, in this order."""
        names = tuple(self.names[k] for k in indices) if self.names else ()
        return RobotPoses(self.shifts_m[indices], self.numbers[indices], self.reading, names, self.source)

    def other_readings(self) -> list[str]:
        """What else the same count of numbers could mean."""
        kinds = {4: ('quaternion',), 9: ('rotation matrix',)}.get(
            self.numbers.shape[1], ('roll', 'angles', 'rotation vector')
        )
        return [reading for reading in READINGS if reading.startswith(kinds) and reading != self.reading]
