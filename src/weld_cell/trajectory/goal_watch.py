"""Client-side state of FollowJointTrajectory goals: answered, replaced, lost, ended. Without ROS.

A new goal that is accepted replaces the one before, which then ends as aborted (before Jazzy's 4.42: cancelled) with
INVALID_GOAL: so joint_trajectory_controller lets a motion be corrected in flight. It is no fault.
"""

from dataclasses import dataclass
from enum import IntEnum

from weld_cell.errors import (
    ControllerSilentError,
    MotionEndedError,
    MotionReplacedError,
    TrajectoryRejectedError,
    WeldCellError,
)

CONTROLLER = 'joint_trajectory_controller'
_LOG = 'See the log of the controller, or of robot_sim.'


class GoalEnd(IntEnum):
    """How a goal ended: the numbers of action_msgs/GoalStatus."""

    UNKNOWN = 0
    SUCCEEDED = 4
    CANCELED = 5
    ABORTED = 6


@dataclass(frozen=True)
class ControllerAnswer:
    """What a robot controller has answered to a piece of work of one or more goals.

    Attributes:
        text: Its last answer, in words.
        final: Whether no goal is under way any more.
        replaced: How many goals it has ended because we have replaced them by later ones.
    """

    text: str
    final: bool
    replaced: int = 0


class ResultCode(IntEnum):
    """error_code of FollowJointTrajectory's result."""

    SUCCESSFUL = 0
    INVALID_GOAL = -1
    INVALID_JOINTS = -2
    OLD_HEADER_TIMESTAMP = -3
    PATH_TOLERANCE_VIOLATED = -4
    GOAL_TOLERANCE_VIOLATED = -5


_MEANING = {
    ResultCode.INVALID_GOAL: (
        'another client has replaced it, or the controller was deactivated',
        'Let nobody else send trajectories to this controller (ros2 action info -t), nor deactivate it; see its log.',
    ),
    ResultCode.INVALID_JOINTS: (
        "the trajectory's joints are not the controller's",
        'Set controller.joints and controller.prefix to the parameter joints of the controller.',
    ),
    ResultCode.OLD_HEADER_TIMESTAMP: (
        'the trajectory would have begun in the past',
        'Set the clocks of both computers alike (NTP), and use_sim_time on all nodes or on none.',
    ),
    ResultCode.PATH_TOLERANCE_VIOLATED: (
        'a robot joint was too far off its way',
        'Look at the robot for a collision, an overload, or a speed that it cannot follow; then lower the speed or '
        'raise controller.path_tolerance_rad.',
    ),
    ResultCode.GOAL_TOLERANCE_VIOLATED: (
        'the robot did not come to rest at the end in time',
        'Look for what holds the robot; then raise controller.goal_tolerance_rad or controller.goal_time_s.',
    ),
}


def ended_error(end: GoalEnd, code: int, said: str) -> WeldCellError:
    """What it means that a goal ended so.

    Args:
        end: Its last status.
        code: error_code of its result.
        said: error_string of its result.
    """
    words = f' It says: {said}' if said else ''
    if end is GoalEnd.CANCELED and code == ResultCode.SUCCESSFUL:
        return MotionEndedError(f'The motion was cancelled: the robot holds its position.{words}', 'Plan again.')
    if code not in _MEANING:
        status = 'has forgotten the goal' if end is GoalEnd.UNKNOWN else f'ended the motion, code {code}'
        return MotionEndedError(f'{CONTROLLER} {status}.{words}', f'Was it started again? {_LOG}')
    what, remedy = _MEANING[ResultCode(code)]
    kind = MotionReplacedError if code == ResultCode.INVALID_GOAL else MotionEndedError
    return kind(f'{CONTROLLER} ended the motion, code {code}: {what}.{words}', remedy)


@dataclass
class _Goal:
    """A goal that was sent.

    Attributes:
        sent_s: When.
        end_s: When its trajectory ends.
        heard_s: When something was last heard of it.
        accepted: Whether the controller took it.
    """

    sent_s: float
    end_s: float
    heard_s: float
    accepted: bool = False


class GoalWatch:
    """All goals of one client that are under way. Times are seconds of one clock that only goes on.

    Args:
        answer_s: How long the controller may be silent.
        goal_time_s: How late it may be with the end of a motion, beside.

    Attributes:
        worst_rad: Largest error of a robot joint in the feedback of the newest goal that was accepted.
    """

    def __init__(self, answer_s: float, goal_time_s: float) -> None:
        self._answer_s, self._late_s = answer_s, answer_s + goal_time_s
        self._goals: dict[int, _Goal] = {}
        self._count = 0
        self._stopping = False
        self._faults: list[WeldCellError] = []
        self._first, self._answer, self._replaced, self._rejected = 1, '', 0, -1
        self.worst_rad = 0.0

    @property
    def under_way(self) -> bool:
        """Whether a goal waits for its answer or its end."""
        return bool(self._goals)

    @property
    def unanswered(self) -> bool:
        """Whether a goal waits for its answer."""
        return any(not goal.accepted for goal in self._goals.values())

    def unanswered_s(self, now_s: float) -> float:
        """How long the oldest goal has been waiting for its answer; 0 without any."""
        return max((now_s - goal.sent_s for goal in self._goals.values() if not goal.accepted), default=0.0)

    @property
    def answer(self) -> ControllerAnswer | None:
        """To the goals since `count_anew`; None before the first answer."""
        under_way = any(number >= self._first for number in self._goals)
        return ControllerAnswer(self._answer, not under_way, self._replaced) if self._answer else None

    def count_anew(self) -> None:
        """From here on goals belong to a new piece of work."""
        self._first, self._answer, self._replaced = self._count + 1, '', 0

    def forget(self) -> None:
        """Before a new piece of work: what was not reported so far no longer matters."""
        self._goals, self._faults, self._stopping = {}, [], False
        self.count_anew()

    def sent(self, now_s: float, duration_s: float) -> int:
        """A goal is sent whose trajectory ends in duration_s; its number."""
        self._count += 1
        self._stopping = False
        self._goals[self._count] = _Goal(now_s, now_s + duration_s, now_s)
        return self._count

    def accepted(self, number: int, now_s: float) -> None:
        """The controller took it: those before it are replaced."""
        for each in [each for each in self._goals if each < number]:
            self._count_replaced(each, self._goals.pop(each).accepted)
        if number in self._goals:
            goal, self.worst_rad = self._goals[number], 0.0
            goal.accepted, goal.heard_s = True, now_s
            self._note_answer(number, 'goal accepted')
        elif any(each > number for each in self._goals):  # a later one was accepted before this answer came
            self._count_replaced(number)

    def _count_replaced(self, number: int, was_accepted: bool = True) -> None:
        self._replaced += was_accepted and number >= self._first

    def _note_answer(self, number: int, text: str) -> None:
        if number >= self._first:
            self._answer = text

    def rejected(self, number: int) -> None:
        """The controller refused it: the one before goes on."""
        if self._goals.pop(number, None) is not None:
            self._note_answer(number, 'goal rejected')
            self._rejected = number
            self._faults.append(
                TrajectoryRejectedError(
                    f'{CONTROLLER} has rejected the trajectory; an action gives no reason.',
                    f'{_LOG} Is it active (ros2 control list_controllers)? Are controller.joints and '
                    'controller.prefix its own, and the clocks alike?',
                )
            )

    def feedback(self, number: int, now_s: float, error_rad: float) -> None:
        """The controller reports how the motion goes."""
        if number in self._goals:
            self._goals[number].heard_s = now_s
            self.worst_rad = max(self.worst_rad, error_rad)

    def ended(self, number: int, end: GoalEnd, code: int, said: str) -> bool:
        """The controller reports how a goal ended; whether it did so as it should."""
        if self._goals.pop(number, None) is None:
            return False  # it was replaced
        replaced = code == ResultCode.INVALID_GOAL and any(each > number for each in self._goals)
        if replaced:
            self._count_replaced(number)
        else:
            words = f': {said}' if said else ''
            self._note_answer(number, f'goal {end.name.lower()}, code {code}{words}')
        if end is GoalEnd.SUCCEEDED and code == ResultCode.SUCCESSFUL:
            return True
        if not replaced and not (self._stopping and end is GoalEnd.CANCELED):
            self._faults.append(ended_error(end, code, said))
        return False

    def require_taken(self) -> None:
        """Check the answer to the goal that was sent last.

        Raises:
            TrajectoryRejectedError: it was rejected.
            ControllerSilentError: no answer has come yet.
        """
        if self._count == self._rejected:
            raise TrajectoryRejectedError(f'{CONTROLLER} has rejected it.', _LOG)
        newest = self._goals.get(self._count)
        if newest is not None and not newest.accepted:
            raise ControllerSilentError(f'{CONTROLLER} has not answered.', _LOG)

    def stopping(self) -> None:
        """The goals are to be cancelled: that they end so is no fault."""
        self._stopping = True

    def cancel_refused(self) -> None:
        """The controller did not cancel them."""
        if self._goals:
            self._faults.append(
                MotionEndedError(
                    f'{CONTROLLER} refuses to cancel the motion: the robot goes on.',
                    'Stop the robot at its own panel.',
                )
            )

    def check(self, now_s: float, there: bool) -> None:
        """To be called again and again.

        Args:
            now_s: Time.
            there: Whether the action's server is to be seen.

        Raises:
            TrajectoryRejectedError: the controller rejected a goal; said once.
            MotionEndedError: it ended a motion that should have gone on; said once.
            ControllerSilentError: it is gone, or does not answer; said once.
        """
        if not self._faults:
            self._look_for_silence(now_s, there)
        if self._faults:
            raise self._faults.pop(0)

    def _look_for_silence(self, now_s: float, there: bool) -> None:
        for number, goal in list(self._goals.items()):
            silent_s = now_s - goal.heard_s
            if not there and silent_s > self._answer_s / 4:
                self._lost(number, f'{CONTROLLER} is gone')
            elif silent_s > self._answer_s:
                what = 'no feedback of the motion' if goal.accepted else 'no answer to a trajectory'
                self._lost(number, f'{CONTROLLER} is silent: {what} for {silent_s:.1f} s')
            elif now_s > goal.end_s + self._late_s:
                self._lost(number, f'{CONTROLLER} is {now_s - goal.end_s:.1f} s late with the end of the motion')

    def _lost(self, number: int, what: str) -> None:
        del self._goals[number]
        self._faults.append(
            ControllerSilentError(
                f'{what}. Where the robot goes is not known.',
                'Look at the robot; is its driver alive (ros2 control list_controllers), its network up? '
                'controller.answer_s says how long it may be silent.',
            )
        )
