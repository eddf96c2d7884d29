"""The scan in a recording, located as the supervisor does: search, identify, follow.

A recording from launch on holds the way to the workpiece, the search, the way back and the weld beside the scan. Each
sweep of the sensor is a scan of its own, with its vote and its points; one that comes from the table onto the plates
begins again there. The sweep that saw the most of a seam, and not that of a table below another one, is the scan.
Offline replay and the graph over a played bag run this class, so that they agree.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from weld_cell.config import Settings, bounded, choice
from weld_cell.errors import CalibrationError, JointTypeError, SeamPathError, TransformError, WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import unit
from weld_cell.records import VOTED, CameraImage, FloatArray, JointType, JointTypeDecision, SeamPath
from weld_cell.seam.ends import require_ends
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.scanned_image import ScannedImage
from weld_cell.stations.sweeps import RISE_M, RiseWatch, SweepDivider

PAUSE_NS, PAUSE_INTERVALS = 2_000_000_000, 10
"""Images that come later after the one before, by both, have paused: the recording may go on with another run."""
CELL_M = 2e-3
OTHER_SHARE, OTHER_PLACE_M = 0.5, 5e-3
"""So long, as a share of the scan's, and so far from it is a path of another seam."""
FEW = 10
"""Points that are no joint."""
BEFORE_RISE = 40
"""Images before the plates were recognised that are searched again with the others: they may show their edge."""


@dataclass(frozen=True)
class RecordingSettings(Settings):
    """Which part of a recording is looked at, and as what."""

    start_s: float = bounded(0.0, 0.0, 1e6, 's', 'images earlier after the first one are left out')
    end_s: float = bounded(0.0, 0.0, 1e6, 's', 'images later after the first one are left out; 0: none')
    joint_type: str = choice(VOTED, (VOTED, *JointType), 'the joint type; voted: decided by the vote of the images')

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0.0 < self.end_s <= self.start_s:
            raise ValueError(f'end_s: expected more than start_s ({self.start_s:g} s), got {self.end_s:g}')


@dataclass(frozen=True, eq=False)
class PlacedImage:
    """An image of a recording.

    Attributes:
        image: Pixels, stamp, count.
        camera: How the sensor sees, or why that is not known.
        T_base_sensor: (4, 4) where the sensor was, or why that is not known.
    """

    image: CameraImage
    camera: CameraModel | CalibrationError
    T_base_sensor: FloatArray | WeldCellError


@dataclass(frozen=True, eq=False)
class Sweep:
    """What one sweep of the sensor says.

    Attributes:
        number: From 0.
        images: How many of it show a stripe.
        positions_m: (n, 3) its seam points in base_link.
        normals: (n, 3) out of the joint, at each of them.
        decision: The joint type, or why it cannot be decided.
        path: The seam path, or why the points make none.
        last_ns: Stamp of the last seam point; 0 without any.
        first_ns: Of the first one.
    """

    number: int
    images: int
    positions_m: FloatArray
    normals: FloatArray
    decision: JointTypeDecision | JointTypeError
    path: SeamPath | WeldCellError
    last_ns: int = 0
    first_ns: int = 0

    @property
    def points(self) -> int:
        """How many seam points it gave."""
        return len(self.positions_m)

    def seen_m(self) -> float:
        """How much seam its points lie on, in metres; where the sensor rested does not count more."""
        if not self.points:
            return 0.0
        cells = np.round(self.positions_m / CELL_M).astype(int)
        return CELL_M * len(np.unique(cells, axis=0))


@dataclass(frozen=True, eq=False)
class RecordedLook:
    """What came of some images.

    Attributes:
        held: Those that have been looked at now: stripe and vote.
        done: Those of which no more is to come, in order.
        ended: Sweeps that have ended.
    """

    held: list[ScannedImage]
    done: list[ScannedImage]
    ended: list[Sweep]


class RecordedScan:
    """Looks at the images of a recording in order.

    Args:
        scan: Does the work of each sweep; votes.
        settings: Which part of the recording, and as what.

    Attributes:
        scan: See above.
        sweeps: Those that have ended.
    """

    def __init__(self, scan: LaserScan, settings: RecordingSettings) -> None:
        assert scan.voting is not None, 'it is voted here'
        self.scan, self._settings = scan, settings
        self.reset()

    def reset(self) -> None:
        """Begin with another recording."""
        self.sweeps: list[Sweep] = []
        self._divider: SweepDivider[PlacedImage] = SweepDivider()
        self._first_ns: int | None = None
        self._newest_ns: int | None = None
        self._interval_ns: int | None = None
        self._focus_m: FloatArray | None = None
        self._number = self._divided = 0
        self._begin_sweep()

    def put(self, images: Iterable[PlacedImage]) -> RecordedLook:
        """The next images."""
        due = [each for image in images if self._wanted(image.image.stamp_ns) for each in self._divide(image)]
        return self._take(due)

    def end(self) -> RecordedLook:
        """No more images come."""
        look = self._take(self._divider.flush())
        done, sweep = self._end_sweep()
        return RecordedLook(look.held, [*look.done, *done], [*look.ended, sweep])

    def found(self) -> Sweep:
        """Of the sweeps that have ended the one that is the scan; of equal ones the first."""
        joints = [sweep for sweep in self.sweeps if sweep.points >= FEW]
        if not joints:
            return max(self.sweeps, key=lambda sweep: (sweep.points, sweep.images))
        up = unit(np.median(np.concatenate([sweep.normals for sweep in joints]), axis=0))
        heights_m = [float(np.median(sweep.positions_m @ up)) for sweep in joints]
        upper = [sweep for sweep, height in zip(joints, heights_m, strict=True) if height > max(heights_m) - RISE_M]
        return max(upper, key=lambda sweep: sweep.seen_m())

    def other_scans(self) -> list[str]:
        """Of each sweep with another seam that is as much of a scan as the one that was found, a sentence."""
        found = self.found()
        return [self._sentence(sweep) for sweep in self.sweeps if sweep is not found and _is_another(sweep, found)]

    def _sentence(self, sweep: Sweep) -> str:
        assert isinstance(sweep.path, SeamPath) and isinstance(sweep.decision, JointTypeDecision), 'it has a path'
        assert self._first_ns is not None, 'there were images'
        begin_s, end_s = ((stamp_ns - self._first_ns) / 1e9 for stamp_ns in (sweep.first_ns, sweep.last_ns))
        return (
            f'The recording holds another scan, from {begin_s:.1f} to {end_s:.1f} s: {sweep.decision.joint_type}, '
            f'{1e3 * sweep.path.length_m:.0f} mm. It is left out; --start and --end choose it.'
        )

    def _wanted(self, stamp_ns: int) -> bool:
        self._first_ns = stamp_ns if self._first_ns is None else self._first_ns
        elapsed_s = (stamp_ns - self._first_ns) / 1e9
        return elapsed_s >= self._settings.start_s and not 0.0 < self._settings.end_s < elapsed_s

    def _divide(self, placed: PlacedImage) -> list[tuple[int, PlacedImage]]:
        """An image without a pose counts as taken where the one before was."""
        if not isinstance(placed.T_base_sensor, WeldCellError):
            self._focus_m = self.scan.focus(placed.T_base_sensor)
        paused = self._has_paused(placed.image.stamp_ns)
        if self._focus_m is None:
            return [(self._divider.number, placed)]
        return self._divider.put(placed, self._focus_m, paused)

    def _has_paused(self, stamp_ns: int) -> bool:
        before_ns, interval_ns = self._newest_ns, self._interval_ns
        if before_ns is None:
            self._newest_ns = stamp_ns
            return False
        self._newest_ns, self._interval_ns = stamp_ns, stamp_ns - before_ns
        return interval_ns is not None and self._interval_ns > max(PAUSE_NS, PAUSE_INTERVALS * interval_ns)

    def _take(self, due: list[tuple[int, PlacedImage]]) -> RecordedLook:
        look = RecordedLook([], [], [])
        for number, placed in due:
            if number != self._divided:
                self._divided = number
                self._next_sweep(look)
            seen = self._hold(placed)
            if self._comes_onto_plates(seen):
                before = list(self._recent)
                self._next_sweep(look)
                for each in before:
                    self._hold(each, votes=False)
                seen = self._hold(placed)
            self._recent.append(placed)
            look.held.append(seen)
        look.done.extend(self._release())
        return look

    def _next_sweep(self, look: RecordedLook) -> None:
        done, sweep = self._end_sweep()
        look.done.extend(done)
        look.ended.append(sweep)
        self._number += 1
        self._begin_sweep()

    def _begin_sweep(self) -> None:
        self._striped, self._rise = 0, RiseWatch()
        self._recent: deque[PlacedImage] = deque(maxlen=BEFORE_RISE)
        self._poses: dict[int, FloatArray | WeldCellError] = {}
        self._open: dict[int, ScannedImage] = {}
        self.scan.reset()
        self.scan.reset_joint_type()
        if self._settings.joint_type != VOTED:
            self.scan.joint_type = JointType(self._settings.joint_type)

    def _hold(self, placed: PlacedImage, votes: bool = True) -> ScannedImage:
        image = placed.image
        if image.pixels.ndim >= 2:  # what has fewer axes is no image, as the scan says
            height, width = image.pixels.shape[:2]
            self.scan.cameras.add((width, height), placed.camera)
        try:
            seen = self.scan.hold(image, votes)
            self._striped += 1
            self._keep_profile(seen, placed.T_base_sensor)
        except WeldCellError as error:
            seen = ScannedImage(image.stamp_ns, image.sequence, error=error.with_traceback(None))
        seen = replace(seen, sweep=self._number)
        self._open[image.sequence], self._poses[image.sequence] = seen, placed.T_base_sensor
        return seen

    def _comes_onto_plates(self, seen: ScannedImage) -> bool:
        section_m = self._cross_section(seen)
        return section_m is not None and self._rise.update(float(np.median(section_m[:, 2])))

    def _cross_section(self, seen: ScannedImage) -> FloatArray | None:
        if seen.profile is None:
            return None
        try:
            return self.scan.cross_section(seen)
        except WeldCellError:  # not calibrated: reported where the seam is searched for
            return None

    def _keep_profile(self, seen: ScannedImage, T_base_sensor: FloatArray | WeldCellError) -> None:
        section_m = self._cross_section(seen)
        if section_m is not None and not isinstance(T_base_sensor, WeldCellError):
            self.scan.add_profile(seen.stamp_ns, section_m, T_base_sensor)

    def _release(self) -> list[ScannedImage]:
        """What has been searched for the seam by now; without a stripe an image waits for those before it only."""
        released = [self._place(replace(result, sweep=self._number)) for result in self.scan.release()]
        for result in released:
            self._open[result.sequence] = result
        if self.scan.joint_type is None:
            return []
        done, self._open = list(self._open.values()), {}
        return done

    def _place(self, result: ScannedImage) -> ScannedImage:
        """The seam point of one image in base_link, where the image shows one."""
        pose = self._poses.pop(result.sequence)
        if result.observation is None:
            return result
        if isinstance(pose, WeldCellError):
            return replace(result, error=TransformError(str(pose)) if not isinstance(pose, TransformError) else pose)
        return replace(result, point=self.scan.add_pose(result, pose))

    def _end_sweep(self) -> tuple[list[ScannedImage], Sweep]:
        decision = self._decide()
        done = self._release()
        if isinstance(decision, WeldCellError):
            done += [image if image.error else replace(image, error=decision) for image in self._open.values()]
            self._open.clear()
        points = self.scan.points
        positions = np.array([point.position_m for point in points]).reshape(-1, 3)
        normals = np.array([point.normal for point in points]).reshape(-1, 3)
        first_ns, last_ns = (points[0].stamp_ns, points[-1].stamp_ns) if points else (0, 0)
        path = self._path(decision)
        sweep = Sweep(self._number, self._striped, positions, normals, decision, path, last_ns, first_ns)
        self.sweeps.append(sweep)
        return done, sweep

    def _decide(self) -> JointTypeDecision | JointTypeError:
        if self._settings.joint_type == VOTED:
            return self.scan.conclude_vote()
        return JointTypeDecision(JointType(self._settings.joint_type), 1.0, {}, 0)

    def _path(self, decision: JointTypeDecision | JointTypeError) -> SeamPath | WeldCellError:
        if isinstance(decision, WeldCellError):
            return decision
        try:
            path = self.scan.finish()
            require_ends(path, self.scan.points, self.scan.profiles, self.scan.settings.path)
            return path
        except SeamPathError as error:
            return error.with_traceback(None)


def _is_another(sweep: Sweep, found: Sweep) -> bool:
    """Whether a sweep is a scan of another seam than the one that was found."""
    if not isinstance(sweep.path, SeamPath) or not isinstance(found.path, SeamPath):
        return False
    if sweep.path.length_m < OTHER_SHARE * found.path.length_m:
        return False
    offsets_m = sweep.path.positions_m[:, None] - found.path.positions_m
    apart_m = np.linalg.norm(offsets_m, axis=2).min(axis=1)
    return float(np.median(apart_m)) > OTHER_PLACE_M
