"""The stages in order, in one process, without ROS: from images to the seam path. Read this file first.

    image -> stripe -> joint type (a vote over the first images) -> seam point -> base_link -> seam path

The nodes call the same stage functions, one node a stage. The last stage, from the seam path to the robot's
trajectory, is `weld_cell.trajectory.plan_weld`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.rig import LaserSensorCalibration
from weld_cell.errors import CalibrationError, WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.joint_type import JointTypeClassifier, JointTypeVote
from weld_cell.records import (
    FloatArray,
    ImageArray,
    JointType,
    JointTypeDecision,
    JointTypeEstimate,
    SeamObservation,
    SeamPath,
    SeamPoint,
    StripeProfile,
)
from weld_cell.seam import locate_seam, seam_path, to_base
from weld_cell.settings import PipelineSettings
from weld_cell.stripe import extract_stripe

PoseLookup = Callable[[int], FloatArray]
"""T_base_sensor (4, 4) at a time in nanoseconds; raises TransformError where it is not known."""
_NO_LIGHT = np.zeros((0, 0), np.uint8)  # a replay keeps every profile, but its light only until the seam is found
_TOGETHER = 16
"""Images that a replay takes through one stage before the next one: a stage's code then stays in the caches of the
processor, which saves an eighth of the time."""


@dataclass(frozen=True, eq=False)
class ImageResult:
    """What the chain made of one image. Where a stage gave up, what it and later ones add is absent.

    Attributes:
        stamp_ns: Time of the image.
        profile: The stripe.
        estimate: The joint type by this image alone, of the images that vote.
        observation: The seam point in the sensor's frame, by the joint type that was voted.
        point: The seam point in base_link.
        error: Why the chain ended early.
    """

    stamp_ns: int
    profile: StripeProfile | None = None
    estimate: JointTypeEstimate | None = None
    observation: SeamObservation | None = None
    point: SeamPoint | None = None
    error: WeldCellError | None = None


@dataclass(frozen=True, eq=False)
class ReplayResult:
    """What a recording says.

    Attributes:
        images: One result for each image, in order.
        decision: The joint type, or why it cannot be told.
        path: The seam path, or why the points make none.
    """

    images: list[ImageResult]
    decision: JointTypeDecision | WeldCellError
    path: SeamPath | WeldCellError


class LaserPipeline:
    """The laser chain over one sensor.

    Args:
        sensor: Its calibration.
        settings: Of every stage; by default each stage's own.
    """

    def __init__(self, sensor: LaserSensorCalibration, settings: PipelineSettings | None = None) -> None:
        self.settings = settings or PipelineSettings()
        self._laser_plane = sensor.laser_plane
        self._classifier = JointTypeClassifier.load(settings=self.settings.joint_type)

    def look(self, pixels: ImageArray, stamp_ns: int, classify: bool = True) -> ImageResult:
        """Stripe and, where asked for, joint type of one image."""
        kept = None
        try:
            kept = extract_stripe(pixels, self.settings.stripe)
            return ImageResult(stamp_ns, kept, self._classifier.classify(kept) if classify else None)
        except WeldCellError as error:
            return ImageResult(stamp_ns, _without_light(kept), error=error)  # however many do not vote, none is large

    def locate(
        self,
        result: ImageResult,
        joint_type: JointType,
        camera: CameraModel | CalibrationError,
        pose_at: PoseLookup,
    ) -> ImageResult:
        """The seam point of an image whose stripe `look` found."""
        if result.profile is None:
            return result
        observation = None
        try:
            if isinstance(camera, CalibrationError):
                raise camera
            observation = locate_seam(
                result.profile, joint_type, camera, self._laser_plane, self.settings.seam, result.stamp_ns
            )
            point = to_base(observation, pose_at(result.stamp_ns))
            return replace(result, observation=observation, point=point, error=None)
        except WeldCellError as error:
            return replace(result, observation=observation, error=error)

    def replay(
        self,
        recording: Iterable[RecordedImage],
        pose_at: PoseLookup,
        progress: Callable[[], object] = lambda: None,
    ) -> ReplayResult:
        """Run the chain over a recording, in order: same recording, same result.

        The joint type is voted over the first images, as the cell does; later ones are not asked. Then every
        profile, those of the first images included, is searched for the seam.

        Args:
            recording: The images; read once, a few at a time.
            pose_at: Where the sensor was.
            progress: Called after each image.
        """
        located: list[ImageResult] = []
        waiting: list[tuple[ImageResult, CameraModel | CalibrationError]] = []
        vote = JointTypeVote(self.settings.joint_type)
        decision: JointTypeDecision | WeldCellError | None = None
        images = iter(recording)
        while some := list(islice(images, _TOGETHER)):
            for recorded in some:
                result = self.look(recorded.image.pixels, recorded.image.stamp_ns, classify=not vote.complete)
                if result.estimate is not None:
                    vote.update(result.estimate)
                waiting.append((result, recorded.camera))
                progress()
            if vote.complete:
                decision = decision or _decided(vote)
                located += self._search(waiting, decision, pose_at)
                waiting.clear()
        decision = decision or _decided(vote)
        located += self._search(waiting, decision, pose_at)
        if isinstance(decision, WeldCellError):
            return ReplayResult(located, decision, decision)
        try:
            points = [result.point for result in located if result.point is not None]
            return ReplayResult(located, decision, seam_path(points, decision.joint_type, self.settings.path))
        except WeldCellError as error:
            return ReplayResult(located, decision, error)

    def _search(
        self,
        seen: Iterable[tuple[ImageResult, CameraModel | CalibrationError]],
        decision: JointTypeDecision | WeldCellError,
        pose_at: PoseLookup,
    ) -> list[ImageResult]:
        """The seam points of images that were looked at, as far as the joint type is known; their light is let go."""
        results = [
            result
            if isinstance(decision, WeldCellError)
            else self.locate(result, decision.joint_type, camera, pose_at)
            for result, camera in seen
        ]
        return [replace(result, profile=_without_light(result.profile)) for result in results]


def _without_light(profile: StripeProfile | None) -> StripeProfile | None:
    """The same profile, small."""
    return None if profile is None else replace(profile, light=_NO_LIGHT)


def _decided(vote: JointTypeVote) -> JointTypeDecision | WeldCellError:
    """The joint type, or why it cannot be told."""
    try:
        return vote.decision()
    except WeldCellError as error:
        return error
