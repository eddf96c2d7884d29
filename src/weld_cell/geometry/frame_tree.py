"""Frames over time: an offline equivalent of tf2 for recordings.

pytransform3d's TemporalTransformManager is not used: it interpolates along a screw motion where tf2 (and so the live
cell) moves the origin along a straight line, and it takes each series of samples whole and sorted.
"""

from bisect import bisect_right

import numpy as np

from weld_cell.errors import TransformError
from weld_cell.geometry.pose_interpolation import Pose, pose_between
from weld_cell.geometry.transforms import invert, quaternion_xyzw
from weld_cell.records import FloatArray

_APART_M, _TIMES_NEARER, _JUMPS = 0.005, 10.0, 5
"""Of poses that two publishers tell by turns: how far they are apart, and how often they are seen to be so."""
_OTHER_CLOCK_NS = 10_000_000_000
"""A stamp further outside of the recorded poses than this, and than they last, is of another clock."""


class FrameTree:
    """Recorded transforms between frames; each frame has one parent.

    Between two samples a transform is interpolated as tf2 does (linear, spherical); outside of its samples
    it is not known.
    """

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._fixed: dict[str, FloatArray] = {}
        self._stamps: dict[str, list[int]] = {}
        self._samples: dict[str, list[Pose]] = {}
        self._other_parents: dict[str, str] = {}
        self._of_one_source: set[str] = set()

    def add_fixed(self, parent: str, child: str, T_parent_child: FloatArray) -> None:
        """A transform that holds at all times."""
        self._parents[child] = parent
        self._fixed[child] = T_parent_child
        self._other_parents.pop(child, None)

    def add(self, parent: str, child: str, stamp_ns: int, T_parent_child: FloatArray) -> None:
        """A sample of a moving transform; samples may come out of order."""
        x, y, z = T_parent_child[:3, 3].tolist()
        self.add_pose(parent, child, stamp_ns, (x, y, z, *quaternion_xyzw(T_parent_child).tolist()))

    def add_pose(self, parent: str, child: str, stamp_ns: int, pose: Pose) -> None:
        """The same, of the child's pose in the parent."""
        before = self._parents.get(child, parent)
        if before != parent and child not in self._fixed:
            self._other_parents[child] = before
        self._parents[child] = parent
        if child not in self._stamps:
            self._stamps[child], self._samples[child] = [], []
        stamps, samples = self._stamps[child], self._samples[child]
        position = len(stamps)
        if stamps and stamp_ns < stamps[-1]:
            position = bisect_right(stamps, stamp_ns)
        stamps.insert(position, stamp_ns)
        samples.insert(position, pose)

    def lookup(self, target: str, source: str, stamp_ns: int) -> FloatArray:
        """(4, 4) T_target_source at a time.

        Raises:
            TransformError: a frame is unknown, the frames are not connected, or the time is not covered.
        """
        up_from_source = self._chain(source)
        up_from_target = self._chain(target)
        self._require_one_parent([*up_from_source, *up_from_target])
        common = next((frame for frame in up_from_source if frame in up_from_target), None)
        if common is None:
            raise TransformError(
                f'Frames "{target}" and "{source}" are not connected in the recording.',
                'Record /tf and /tf_static with the images.',
            )
        T_common_source = self._descend(up_from_source[: up_from_source.index(common)], stamp_ns)
        if common == target:
            return T_common_source
        T_common_target = self._descend(up_from_target[: up_from_target.index(common)], stamp_ns)
        combined: FloatArray = invert(T_common_target) @ T_common_source
        return combined

    def connects(self, target: str, source: str) -> bool:
        """Whether one of the frames is known from the other at any time."""
        known = set(self._chain(target)) & set(self._chain(source))
        return bool(known)

    def _chain(self, frame: str) -> list[str]:
        chain = [frame]
        while chain[-1] in self._parents and len(chain) <= len(self._parents):
            chain.append(self._parents[chain[-1]])
        return chain

    def _require_one_parent(self, frames: list[str]) -> None:
        doubtful = next((frame for frame in frames if frame in self._other_parents), None)
        if doubtful is not None:
            raise TransformError(
                f'"{doubtful}" has two parents in the recording, "{self._other_parents[doubtful]}" and '
                f'"{self._parents[doubtful]}".',
                'Let one node publish it, and record again.',
            )

    def _require_one_source(self, child: str) -> None:
        """Of two publishers that tell different poses by turns each sample is far from the last, near the one before.

        Raises:
            TransformError: there are two.
        """
        places = np.array([sample[:3] for sample in self._samples[child]])
        last = np.linalg.norm(places[2:] - places[1:-1], axis=1)
        one_before = np.linalg.norm(places[2:] - places[:-2], axis=1)
        if np.count_nonzero((last > _APART_M) & (last > _TIMES_NEARER * one_before)) >= _JUMPS:
            raise TransformError(
                f'The recorded poses of "{child}" jump to and fro, by {1e3 * np.median(last):.0f} mm: two publishers '
                'tell them.',
                'Let one robot publish them, or give each a namespace, and record again.',
            )
        self._of_one_source.add(child)

    def _descend(self, frames_upwards: list[str], stamp_ns: int) -> FloatArray:
        combined = np.eye(4)
        for frame in frames_upwards:
            combined = self._at(frame, stamp_ns) @ combined
        return combined

    def _at(self, child: str, stamp_ns: int) -> FloatArray:
        if child in self._fixed:
            return self._fixed[child]
        if child not in self._of_one_source:
            self._require_one_source(child)
        stamps, samples = self._stamps[child], self._samples[child]
        if not stamps[0] <= stamp_ns <= stamps[-1]:
            raise TransformError(
                f'The pose of "{child}" at {stamp_ns / 1e9:.3f} s is not recorded; the recording covers '
                f'{stamps[0] / 1e9:.3f} to {stamps[-1] / 1e9:.3f} s.',
                _remedy(stamp_ns, stamps[0], stamps[-1]),
            )
        after = min(bisect_right(stamps, stamp_ns), len(stamps) - 1)
        before = max(after - 1, 0)
        span = stamps[after] - stamps[before]
        fraction = (stamp_ns - stamps[before]) / span if span else 0.0
        return pose_between(samples[before], samples[after], fraction)


def _remedy(stamp_ns: int, first_ns: int, last_ns: int) -> str:
    if stamp_ns == 0:
        return 'The image has no stamp: let the camera driver stamp its images at acquisition.'
    outside_ns = max(first_ns - stamp_ns, stamp_ns - last_ns)
    if outside_ns > max(_OTHER_CLOCK_NS, last_ns - first_ns):
        return (
            'The images are stamped by another clock than the poses: let the camera driver stamp by the clock of '
            'ROS. A camera on PTP sends TAI, 37 s ahead of UTC.'
        )
    return 'Start the recording of /tf before that of the images.'
