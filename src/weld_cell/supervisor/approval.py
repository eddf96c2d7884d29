"""Approval of a planned weld and arming of its arc: two deliberate acts, each for one plan, that expire.

The arc is armed only as long as who armed it is heard of: a lease. Times are those of a clock that no one sets back.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from weld_cell.config import Settings, bounded, switch
from weld_cell.errors import ApprovalRefusedError, ArcReleasedError
from weld_cell.records.status import ApprovalState, ApprovalStatus
from weld_cell.traceability.store import utc

MOST_LETTERS = 60
APPROVAL, ARMING = 'The approval', 'The arming'


@dataclass(frozen=True)
class ApprovalSettings(Settings):
    """Whether each weld must be approved, and how long what was said holds."""

    required: bool = switch(False, 'each weld waits in stage approve until a person has approved its plan')
    valid_s: float = bounded(
        30.0, 1.0, 600.0, 's', 'an approval lapses if not armed, an arming if not welded by then'
    )
    lease_s: float = bounded(
        3.0, 0.2, 60.0, 's', 'who armed the arc must be heard of that often, else it is released'
    )


@dataclass(frozen=True)
class Consent:
    """By whose leave a plan is welded.

    Attributes:
        plan: Its number: the stamp in ns under which it was shown.
        approved_by: Who approved it.
        approved_utc: When.
        armed_by: Who armed the arc; None is a dry run.
        armed_utc: When.
    """

    plan: int
    approved_by: str
    approved_utc: str
    armed_by: str | None = None
    armed_utc: str | None = None


@dataclass(frozen=True)
class _Lease:
    """Who holds the arc armed, and when he was last heard of."""

    word: str
    heard_s: float


class Approval:
    """The one authority over approval and arming. Safe to use from several threads.

    Args:
        settings: How long what is said holds.
        changed: Called, in the thread that changed it, with each new status.
        clock_s: Monotonic.
    """

    def __init__(
        self,
        settings: ApprovalSettings,
        changed: Callable[[ApprovalStatus], None] = lambda status: None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._changed, self._clock_s = settings, changed, clock_s
        self._lock = threading.RLock()
        self._state, self._needs_arc = ApprovalState.NONE, False
        self._consent: Consent | None = None
        self._plan = 0
        self._lease: _Lease | None = None
        self._expires_s = 0.0

    @property
    def status(self) -> ApprovalStatus:
        """As it stands."""
        with self._lock:
            self._lapse()
            return self._status()

    def ask(self, plan: int, needs_arc: bool) -> None:
        """A plan waits from now on; what was said of another one is void."""
        with self._lock:
            self._plan, self._needs_arc = plan, needs_arc
            self._reset_to(ApprovalState.AWAITED)

    def approve(self, plan: int, operator: str) -> str:
        """A person approves the plan that he was shown; a sentence about it.

        Raises:
            ApprovalRefusedError: no plan waits, it is another one, or somebody else was first.
        """
        with self._lock:
            name = self._checked(plan, operator)
            if self._consent is not None:
                raise ApprovalRefusedError(
                    f'The plan was approved by {self._consent.approved_by} already.', 'One approval is enough.'
                )
            self._consent = Consent(plan, name, utc())
            self._enter(ApprovalState.APPROVED)
            return f'Approved by {name}.' + (
                f' The arc may be armed within {self._settings.valid_s:.0f} s.' if self._needs_arc else ''
            )

    def arm(self, plan: int, operator: str, lease: str) -> str:
        """A person arms the arc of the approved plan; a sentence about it.

        Args:
            plan: As it was shown.
            operator: Who.
            lease: A word of his choice, that is heard again and again from now on.

        Raises:
            ApprovalRefusedError: as `approve`; or the plan is not approved, or cannot be armed.
        """
        with self._lock:
            name = self._checked(plan, operator)
            if not self._needs_arc:
                raise ApprovalRefusedError(
                    'This is a dry run: there is no arc to arm.', 'Start the cell armed:=true.'
                )
            if self._state is not ApprovalState.APPROVED or self._consent is None:
                armed_by = self._consent.armed_by if self._consent else None
                raise ApprovalRefusedError(
                    f'The arc was armed by {armed_by} already.' if armed_by else 'The plan is not approved.',
                    'One arms it.' if armed_by else 'Approve the plan that is shown, then arm.',
                )
            if not lease:
                raise ApprovalRefusedError('A name of the lease is needed to arm the arc.', 'Name a lease.')
            self._consent = replace(self._consent, armed_by=name, armed_utc=utc())
            self._lease = _Lease(lease, self._clock_s())
            self._enter(ApprovalState.ARMED)
            return f'Armed by {name}.'

    def disarm(self) -> str:
        """Take the arming back, whoever asks; a weld under way ends."""
        with self._lock:
            if self._state is ApprovalState.WELDING and self._lease is not None:
                self._lease = None
                self._enter(ApprovalState.RELEASED)
                return 'The arc is released; the weld ends.'
            if self._state is ApprovalState.ARMED:
                self._reset_to(ApprovalState.AWAITED)
                return 'Disarmed; the plan waits for approval again.'
            return 'Nothing is armed.'

    def heard(self, lease: str) -> None:
        """Who armed the arc is still there."""
        with self._lock:
            self._lapse()  # what has ended does not come back
            if self._lease is not None and lease == self._lease.word:
                self._lease = replace(self._lease, heard_s=self._clock_s())

    def take(self) -> Consent | None:
        """The consent by which the weld begins, which uses it up; None as long as it is not whole."""
        with self._lock:
            self._lapse()
            if self._state is not (ApprovalState.ARMED if self._needs_arc else ApprovalState.APPROVED):
                return None
            self._enter(ApprovalState.WELDING)
            return self._consent

    def check(self) -> None:
        """Before and in the weld.

        Raises:
            ArcReleasedError: who armed the arc is not heard of any more, or it was disarmed.
        """
        with self._lock:
            armed_by = self._consent.armed_by if self._consent else None
            if armed_by is None or self._state not in (ApprovalState.WELDING, ApprovalState.RELEASED):
                return
            if self._lease is None:
                raise ArcReleasedError('The arc was disarmed during the weld.', 'Call cell/start for a new cycle.')
            if self._silent():
                self._lease = None
                self._enter(ApprovalState.RELEASED)
                raise ArcReleasedError(
                    f'{armed_by}, who armed the arc, has not been heard of for {self._settings.lease_s:g} s.',
                    'See to the connection of the operator page, then call cell/start.',
                )

    def end(self) -> None:
        """Nothing waits any more."""
        with self._lock:
            if self._state is not ApprovalState.NONE:
                self._plan, self._needs_arc = 0, False
                self._reset_to(ApprovalState.NONE)

    def _checked(self, plan: int, operator: str) -> str:
        """The name of who says something of the plan that waits."""
        self._lapse()
        name = ' '.join(operator.split())[:MOST_LETTERS]
        if self._state in (ApprovalState.NONE, ApprovalState.WELDING, ApprovalState.RELEASED):
            raise ApprovalRefusedError('No plan waits for approval.', 'Wait for stage approve.')
        if plan != self._plan:
            raise ApprovalRefusedError('Another plan waits by now than the one shown.', 'Look at the new plan.')
        if not name or not name.isprintable():
            raise ApprovalRefusedError('Who approves or arms must say a name.', 'The record of the weld keeps it.')
        return name

    def _silent(self) -> bool:
        return self._lease is not None and self._clock_s() - self._lease.heard_s > self._settings.lease_s

    def _lapse(self) -> None:
        """What has expired by now is void."""
        if self._state is ApprovalState.ARMED and self._silent():
            self._reset_to(ApprovalState.AWAITED, f'{ARMING} ended: who armed was no longer heard of.')
        elif self._expires_s and self._clock_s() > self._expires_s:
            what = ARMING if self._state is ApprovalState.ARMED else APPROVAL
            self._reset_to(ApprovalState.AWAITED, f'{what} has expired.')

    def _reset_to(self, state: ApprovalState, note: str = '') -> None:
        self._consent = self._lease = None
        self._enter(state, note)

    def _enter(self, state: ApprovalState, note: str = '') -> None:
        self._state = state
        expires = state is ApprovalState.ARMED or (state is ApprovalState.APPROVED and self._needs_arc)
        self._expires_s = self._clock_s() + self._settings.valid_s if expires else 0.0
        self._changed(self._status(note))

    def _status(self, note: str = '') -> ApprovalStatus:
        consent = self._consent
        return ApprovalStatus(
            self._state,
            self._plan,
            'arc' if self._needs_arc else 'dry run',
            max(self._expires_s - self._clock_s(), 0.0) if self._expires_s else None,
            self._settings.lease_s,
            consent.approved_by if consent else None,
            consent.armed_by if consent else None,
            note or None,
        )
