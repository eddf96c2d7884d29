"""Waits of the cycle for the cell, while the robot is monitored."""

from collections.abc import Callable

from weld_cell.supervisor.motion import ScanMotion
from weld_cell.supervisor.port import CellPort, StageTimeoutError


class Waiting:
    """Waits through a port.

    Args:
        port: The cell.
        motion: What the robot was told to do.
    """

    def __init__(self, port: CellPort, motion: ScanMotion) -> None:
        self._port, self._motion = port, motion

    def until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Wait for a condition; False when the time is over.

        Raises:
            WeldCellError: the cell is no longer what the cycle needs, see `CellPort.wait` and `ScanMotion.check`.
        """

        def watched() -> bool:
            self._motion.check()
            return condition()

        return self._port.wait(watched, limit_s)

    def insist(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        """Wait for a condition without which the cycle cannot go on.

        Args:
            condition: Must come true.
            limit_s: How long that may take.
            what: Is waited for, for people.

        Raises:
            StageTimeoutError: the time is over.
            WeldCellError: as of `until`.
        """
        if not self.until(condition, limit_s):
            missing, complaints = self._port.ready(), self._port.complaints()
            said = [
                f'Waited {limit_s:.0f} s for {what} in vain.',
                f'Missing: {missing}.' if missing else '',
                complaints,
            ]
            raise StageTimeoutError(
                ' '.join(text for text in said if text), 'See /diagnostics: which node complains, and why?'
            )

    def rest(self, limit_s: float) -> None:
        """Wait until the robot has arrived where it was sent; raises as `insist`."""
        self.insist(lambda: self._motion.arrived, limit_s, 'the robot to arrive where it was sent')
