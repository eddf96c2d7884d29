"""The stages in order, in one process, without ROS: from a recording to the seam path. Read this file first.

    image -> stripe -> joint type (a vote over the first images) -> seam point -> base_link -> seam path

`weld_cell.stations.laser_scan.LaserScan` does the work, here as in the node graph. The last stage, from the seam path
to the robot's trajectory, is `weld_cell.trajectory.plan_weld`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.rig import LaserSensorCalibration
from weld_cell.errors import WeldCellError
from weld_cell.records import FloatArray, JointTypeDecision, SeamPath
from weld_cell.settings import PipelineSettings
from weld_cell.stations.joint_type_vote import JointTypeVoting
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.scanned_image import ScannedImage

PoseLookup = Callable[[int], FloatArray]
"""T_base_sensor (4, 4) at a time in nanoseconds; raises TransformError where it is not known."""
_TOGETHER = 16
"""Images that go through one stage before the next one: a stage's code then stays in the caches of the processor,
which saves an eighth of the time."""


@dataclass(frozen=True, eq=False)
class ReplayResult:
    """What a recording says.

    Attributes:
        images: One result for each image, in order.
        decision: The joint type, or why it cannot be told.
        path: The seam path, or why the points make none.
    """

    images: list[ScannedImage]
    decision: JointTypeDecision | WeldCellError
    path: SeamPath | WeldCellError


class LaserPipeline:
    """The laser chain over recordings of one sensor.

    Args:
        sensor: Its calibration.
        settings: Of every stage; by default each stage's own.
    """

    def __init__(self, sensor: LaserSensorCalibration, settings: PipelineSettings | None = None) -> None:
        settings = settings or PipelineSettings()
        self._scan = LaserScan(lambda: sensor.laser_plane, settings, JointTypeVoting(settings.joint_type))

    def replay(
        self,
        recording: Iterable[RecordedImage],
        pose_at: PoseLookup,
        progress: Callable[[], object] = lambda: None,
    ) -> ReplayResult:
        """Run the chain over a recording, in order: same recording, same result.

        Args:
            recording: The images, each with another count; read once, a few at a time.
            pose_at: Where the sensor was; asked when all images have been read.
            progress: Called after each image.
        """
        scan, found = self._scan, dict[int, ScannedImage]()
        scan.reset()
        scan.reset_joint_type()
        images = iter(recording)
        while some := list(islice(images, _TOGETHER)):
            for recorded in some:
                found[recorded.image.sequence] = self._hold(recorded)
                progress()
            found |= {result.sequence: result for result in scan.release()}
        decision = scan.conclude_vote()
        found |= {result.sequence: result for result in scan.release()}
        results = [self._place(result, pose_at) for result in found.values()]
        return ReplayResult(results, decision, self._path(decision))

    def _hold(self, recorded: RecordedImage) -> ScannedImage:
        """Stripe and vote of one image."""
        image = recorded.image
        try:
            return self._scan.hold(image, recorded.camera)
        except WeldCellError as error:
            return ScannedImage(image.stamp_ns, image.sequence, error=error.with_traceback(None))

    def _place(self, result: ScannedImage, pose_at: PoseLookup) -> ScannedImage:
        """The seam point of one image in base_link, where the image shows one."""
        if result.observation is None:
            return result
        try:
            return replace(result, point=self._scan.add_pose(result, pose_at(result.stamp_ns)))
        except WeldCellError as error:
            return replace(result, error=error)

    def _path(self, decision: JointTypeDecision | WeldCellError) -> SeamPath | WeldCellError:
        """The path of all points."""
        if isinstance(decision, WeldCellError):
            return decision
        try:
            return self._scan.finish()
        except WeldCellError as error:
            return error
