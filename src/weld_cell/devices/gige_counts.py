"""Which images of a GigE Vision camera came whole, and what was lost of the others."""

from typing import Any

_HEADERS_BYTES = 36  # of IP, UDP and GVSP in each packet
_LAST_ID = 65535  # of cameras that count in 16 bits; the next one is 1


class ImageCounts:
    """Counts over all the times that a camera is opened.

    Attributes:
        incomplete: Images of which a packet was missing.
        skipped: Images of which no packet came.
        packets_missing: Of the incomplete ones, by the bytes that lack. (telegenicam's own count is many times that.)
        sequence: Of the last image, from 0, those that were lost included.
    """

    def __init__(self) -> None:
        self.incomplete = self.skipped = self.packets_missing = 0
        self.sequence = -1
        self._last_id: int | None = None

    def start(self) -> None:
        """The camera was opened: the next image follows the last one."""
        self._last_id = None

    def add(self, frame: Any, packet_size: int) -> bool:
        """Count a `telegenic.Frame`; whether it is whole.

        Args:
            frame: It.
            packet_size: In bytes, headers included.
        """
        step = 1 if self._last_id is None else ids_between(self._last_id, frame.frame_id)
        self._last_id = frame.frame_id
        self.sequence += step
        self.skipped += step - 1
        if frame.is_complete:
            return True
        lacking = frame.width * frame.height * frame.bits_per_pixel // 8 - frame.received_size
        self.incomplete += 1
        self.packets_missing += max(1, -(-lacking // (packet_size - _HEADERS_BYTES)))
        return False


def ids_between(last: int, current: int) -> int:
    """How far a camera's count of images went; 1 where it began again."""
    if current > last:
        return current - last
    around = current - last + _LAST_ID
    return around if last <= _LAST_ID and 0 < around <= _LAST_ID // 2 else 1
