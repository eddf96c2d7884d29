"""The vote on the joint type over the first images that show a stripe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from weld_cell.errors import CalibrationError, JointTypeError, WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings, JointTypeVote
from weld_cell.joint_type.stripe_net import shipped_net
from weld_cell.joint_type.vote import Abstention, shown_type
from weld_cell.records import (
    CameraImage,
    FloatArray,
    ImageArray,
    JointTypeDecision,
    JointTypeEstimate,
    StripeProfile,
)
from weld_cell.records.status import JointTypeStatus
from weld_cell.report.overlays import draw_joint_type
from weld_cell.settings import VoteSettings
from weld_cell.stations.station import Cameras
from weld_cell.stripe import StripeFinder

CAMERA_DELAY_NS = 10**9
"""So long the calibration may come after the first image that needs it."""


@dataclass(frozen=True, eq=False)
class Ballot:
    """One image's part in the vote.

    Attributes:
        estimate: What the image votes for, else what it says.
        images: How many have voted, with this one; 0: it has no vote, and only says so.
        outcome: What the vote came to with this image; None while it goes on.
    """

    estimate: JointTypeEstimate
    images: int
    outcome: JointTypeDecision | JointTypeError | None = None


class JointTypeVoting:
    """Classifier and vote. A vote without a clear winner begins again with the next image.

    Args:
        settings: Of the stage; they say which model is loaded.

    Attributes:
        decision: What was decided, None while it is voted.

    Raises:
        ModelError: the model is missing, or made for other features.
    """

    def __init__(self, settings: JointTypeSettings) -> None:
        self.decision: JointTypeDecision | None = None
        self._settings, self._classifier = settings, JointTypeClassifier.load(settings=settings)
        self._vote = JointTypeVote(settings)
        self._refusal: JointTypeError | None = None

    def prepare(self) -> None:
        """Open the network, for which the first image would otherwise wait.

        Raises:
            ModelError: it is missing or damaged.
        """
        if self._settings.feature_set != 'paper':
            shipped_net()

    @property
    def begun(self) -> bool:
        """Whether there are votes that have not been counted out."""
        return self.decision is None and self._vote.images > 0

    def update(
        self,
        profile: StripeProfile,
        shows: Callable[[JointTypeEstimate], bool] | None = None,
        camera: CameraModel | None = None,
        laser_plane: FloatArray | None = None,
        settled: bool = True,
    ) -> Ballot:
        """The vote of one profile, and with the last one the outcome.

        Args:
            profile: The stripe.
            shows: As of `weld_cell.joint_type.vote.shown_type`, which says what it votes for, if it has a vote.
            camera, laser_plane: As of `JointTypeClassifier.classify`.
            settled: As of `Lengths`; else it has no vote.

        Raises:
            JointTypeError: the stripe covers too few rows; it does not vote.
            CalibrationError: as of `JointTypeClassifier.classify`.
        """
        estimate = self._classifier.classify(profile, camera, laser_plane)
        if self.decision is not None or not settled:
            return Ballot(estimate, 0)
        shown = shown_type(estimate, shows)
        if isinstance(shown, Abstention):
            self._vote.abstain(estimate, shown)
            return Ballot(estimate, 0)
        self._vote.update(shown)
        images = self._vote.images
        return Ballot(shown, images, self.conclude() if self._vote.complete else None)

    def conclude(self) -> JointTypeDecision | JointTypeError:
        """What was decided, else what the images so far decide; where there are none, why there is no decision."""
        if self.decision is not None:
            return self.decision
        if self._refusal is not None and not self.begun:
            return self._refusal
        try:
            self.decision = self._vote.decision()
            return self.decision
        except JointTypeError as error:
            self._refusal = error
            self._vote.reset()
            return error

    def reset(self) -> str:
        """Forget all votes, and the decision; a sentence about it."""
        self.decision = self._refusal = None
        self._vote.reset()
        return 'The vote starts with the next image.'


class Lengths(NamedTuple):
    """What is known of a sensor's lengths when an image votes.

    Attributes:
        calibration: Camera and laser plane (3,), or neither.
        settled: False while the camera's calibration is on its way: until then no image has a vote.
    """

    calibration: tuple[CameraModel, FloatArray] | tuple[None, None]
    settled: bool


def known_lengths(
    cameras: Cameras, size_px: tuple[int, int], laser_plane: Callable[[], FloatArray] | None, waited_ns: int
) -> Lengths:
    """What is known of the lengths of a sensor.

    Args:
        cameras: The sensor's.
        size_px: (width, height) of the image.
        laser_plane: Asked for; None: there is none.
        waited_ns: Since the first image.
    """
    try:
        plane = None if laser_plane is None else laser_plane()
    except WeldCellError:
        plane = None
    camera = cameras.get(size_px)
    if plane is None or isinstance(camera, CalibrationError):
        return Lengths((None, None), True)
    if camera is None:
        return Lengths((None, None), waited_ns > CAMERA_DELAY_NS)
    return Lengths((camera, plane), True)


@dataclass(frozen=True, eq=False)
class JointTypeLook:
    """What an image said of the joint type.

    Attributes:
        profile: The stripe.
        ballot: Its part in the vote.
    """

    profile: StripeProfile
    ballot: Ballot


class JointTypeStation:
    """The vote alone, over whole images; `LaserScan` votes itself.

    Args:
        settings: Of the stripe and of the joint type.
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, asked for each image; raises a WeldCellError where it
            is not known. None: the sensor is not calibrated.

    Attributes:
        settings: As they stand; the joint type's were read at the start.
        cameras: The sensor's; with the laser plane the cross-section counts in millimetres.
        voting: The vote.

    Raises:
        ModelError: the model is missing, or made for other features.
    """

    def __init__(self, settings: VoteSettings, laser_plane: Callable[[], FloatArray] | None = None) -> None:
        self.settings = settings
        self.cameras = Cameras()
        self._laser_plane = laser_plane
        self._first_ns: int | None = None
        self.voting = JointTypeVoting(settings.joint_type)
        self._stripe = StripeFinder()

    def prepare(self) -> None:
        """See Station.

        Raises:
            ModelError: the network is missing or damaged.
        """
        self.voting.prepare()

    def look(self, image: CameraImage) -> JointTypeLook:
        """See Station.

        Raises:
            ImageError, StripeError: no stripe.
            JointTypeError: the stripe covers too few rows.
        """
        profile = self._stripe.find(image.pixels, self.settings.stripe)
        self._first_ns = image.stamp_ns if self._first_ns is None else self._first_ns
        waited_ns = image.stamp_ns - self._first_ns
        lengths = known_lengths(self.cameras, profile.image_size_px, self._laser_plane, waited_ns)
        camera, plane = lengths.calibration
        return JointTypeLook(profile, self.voting.update(profile, None, camera, plane, lengths.settled))

    def overlay(self, image: CameraImage, result: JointTypeLook) -> ImageArray:
        """See Station: stripe, what the image says, and what was decided."""
        return draw_joint_type(image.pixels, result.profile, result.ballot.estimate, self.voting.decision)

    def status(self, result: JointTypeLook) -> JointTypeStatus:
        """See Station."""
        return ballot_status(result.ballot)

    def reset(self) -> str:
        """See Station."""
        return self.voting.reset()


def ballot_status(ballot: Ballot) -> JointTypeStatus:
    """What one image said of the joint type."""
    estimate = ballot.estimate
    return JointTypeStatus(
        joint_type=estimate.joint_type,
        images_voted=ballot.images,
        margin=estimate.margin,
        votes=estimate.votes,
        features=estimate.features,
        scale=estimate.scale,
    )


def decision_status(decision: JointTypeDecision) -> JointTypeStatus:
    """What was decided."""
    return JointTypeStatus(
        decided=decision.joint_type,
        share=decision.share,
        images_voted=decision.images,
        images=decision.counts,
        scale=decision.scale,
    )
