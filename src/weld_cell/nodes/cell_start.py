"""Node cell_start: calls `cell/start` once and ends. What `auto_start:=true` of cell.launch.xml means.

A parameter of the supervisor would not do: one that the launch has started again, because it died in the middle of a
weld, would set the robot in motion with nobody asking.
"""

from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from weld_cell.ros.spin import end_node, run_node

LOOK_S = 0.1


class CellStart(Node):
    """Waits for the supervisor, asks it to begin, says what it answered."""

    def __init__(self) -> None:
        super().__init__('cell_start')
        self._client = self.create_client(Trigger, 'cell/start')
        self._timer = self.create_timer(LOOK_S, self._ask)

    def _ask(self) -> None:
        if self._client.service_is_ready():
            self._timer.cancel()
            self._client.call_async(Trigger.Request()).add_done_callback(self._tell)

    def _tell(self, answered: Future) -> None:
        answer = answered.result()
        if answer.success:
            self.get_logger().info(answer.message)
        else:
            self.get_logger().error(f'cell/start: {answer.message}')
        end_node()


def main() -> int:
    """Run the node."""
    return run_node(CellStart)
