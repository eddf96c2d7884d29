"""Stripe extraction over the images of one sensor, whose stripe direction the first images determine."""

from weld_cell.errors import StripeAbsentError, StripeError
from weld_cell.records import ImageArray, StripeProfile
from weld_cell.stripe.directions import lean_deg
from weld_cell.stripe.extractor import extract_in_direction, extract_stripe
from weld_cell.stripe.settings import StripeSettings

TELLING = 3
"""So many images in turn that say the same direction settle it."""
LOOK_AROUND = 5
"""Once the direction is known, one in so many consecutive images without a stripe is searched in all directions."""
MOST_LEAN_DEG = 40.0
"""A stripe that leans more from the settled direction speaks for another one; a fillet's plate leans by 30."""


class StripeFinder:
    """Extracts stripes; where `direction` is auto it remembers how this sensor's stripe runs.

    A settled direction changes only after `TELLING` looks around that agree on another one, none of which found the
    stripe in the settled direction: a single reflection does not turn the sensor.

    Attributes:
        angle_deg: The direction that is settled, one of `turning.ANGLES_DEG`; None while it is not.
    """

    def __init__(self) -> None:
        self.angle_deg: int | None = None
        self._told_deg: int | None = None
        self._times = self._missed = 0

    def find(self, pixels: ImageArray, settings: StripeSettings) -> StripeProfile:
        """The stripe of the next image.

        Raises:
            ImageError, StripeError: as of `extract_stripe`.
        """
        if settings.direction != 'auto':
            return extract_stripe(pixels, settings)
        if self.angle_deg is None:
            return self._look_around(pixels, settings)
        try:
            profile, _ = extract_in_direction(pixels, settings, self.angle_deg)
        except StripeAbsentError:
            return self._after_miss(pixels, settings)
        if abs(lean_deg(profile)) > MOST_LEAN_DEG:
            return self._after_miss(pixels, settings)
        self._missed = self._times = 0
        return profile

    def _after_miss(self, pixels: ImageArray, settings: StripeSettings) -> StripeProfile:
        """Now and then another direction is thought of; what shows there counts once it is settled."""
        self._missed += 1
        settled_deg = self.angle_deg
        if self._missed % LOOK_AROUND == 0:
            try:
                profile = self._look_around(pixels, settings)
            except StripeError:
                self._times = 0
                raise
            if self.angle_deg != settled_deg:
                return profile
        raise StripeAbsentError(
            f'No stripe runs at {settled_deg} deg to the columns, as those before did.',
            'Check that the laser is on and hits the workpiece; raise the exposure.',
        )

    def _look_around(self, pixels: ImageArray, settings: StripeSettings) -> StripeProfile:
        profile, angle_deg = extract_in_direction(pixels, settings)
        self._times = self._times + 1 if angle_deg == self._told_deg else 1
        self._told_deg = angle_deg
        if self._times >= TELLING:
            self.angle_deg, self._times, self._missed = angle_deg, 0, 0
        return profile
