"""Pixels out of the bytes that a machine-vision camera sends.

Formats and their numbers are those of EMVA's Pixel Format Naming Convention (PFNC 2.x) and, for names that end in
Packed, of GigE Vision 1.x. The two pack differently: of a pair of 12-bit pixels, Mono12p begins with the low 8 bits
of the first one, Mono12Packed with its high 8 bits.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from weld_cell.errors import ImageError
from weld_cell.records import ImageArray

Values = np.ndarray[Any, Any]
"""Of pixels, uint8 or uint16."""

# OpenCV names a Bayer pattern by the second and third pixel of its second row, GenICam by the first two of the first.
_TO_BGR = {
    'RG': cv2.COLOR_BayerBG2BGR,
    'GB': cv2.COLOR_BayerGR2BGR,
    'GR': cv2.COLOR_BayerGB2BGR,
    'BG': cv2.COLOR_BayerRG2BGR,
}


@dataclass(frozen=True)
class PixelFormat:
    """How a camera lays out an image.

    Attributes:
        name: Its name in the feature PixelFormat.
        code: Its number in the leader of an image.
        bits: Of a value.
        layout: plain (a value in one byte, or in two, low one first), lsb (PFNC's p) or gige (GigE Vision's Packed).
        colour: mono, RGB, BGR, or the first two pixels of a Bayer pattern.
    """

    name: str
    code: int
    bits: int
    layout: str = 'plain'
    colour: str = 'mono'

    @property
    def channels(self) -> int:
        """Values of a pixel."""
        return 3 if self.colour in ('RGB', 'BGR') else 1

    def size_bytes(self, values: int) -> int:
        """Bytes of so many values; rows follow each other without a gap."""
        if self.layout == 'gige':
            return 3 * (values // 2) + 2 * (values % 2)
        return (values * (self.bits if self.layout == 'lsb' else 8 * self.bytes_of_value) + 7) // 8

    @property
    def bytes_of_value(self) -> int:
        """Bytes of a value in the plain layout."""
        return 1 if self.bits == 8 else 2


def _bayer(bits: int, layout: str, suffix: str, codes: dict[str, int]) -> list[PixelFormat]:
    return [PixelFormat(f'Bayer{colour}{suffix}', code, bits, layout, colour) for colour, code in codes.items()]


_FORMATS = [
    PixelFormat('Mono8', 0x01080001, 8),
    PixelFormat('Mono10', 0x01100003, 10),
    PixelFormat('Mono12', 0x01100005, 12),
    PixelFormat('Mono14', 0x01100025, 14),
    PixelFormat('Mono16', 0x01100007, 16),
    PixelFormat('Mono10p', 0x010A0046, 10, 'lsb'),
    PixelFormat('Mono12p', 0x010C0047, 12, 'lsb'),
    PixelFormat('Mono10Packed', 0x010C0004, 10, 'gige'),
    PixelFormat('Mono12Packed', 0x010C0006, 12, 'gige'),
    PixelFormat('RGB8', 0x02180014, 8, colour='RGB'),
    PixelFormat('BGR8', 0x02180015, 8, colour='BGR'),
    *_bayer(8, 'plain', '8', {'GR': 0x01080008, 'RG': 0x01080009, 'GB': 0x0108000A, 'BG': 0x0108000B}),
    *_bayer(10, 'plain', '10', {'GR': 0x0110000C, 'RG': 0x0110000D, 'GB': 0x0110000E, 'BG': 0x0110000F}),
    *_bayer(12, 'plain', '12', {'GR': 0x01100010, 'RG': 0x01100011, 'GB': 0x01100012, 'BG': 0x01100013}),
    *_bayer(12, 'gige', '12Packed', {'GR': 0x010C002A, 'RG': 0x010C002B, 'GB': 0x010C002C, 'BG': 0x010C002D}),
    *_bayer(10, 'lsb', '10p', {'GR': 0x010A0056, 'RG': 0x010A0058, 'GB': 0x010A0054, 'BG': 0x010A0052}),
    *_bayer(12, 'lsb', '12p', {'GR': 0x010C0057, 'RG': 0x010C0059, 'GB': 0x010C0055, 'BG': 0x010C0053}),
]
PIXEL_FORMATS = {pixel_format.name: pixel_format for pixel_format in _FORMATS}
"""Every format that is taken, by its name in the feature PixelFormat."""
_BY_CODE = {pixel_format.code: pixel_format for pixel_format in _FORMATS}


def pixel_format_of(code: int) -> PixelFormat:
    """The format of that number.

    Raises:
        ImageError: it is not taken.
    """
    if code not in _BY_CODE:
        raise ImageError(
            f'The camera sends pixel format 0x{code:08X}, which is not supported.',
            f'Set its PixelFormat to one of: {", ".join(PIXEL_FORMATS)}.',
        )
    return _BY_CODE[code]


def unpack(data: bytes, size_px: tuple[int, int], pixel_format: PixelFormat) -> Values:
    """The values as the sensor gave them: (h, w) or, of a colour format, (h, w, 3); uint8 up to 8 bits, else uint16.

    Args:
        data: The image as it came; what follows it, such as chunks, is left out.
        size_px: Width and height.
        pixel_format: How it is laid out.

    Raises:
        ImageError: the data is too short for the size.
    """
    width, height = size_px
    count = width * height * pixel_format.channels
    needed = pixel_format.size_bytes(count)
    if len(data) < needed or not count:
        raise ImageError(
            f'An image of {width} x {height} {pixel_format.name} has {needed} bytes, {len(data)} came.',
            'Check link and packet size of the camera.',
        )
    row = np.frombuffer(data, np.uint8, needed)
    shape = (height, width) if pixel_format.channels == 1 else (height, width, 3)
    return _unpacked(row, count, pixel_format).reshape(shape)


def to_pixels(values: Values, pixel_format: PixelFormat) -> ImageArray:
    """Grey (h, w) or BGR (h, w, 3) with 8 bits: the high 8 bits of each value, so that the sensor's white is 255."""
    eight = values if pixel_format.bits == 8 else (values >> (pixel_format.bits - 8)).astype(np.uint8)
    if pixel_format.colour == 'RGB':
        return np.ascontiguousarray(eight[..., ::-1])
    if pixel_format.colour in _TO_BGR:
        return np.asarray(cv2.cvtColor(eight, _TO_BGR[pixel_format.colour]), np.uint8)
    return eight


def _unpacked(row: ImageArray, count: int, pixel_format: PixelFormat) -> Values:
    """(count,) of (n,) uint8."""
    if pixel_format.layout == 'plain':
        return row if pixel_format.bits == 8 else row.view('<u2').astype(np.uint16)
    if pixel_format.layout == 'lsb':
        return _least_significant_first(row, count, pixel_format.bits)
    return _pairs_of_gige(row, count, pixel_format.bits)


def _least_significant_first(row: ImageArray, count: int, bits: int) -> Values:
    """PFNC's p: the values one after the other in a stream of bits, each with its lowest bit first."""
    group = {10: 4, 12: 2}[bits]  # values that end together with a byte
    size = group * bits // 8
    groups = -(-count // group)
    padded = np.zeros((groups, size), np.uint16)
    padded.reshape(-1)[: row.size] = row
    values = np.empty((groups, group), np.uint16)
    for index in range(group):
        byte, shift = divmod(index * bits, 8)
        values[:, index] = padded[:, byte] >> shift | padded[:, byte + 1] << (8 - shift)
    return (values & (1 << bits) - 1).reshape(-1)[:count]


def _pairs_of_gige(row: ImageArray, count: int, bits: int) -> Values:
    """GigE Vision's Packed: high 8 bits of the first, a byte with the low bits of both, high 8 bits of the second."""
    pairs = -(-count // 2)
    padded = np.zeros((pairs, 3), np.uint16)
    padded.reshape(-1)[: row.size] = row
    low = bits - 8
    mask = (1 << low) - 1
    values = np.empty((pairs, 2), np.uint16)
    values[:, 0] = padded[:, 0] << low | padded[:, 1] & mask
    values[:, 1] = padded[:, 2] << low | padded[:, 1] >> 4 & mask
    return values.reshape(-1)[:count]
