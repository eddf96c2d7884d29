"""Approval and arming: who may say what, of which plan, and how it ends."""

import pytest

from weld_cell.errors import ApprovalRefusedError, ArcReleasedError
from weld_cell.records.status import ApprovalState
from weld_cell.supervisor.approval import Approval, ApprovalSettings

PLAN = 7
SETTINGS = ApprovalSettings(valid_s=30.0, lease_s=3.0)


class Desk:
    """An approval, a clock that a test sets, and what was told of it."""

    def __init__(self):
        self.now_s, self.told = 100.0, []
        self.approval = Approval(SETTINGS, self.told.append, lambda: self.now_s)

    @property
    def state(self):
        return self.approval.status.state

    def armed(self):
        self.approval.ask(PLAN, needs_arc=True)
        self.approval.approve(PLAN, 'Anna')
        self.approval.arm(PLAN, 'Ben', 'word')
        return self


@pytest.fixture
def desk():
    return Desk()


def refused(match):
    return pytest.raises(ApprovalRefusedError, match=match)


def test_nothing_is_approved_where_nothing_waits(desk):
    with refused('No plan waits'):
        desk.approval.approve(0, 'Anna')
    with refused('No plan waits'):
        desk.approval.arm(PLAN, 'Anna', 'word')
    assert desk.approval.take() is None and desk.approval.disarm() == 'Nothing is armed.'
    desk.approval.heard('')
    desk.approval.check()
    assert desk.state is ApprovalState.NONE


@pytest.mark.parametrize('name', ['', '  \n', 'An\x00na', '‮'])
def test_who_says_no_name_approves_nothing(desk, name):
    desk.approval.ask(PLAN, needs_arc=False)
    with refused('must say a name'):
        desk.approval.approve(PLAN, name)


def test_a_dry_run_needs_one_approval_and_has_no_arc(desk):
    desk.approval.ask(PLAN, needs_arc=False)
    assert desk.approval.take() is None
    with refused('dry run'):
        desk.approval.arm(PLAN, 'Anna', 'word')
    desk.approval.approve(PLAN, ' Anna   Berg ')
    consent = desk.approval.take()
    assert (consent.plan, consent.approved_by, consent.armed_by) == (PLAN, 'Anna Berg', None)
    assert consent.approved_utc and desk.state is ApprovalState.WELDING and desk.approval.take() is None
    desk.now_s += 1000.0
    desk.approval.check()  # nobody is to be heard of


def test_of_two_operators_one_approves(desk):
    desk.approval.ask(PLAN, needs_arc=True)
    desk.approval.approve(PLAN, 'Anna')
    with refused('approved by Anna already'):
        desk.approval.approve(PLAN, 'Ben')
    desk.approval.arm(PLAN, 'Anna', 'word')
    with refused('armed by Anna already'):
        desk.approval.arm(PLAN, 'Ben', 'other')


def test_an_older_plan_is_not_approved_nor_armed(desk):
    desk.armed().approval.ask(PLAN + 1, needs_arc=True)  # planned anew: what was said is void
    assert desk.state is ApprovalState.AWAITED and desk.approval.take() is None
    for act in (lambda: desk.approval.approve(PLAN, 'Anna'), lambda: desk.approval.arm(PLAN, 'Anna', 'word')):
        with refused('Another plan'):
            act()


def test_what_is_not_approved_is_not_armed(desk):
    desk.approval.ask(PLAN, needs_arc=True)
    with refused('not approved'):
        desk.approval.arm(PLAN, 'Anna', 'word')
    desk.approval.approve(PLAN, 'Anna')
    with refused('A name of the lease is needed'):
        desk.approval.arm(PLAN, 'Anna', '')
    assert desk.approval.take() is None


def test_an_approval_and_an_arming_lapse(desk):
    desk.approval.ask(PLAN, needs_arc=True)
    desk.approval.approve(PLAN, 'Anna')
    assert desk.approval.status.expires_in_s == 30.0
    desk.now_s += 31.0
    assert desk.state is ApprovalState.AWAITED and 'approval has expired' in desk.told[-1].note
    desk.armed()
    for _ in range(16):
        desk.now_s += 2.0
        desk.approval.heard('word')
    assert desk.approval.take() is None and 'arming has expired' in desk.told[-1].note


def test_an_arming_ends_with_its_lease(desk):
    desk.armed()
    desk.now_s += 2.0
    desk.approval.heard('of somebody else')
    desk.now_s += 1.5
    assert desk.approval.take() is None and desk.state is ApprovalState.AWAITED
    desk.approval.heard('word')  # what has ended does not come back
    assert desk.approval.take() is None


def test_the_weld_goes_on_while_who_armed_is_heard(desk):
    consent = desk.armed().approval.take()
    assert (consent.approved_by, consent.armed_by) == ('Anna', 'Ben') and consent.armed_utc
    for _ in range(100):
        desk.now_s += 2.5
        desk.approval.heard('word')
        desk.approval.check()
    desk.now_s += 3.5
    with pytest.raises(ArcReleasedError, match='Ben, who armed the arc, has not been heard of for 3 s'):
        desk.approval.check()
    assert desk.state is ApprovalState.RELEASED
    desk.approval.heard('word')
    with pytest.raises(ArcReleasedError):
        desk.approval.check()
    desk.approval.end()
    desk.approval.check()
    assert desk.state is ApprovalState.NONE


def test_anybody_disarms(desk):
    assert desk.armed().approval.disarm().startswith('Disarmed') and desk.approval.take() is None
    desk.armed().approval.take()
    desk.approval.disarm()
    with pytest.raises(ArcReleasedError, match='disarmed during the weld'):
        desk.approval.check()
