"""Whether the stamps of a recording run on: one whose time jumps back holds several runs, whose poses cannot be told
apart by time."""

from weld_cell.errors import TimeJumpError

JUMP_NS = 1_000_000_000
"""Messages overtake each other by less."""


class TimeOrder:
    """The stamps of one source, in recorded order.

    Args:
        source: Of whom, for people.
    """

    def __init__(self, source: str) -> None:
        self._source, self._newest_ns = source, 0

    def check(self, stamp_ns: int) -> None:
        """The next stamp; 0 is none.

        Raises:
            TimeJumpError: it is earlier than one before by more than a second.
        """
        if 0 < stamp_ns < self._newest_ns - JUMP_NS:
            raise TimeJumpError(
                f'The time of the recording jumps back, on {self._source} from {self._newest_ns / 1e9:.3f} s to '
                f'{stamp_ns / 1e9:.3f} s: it holds several runs, or was looped.',
                'Record each run into a bag of its own, or cut this one: ros2 bag convert with start_time_ns and '
                'end_time_ns.',
            )
        self._newest_ns = max(self._newest_ns, stamp_ns)
