"""The vote over the first images, before the weld (Zeng et al. 2020, section 2.2, stage L2)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from weld_cell.errors import JointTypeError
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.records import JointType, JointTypeDecision, JointTypeEstimate, LengthScale

_ASSUMED_REMEDY = (
    'Calibrate the sensor, or set joint_type.assumed_row_mm and assumed_column_mm to its scale. Let the joint fill '
    'the image, or set stripe.roi_* to the joint.'
)
_MOST_OTHERS = 1
"""At an assumed scale: types, besides the one that is told, of which an image may show a seam (the walls of a groove
make a corner, too). One that shows seams of more types shows none: so do the bends of whatever the stripe crosses."""
_CORNERS = frozenset({JointType.FILLET, JointType.V, JointType.FILLER_LAYER})
"""Types whose surfaces meet at an angle: at an assumed scale a butt, whose plates lie flat, shows none of them."""
_REMEDY = 'Check the stripe in the overlay (laser, exposure, position over the joint), then identify again.'


class Abstention(StrEnum):
    """Why an image has no vote."""

    NO_SEAM = 'no seam of the joint type that it suggests is to be seen in it'
    MANY_SEAMS = 'seams of several joint types are to be seen in it'


class JointTypeVote:
    """Collects one estimate an image until enough have voted.

    Args:
        settings: How many images vote, and the share that the winner needs.
    """

    def __init__(self, settings: JointTypeSettings) -> None:
        self._settings = settings
        self._counts: Counter[JointType] = Counter()
        self._scale = LengthScale.PIXELS
        self._abstained: Counter[Abstention] = Counter()

    @property
    def images(self) -> int:
        """Images that have voted."""
        return self._counts.total()

    @property
    def complete(self) -> bool:
        """Whether enough images have voted."""
        return self.images >= self._settings.vote_images

    def update(self, estimate: JointTypeEstimate) -> None:
        """Count one image; images after the last one that votes are not counted."""
        if not self.complete:
            assumed = self._scale == LengthScale.ASSUMED and self.images > 0
            self._scale = self._scale if assumed else estimate.scale
            self._counts[estimate.joint_type] += 1

    def abstain(self, estimate: JointTypeEstimate, why: Abstention) -> None:
        """Note an image that has no vote.

        With a calibrated sensor it shows something other than the joint. At an assumed scale the assumption may be
        wrong instead.
        """
        if estimate.scale is LengthScale.ASSUMED:
            self._abstained[why] += 1

    def reset(self) -> None:
        """Forget all votes."""
        self._counts.clear()
        self._abstained.clear()

    def decision(self) -> JointTypeDecision:
        """The winner among the images so far.

        Raises:
            JointTypeError: no image has voted, or the best type's share is too small or no larger than another's. Or
                half of the images have no vote, at an assumed scale.
        """
        if self._abstained and self._abstained.total() >= self.images:
            raise JointTypeError(self._why_so_few_voted(), _ASSUMED_REMEDY)
        if not self.images:
            raise JointTypeError('No image voted on the joint type.', _REMEDY)
        (winner, count), *others = self._counts.most_common(2)
        share = count / self.images
        if share < self._settings.minimum_share or (others and others[0][1] == count):
            tally = ', '.join(f'{name} {n}' for name, n in self._counts.most_common())
            raise JointTypeError(
                f'No clear joint type in {self.images} images ({tally}); the winner needs '
                f'{self._settings.minimum_share:.0%} of them.',
                _REMEDY,
            )
        return JointTypeDecision(winner, share, dict(self._counts), self.images, self._scale)

    def _why_so_few_voted(self) -> str:
        without, several = self._abstained[Abstention.NO_SEAM], self._abstained[Abstention.MANY_SEAMS]
        reasons = [f'{without} without a seam of the joint type that the image suggests'] if without else []
        if several:
            reasons.append(f'{several} with seams of several types, as where the stripe crosses more than the joint')
        images = self.images + self._abstained.total()
        return f'At the assumed scale only {self.images} of {images} images could vote: {"; ".join(reasons)}.'


def shown_type(
    estimate: JointTypeEstimate, shows: Callable[[JointTypeEstimate], bool] | None
) -> JointTypeEstimate | Abstention:
    """What an image votes for: the type that it tells, if it shows a seam of it; else why it has no vote.

    With a calibrated sensor the lengths are measured, and an image that shows a seam of one other type alone votes
    for that, if most of that type's pairs of the classifier speak for it, too: plates of other sizes than it was
    trained for are told wrongly, but only their own rule finds a seam in them. At an assumed scale it votes for
    nothing else, nor where seams of many types are to be seen.

    Args:
        estimate: What it tells.
        shows: Whether a seam of the estimate's joint type is to be seen in it; None: nobody looked.
    """
    if shows is None:
        return estimate
    told = shows(estimate)
    if estimate.scale is LengthScale.ASSUMED:
        if not told:
            return Abstention.NO_SEAM
        others = {other.joint_type for other in _others(estimate, shows)}
        bent = estimate.joint_type is JointType.BUTT and others & _CORNERS
        return Abstention.MANY_SEAMS if bent or len(others) > _MOST_OTHERS else estimate
    if told:
        return estimate
    return _only_other(_others(estimate, shows), estimate)


def _only_other(others: list[JointTypeEstimate], told: JointTypeEstimate) -> JointTypeEstimate | Abstention:
    """The only other type with a seam, if more than half of its pairs of the classifier speak for it."""
    if len(others) > 1:
        return Abstention.MANY_SEAMS
    least = 0.5 * (len(told.votes) - 1)
    return others[0] if others and told.votes[others[0].joint_type] > least else Abstention.NO_SEAM


def _others(estimate: JointTypeEstimate, shows: Callable[[JointTypeEstimate], bool]) -> list[JointTypeEstimate]:
    """The estimate with each other type of which a seam is to be seen."""
    types = [name for name in estimate.votes if name is not estimate.joint_type]
    others = [replace(estimate, joint_type=name, margin=0.0) for name in types]
    return [other for other in others if shows(other)]
