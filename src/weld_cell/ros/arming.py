"""Whether the arc of a planned weld may be struck: for good by a parameter, or weld by weld by a service."""

from collections.abc import Callable

from rclpy.node import Node
from rclpy.timer import Timer

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import declare
from weld_cell.ros.services import trigger_service

UNUSED_S = 10.0
"""An armed plan that is not executed by then is disarmed, whatever became of who armed it."""
BEHIND_S = 5.0
"""So long after the end of its motion a weld is disarmed, if nobody has done that."""


class Arming:
    """Parameters `armed` and `arm_each_weld`, services `weld/arm` and `weld/disarm`.

    Args:
        node: The node that sends welds.
        health: Of it.
        changed: Called when a weld was armed or disarmed; raises a WeldCellError where there is none to arm.
    """

    def __init__(self, node: Node, health: NodeHealth, changed: Callable[[], None]) -> None:
        self._node, self._changed = node, changed
        self._allowed = declare(node, 'armed', False, 'The arc may be struck; false: dry run.')
        self._each = declare(
            node, 'arm_each_weld', False, 'With armed: each weld is a dry run but for those that weld/arm has armed.'
        )
        self._now = False
        self._timer: Timer | None = None
        trigger_service(node, 'weld/arm', health, self._arm)
        trigger_service(node, 'weld/disarm', health, self.disarm)

    @property
    def armed(self) -> bool:
        """Whether the arc may be struck now."""
        return bool(self._allowed and (self._now or not self._each))

    @property
    def mode(self) -> str:
        """See `WeldStatus.mode`."""
        return 'armed' if self.armed else 'unarmed' if self._allowed else 'dry run'

    def _arm(self) -> str:
        if not self._allowed:
            raise TrajectoryRejectedError('Each weld is a dry run.', 'Start the cell with armed:=true.')
        if self._each:
            self._set(True, UNUSED_S)
            try:
                self._changed()
            except Exception:
                self._set(False)
                raise
        return 'The weld is armed.'

    def disarm(self) -> str:
        """Take it back; a sentence about it."""
        if self._now:
            self._set(False)
            self._changed()
        return f'The weld is {"armed for good: arm_each_weld is off" if self.armed else "not armed"}.'

    def lapse(self) -> None:
        """Disarm without a word: there is another plan by now."""
        self._set(False)

    def executing(self, duration_s: float) -> None:
        """The weld goes on for so long."""
        if self._now:
            self._set(True, duration_s + BEHIND_S)

    def _set(self, now: bool, for_s: float = 0.0) -> None:
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None
        self._now = now
        if now:
            self._timer = self._node.create_timer(for_s, self.disarm)
