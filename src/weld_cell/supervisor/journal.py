"""The interface through which a cycle reports to its record."""

from typing import Protocol

from weld_cell.records import RobotTrajectory
from weld_cell.supervisor.approval import Consent
from weld_cell.supervisor.sent_motion import SentWeld
from weld_cell.traceability.record import Outcome, TrackingRecord


class Journal(Protocol):
    """Keeps the record of one cycle."""

    def seam_begins(self) -> None:
        """What comes is of the next seam."""

    def approved(self, consent: Consent) -> None:
        """A person has approved the plan, and armed its arc where it is welded with one."""

    def require_room(self) -> None:
        """Before the weld is sent.

        Raises:
            WeldCellError: the record of the weld could not be kept.
        """

    def sent(self, motion: RobotTrajectory) -> None:
        """The weld motion was sent to the robot controller."""

    def answered(self, answer: str, replaced: int | None = None) -> None:
        """The robot controller's last answer to it, and how many goals it has ended because we replaced them."""

    def tracked(self, tracking: TrackingRecord, sent: SentWeld) -> None:
        """The weld was corrected on its way, as far as it came; its motion with all corrections."""

    def arrived(self, miss_rad: float) -> None:
        """The robot is where it ends, but for this."""

    def close(self, outcome: Outcome, reason: str) -> None:
        """The cycle is over; its record is kept.

        Raises:
            WeldCellError: it could not be kept.
        """


class Unrecorded:
    """A `Journal` of a cycle that leaves no record."""

    def seam_begins(self) -> None:
        """See `Journal`."""

    def approved(self, consent: Consent) -> None:
        """See `Journal`."""

    def require_room(self) -> None:
        """See `Journal`."""

    def sent(self, motion: RobotTrajectory) -> None:
        """See `Journal`."""

    def answered(self, answer: str, replaced: int | None = None) -> None:
        """See `Journal`."""

    def tracked(self, tracking: TrackingRecord, sent: SentWeld) -> None:
        """See `Journal`."""

    def arrived(self, miss_rad: float) -> None:
        """See `Journal`."""

    def close(self, outcome: Outcome, reason: str) -> None:
        """See `Journal`."""
