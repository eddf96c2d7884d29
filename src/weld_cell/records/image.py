"""An image as delivered by a device."""

from dataclasses import dataclass

from weld_cell.records.arrays import ImageArray


@dataclass(frozen=True, eq=False)
class CameraImage:
    """One image from a device.

    Attributes:
        pixels: (height, width) grey or (height, width, 3) BGR, uint8; (0, 0) of a simulated image that nobody wanted.
        stamp_ns: Time of acquisition.
        sequence: Count of the device, from 0; a gap tells of lost images.
        frame: Optical frame of the camera; empty where who made the image does not know it.
    """

    pixels: ImageArray
    stamp_ns: int
    sequence: int
    frame: str = ''
