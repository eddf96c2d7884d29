"""The stages in order, in one process, without ROS: from a recording to the seam path. Read this file first.

    image -> stripe -> joint type (a vote over the first images) -> seam point -> base_link -> seam path

`weld_cell.stations.laser_scan.LaserScan` does the work, here as in the node graph; `recorded_scan` beside it finds
the scan in a recording. The last stage, from the seam path to the robot's trajectory, is
`weld_cell.trajectory.plan_weld`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np

from weld_cell.bags.reading import BrokenImage, RecordedImage
from weld_cell.calibration.rig import LaserSensorCalibration
from weld_cell.errors import JointTypeError, WeldCellError
from weld_cell.records import FloatArray, JointTypeDecision, LengthScale, SeamPath
from weld_cell.settings import PipelineSettings
from weld_cell.stations.joint_type_vote import JointTypeVoting
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.recorded_scan import PlacedImage, RecordedScan, RecordingSettings, Sweep
from weld_cell.stations.scanned_image import ScannedImage

PoseLookup = Callable[[int], FloatArray]
"""T_base_sensor (4, 4) at a time in nanoseconds; raises TransformError where it is not known."""
_NEAR_M = 5e-3
_STRETCH_M = 10e-3
"""A longer stretch of the path without a seam point is reported."""
_BATCH = 16
"""Images that go through one stage before the next one: a stage's code then stays in the caches of the processor,
which saves an eighth of the time."""


@dataclass(frozen=True, eq=False)
class ReplayResult:
    """What a recording says.

    Attributes:
        images: One result for each image, in order.
        sweeps: What each sweep of the sensor says, in order.
        scan: The one of them that is the scan.
        other_scans: Of each sweep that is a scan of another seam, a sentence.
    """

    images: list[ScannedImage]
    sweeps: list[Sweep]
    scan: Sweep
    other_scans: Sequence[str] = ()

    @property
    def decision(self) -> JointTypeDecision | JointTypeError:
        """The joint type, or why it cannot be decided."""
        return self.scan.decision

    @property
    def path(self) -> SeamPath | WeldCellError:
        """The seam path, or why the points make none."""
        return self.scan.path


class LaserPipeline:
    """The laser chain over recordings of one sensor.

    Args:
        sensor: Its calibration.
        settings: Of every stage; by default each stage's own.
        recording: Which part of a recording is looked at, and as what.
    """

    def __init__(
        self,
        sensor: LaserSensorCalibration,
        settings: PipelineSettings | None = None,
        recording: RecordingSettings | None = None,
    ) -> None:
        settings = settings or PipelineSettings()
        scan = LaserScan(lambda: sensor.laser_plane, settings, JointTypeVoting(settings.joint_type))
        self._recorded = RecordedScan(scan, recording or RecordingSettings())

    def replay(
        self,
        recording: Iterable[RecordedImage],
        pose_at: PoseLookup,
        progress: Callable[[], object] = lambda: None,
    ) -> ReplayResult:
        """Run the chain over a recording, in order: same recording, same result.

        Args:
            recording: The images, each with another count; read once, a few at a time.
            pose_at: Where the sensor was; asked for each image as it is read.
            progress: Called after each image.
        """

        def placed(recorded: RecordedImage) -> PlacedImage:
            progress()
            return PlacedImage(recorded.image, recorded.camera, _pose(pose_at, recorded.image.stamp_ns))

        recorded, images = self._recorded, iter(recording)
        recorded.reset()
        done: dict[int, ScannedImage] = {}
        while some := list(islice(images, _BATCH)):
            _keep(done, recorded.put(map(placed, some)).done)
        _keep(done, recorded.end().done)
        return ReplayResult(list(done.values()), recorded.sweeps, recorded.found(), recorded.other_scans())


def _pose(pose_at: PoseLookup, stamp_ns: int) -> FloatArray | WeldCellError:
    try:
        return pose_at(stamp_ns)
    except WeldCellError as error:
        return error.with_traceback(None)


def _keep(done: dict[int, ScannedImage], images: list[ScannedImage]) -> None:
    """An image on the edge of the plates is looked at twice; the later look counts where it shows the seam."""
    for image in images:
        if image.point is not None or image.sequence not in done:
            done[image.sequence] = image


def with_broken(result: ReplayResult, broken: Iterable[BrokenImage]) -> ReplayResult:
    """The result with the images that could not be decoded, each where it stood."""
    images = [ScannedImage(image.stamp_ns, image.sequence, error=image.error) for image in broken]
    return replace(result, images=sorted([*result.images, *images], key=lambda image: image.sequence))


def open_ends(result: ReplayResult) -> list[str]:
    """Ends of the path beyond which the seam may go on: no image that shows none of it stands there."""
    path, images = result.path, result.images
    if isinstance(path, WeldCellError):
        return []
    begin_m, end_m = path.positions_m[0], path.positions_m[-1]
    of_scan = [k for k, image in enumerate(images) if image.sweep == result.scan.number]
    ends = (
        ('start', begin_m, [k - 1 for k in of_scan if _is_near(images[k], begin_m)][:1]),
        ('end', end_m, [k + 1 for k in of_scan if _is_near(images[k], end_m)][-1:]),
    )
    return [
        f'The {name} of the seam may lie beyond the path: no image beyond it shows that it does not.'
        for name, place_m, beyond in ends
        if any(not 0 <= k < len(images) or _is_near(images[k], place_m) for k in beyond)
    ]


def interpolated_stretches(result: ReplayResult) -> list[str]:
    """Stretches of the path on which no seam point lies: a tack weld, images that were refused or not recorded."""
    path = result.path
    if isinstance(path, WeldCellError):
        return []
    nearest = np.linalg.norm(result.scan.positions_m[:, None] - path.positions_m, axis=2)
    on_path = nearest.min(axis=1) < _NEAR_M
    places_m = np.sort(nearest.argmin(axis=1)[on_path]) * path.spacing_m
    return [
        f'No seam point from {1e3 * begin_m:.0f} to {1e3 * end_m:.0f} mm of the path, which is interpolated there.'
        for begin_m, end_m in pairwise(places_m)
        if end_m - begin_m > _STRETCH_M
    ]


def _is_near(image: ScannedImage, place_m: FloatArray) -> bool:
    return image.point is not None and bool(np.linalg.norm(image.point.position_m - place_m) < _NEAR_M)


def failures(images: Iterable[ScannedImage]) -> dict[str, list[ScannedImage]]:
    """The images that gave no seam point, by the name of their error."""
    failed: dict[str, list[ScannedImage]] = {}
    for image in images:
        if image.error is not None:
            failed.setdefault(type(image.error).__name__, []).append(image)
    return dict(sorted(failed.items()))


def told_type(decision: JointTypeDecision | WeldCellError) -> str:
    """What is said of the joint type, for people."""
    if isinstance(decision, WeldCellError):
        return str(decision)
    if not decision.images:
        return f'{decision.joint_type} (given)'
    assumed = ', by an assumed scale' if decision.scale == LengthScale.ASSUMED else ''
    return f'{decision.joint_type} ({decision.share:.0%} of {decision.images} images{assumed})'
