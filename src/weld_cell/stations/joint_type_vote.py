"""The joint type, voted over the first images that show a stripe."""

from collections.abc import Callable
from dataclasses import dataclass

from weld_cell.errors import JointTypeError
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings, JointTypeVote
from weld_cell.records import (
    CameraImage,
    ImageArray,
    JointType,
    JointTypeDecision,
    JointTypeEstimate,
    StripeProfile,
)
from weld_cell.records.status import JointTypeStatus
from weld_cell.report.overlays import draw_joint_type
from weld_cell.settings import VoteSettings
from weld_cell.stations.station import Cameras
from weld_cell.stripe import extract_stripe


@dataclass(frozen=True, eq=False)
class Ballot:
    """One image's part in the vote.

    Attributes:
        estimate: What the image says.
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
        self._classifier = JointTypeClassifier.load(settings=settings)
        self._vote = JointTypeVote(settings)
        self._refusal: JointTypeError | None = None

    @property
    def begun(self) -> bool:
        """Whether there are votes that have not been counted out."""
        return self.decision is None and self._vote.images > 0

    def update(self, profile: StripeProfile, shows: Callable[[JointType], bool] = lambda _: True) -> Ballot:
        """The vote of one profile, and with the last one the outcome.

        Args:
            profile: The stripe.
            shows: Whether a joint of the type that it tells is to be seen in it; else it has no vote.

        Raises:
            JointTypeError: the stripe covers too few rows; it does not vote.
        """
        estimate = self._classifier.classify(profile)
        if self.decision is not None or not shows(estimate.joint_type):
            return Ballot(estimate, 0)
        self._vote.update(estimate)
        images = self._vote.images
        return Ballot(estimate, images, self.conclude() if self._vote.complete else None)

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

    Attributes:
        settings: As they stand; the joint type's were read at the start.
        cameras: Not needed.
        voting: The vote.

    Raises:
        ModelError: the model is missing, or made for other features.
    """

    def __init__(self, settings: VoteSettings) -> None:
        self.settings = settings
        self.cameras = Cameras()
        self.voting = JointTypeVoting(settings.joint_type)

    def look(self, image: CameraImage) -> JointTypeLook:
        """See Station.

        Raises:
            ImageError, StripeError: no stripe.
            JointTypeError: the stripe covers too few rows.
        """
        profile = extract_stripe(image.pixels, self.settings.stripe)
        return JointTypeLook(profile, self.voting.update(profile))

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
    )


def decision_status(decision: JointTypeDecision) -> JointTypeStatus:
    """What was decided."""
    return JointTypeStatus(
        decided=decision.joint_type, share=decision.share, images_voted=decision.images, images=decision.counts
    )
