"""The client's view of its goals: what is a fault, what is not, and how it is told."""

import pytest

from weld_cell.errors import (
    ControllerSilentError,
    MotionEndedError,
    MotionReplacedError,
    TrajectoryRejectedError,
)
from weld_cell.trajectory.goal_watch import GoalEnd, GoalWatch, ended_error

ANSWER_S, GOAL_TIME_S = 2.0, 1.0


@pytest.fixture
def watch():
    return GoalWatch(ANSWER_S, GOAL_TIME_S)


def under_way(watch, now_s=0.0, duration_s=10.0):
    number = watch.sent(now_s, duration_s)
    watch.accepted(number, now_s)
    return number


def test_nothing_sent_is_no_fault(watch):
    watch.check(1e6, there=False)
    watch.cancel_refused()
    watch.check(1e6, there=False)
    assert not watch.under_way and not watch.ended(7, GoalEnd.ABORTED, -4, '')


def test_a_goal_that_is_reached(watch):
    number = under_way(watch)
    watch.feedback(number, 1.0, 0.002)
    watch.feedback(number, 2.0, 0.001)
    assert watch.ended(number, GoalEnd.SUCCEEDED, 0, 'Goal successfully reached!')
    watch.check(100.0, there=True)
    assert watch.worst_rad == 0.002 and not watch.under_way


@pytest.mark.parametrize(
    ('code', 'kind', 'remedy'),
    [
        (-1, MotionReplacedError, 'nobody else'),
        (-2, MotionEndedError, 'controller.joints'),
        (-3, MotionEndedError, 'clocks'),
        (-4, MotionEndedError, 'controller.path_tolerance_rad'),
        (-5, MotionEndedError, 'controller.goal_tolerance_rad'),
        (-77, MotionEndedError, 'log'),
    ],
)
def test_each_result_code_has_its_remedy(watch, code, kind, remedy):
    watch.ended(under_way(watch), GoalEnd.ABORTED, code, 'in its words')
    with pytest.raises(kind, match='in its words') as raised:
        watch.check(0.1, there=True)
    assert remedy in raised.value.remedy and str(code) in raised.value.message
    watch.check(0.2, there=True)  # said once


def test_a_goal_that_nobody_knows_any_more_and_one_that_was_cancelled_by_somebody():
    assert 'forgotten' in str(ended_error(GoalEnd.UNKNOWN, 0, ''))
    assert 'cancelled' in str(ended_error(GoalEnd.CANCELED, 0, ''))


def test_a_rejected_goal_leaves_the_one_before_under_way(watch):
    first = under_way(watch)
    watch.rejected(watch.sent(0.1, 5.0))
    with pytest.raises(TrajectoryRejectedError, match='rejected'):
        watch.check(0.2, there=True)
    watch.check(0.3, there=True)
    assert watch.under_way and watch.ended(first, GoalEnd.SUCCEEDED, 0, '')


def test_the_last_answer_and_the_goals_that_we_replaced_are_counted(watch):
    assert watch.answer is None and watch.unanswered_s(5.0) == 0.0
    scan = under_way(watch)
    watch.count_anew()  # the weld
    watch.ended(scan, GoalEnd.SUCCEEDED, 0, '')
    first, second, third, last = (watch.sent(tenth / 10, 5.0) for tenth in range(4))
    assert watch.answer is None and watch.unanswered_s(1.0) == 1.0
    watch.accepted(first, 1.0)
    watch.accepted(third, 1.0)
    watch.accepted(second, 1.1)  # late: the third has replaced it
    assert (watch.answer.text, watch.answer.final, watch.answer.replaced) == ('goal accepted', False, 2)
    watch.ended(third, GoalEnd.ABORTED, -1, 'preempted')  # before the answer that the last one is accepted
    watch.accepted(last, 1.2)
    assert watch.unanswered_s(2.0) == 0.0
    watch.ended(first, GoalEnd.ABORTED, -1, 'preempted')
    watch.ended(last, GoalEnd.SUCCEEDED, 0, 'Goal successfully reached!')
    assert watch.answer.text == 'goal succeeded, code 0: Goal successfully reached!'
    assert watch.answer.final and watch.answer.replaced == 3


def test_whether_the_goal_that_was_sent_last_was_taken(watch):
    watch.require_taken()
    first = watch.sent(0.0, 5.0)
    with pytest.raises(ControllerSilentError, match='not answered'):
        watch.require_taken()
    watch.accepted(first, 0.1)
    watch.require_taken()
    watch.rejected(watch.sent(0.2, 5.0))
    with pytest.raises(TrajectoryRejectedError, match='rejected it'):
        watch.require_taken()
    watch.accepted(watch.sent(0.3, 5.0), 0.4)
    watch.require_taken()


@pytest.mark.parametrize('result_first', [False, True])
@pytest.mark.parametrize('end', [GoalEnd.ABORTED, GoalEnd.CANCELED])
def test_a_goal_that_we_replace_is_no_fault(watch, end, result_first):
    first, second = under_way(watch), watch.sent(0.1, 5.0)
    if result_first:
        watch.ended(first, end, -1, 'preempted')
        watch.accepted(second, 0.2)
    else:
        watch.accepted(second, 0.2)
        watch.ended(first, end, -1, 'preempted')
    watch.check(0.3, there=True)
    assert watch.ended(second, GoalEnd.SUCCEEDED, 0, '')


def test_many_goals_in_flight_are_answered_in_any_order(watch):
    numbers = [watch.sent(0.0, 5.0) for _ in range(3)]
    watch.accepted(numbers[2], 0.1)
    watch.accepted(numbers[0], 0.1)  # late
    watch.rejected(numbers[1])  # of what no longer matters
    watch.check(0.2, there=True)
    assert watch.ended(numbers[2], GoalEnd.SUCCEEDED, 0, '')


def test_a_cancelled_goal_is_no_fault_but_a_refused_cancel_is(watch):
    number = under_way(watch)
    watch.stopping()
    watch.ended(number, GoalEnd.CANCELED, 0, '')
    watch.check(0.1, there=True)
    under_way(watch)
    watch.stopping()
    watch.cancel_refused()
    with pytest.raises(MotionEndedError, match='refuses to cancel'):
        watch.check(0.2, there=True)


@pytest.mark.parametrize(
    ('accepted', 'now_s', 'there', 'words'),
    [
        (False, ANSWER_S + 0.1, True, 'no answer'),
        (True, ANSWER_S + 0.1, True, 'no feedback'),
        (False, 0.6, False, 'is gone'),
        (True, 0.6, False, 'is gone'),
    ],
)
def test_a_controller_that_is_silent_or_gone(watch, accepted, now_s, there, words):
    number = watch.sent(0.0, 10.0)
    if accepted:
        watch.accepted(number, 0.0)
    watch.check(0.4, there)  # not yet
    with pytest.raises(ControllerSilentError, match=words) as raised:
        watch.check(now_s, there)
    assert 'controller.answer_s' in raised.value.remedy
    watch.accepted(number, now_s)  # too late: it was told
    watch.check(now_s, there)
    assert not watch.under_way


def test_a_controller_that_is_late_with_the_end(watch):
    number = under_way(watch, duration_s=3.0)
    for tenth in range(60):
        watch.feedback(number, tenth / 10, 0.0)
        watch.check(tenth / 10, there=True)
    watch.feedback(number, 6.1, 0.0)
    with pytest.raises(ControllerSilentError, match='late with the end'):
        watch.check(6.1, there=True)


def test_what_was_not_told_is_forgotten_with_the_work_that_it_belongs_to(watch):
    watch.ended(under_way(watch), GoalEnd.ABORTED, -4, '')
    watch.forget()
    watch.check(100.0, there=False)
