"""`weld_cell camera grab`: save images of a GigE Vision camera."""

import argparse
import json
from pathlib import Path

import cv2
from tqdm import tqdm

from weld_cell.commands.camera_options import add_camera_arguments, opened_camera, seconds
from weld_cell.devices.gige_vision import RawImage
from weld_cell.devices.pixel_formats import to_pixels
from weld_cell.models.files import write_atomically
from weld_cell.option_types import folder_to_write, whole_number
from weld_cell.records import ImageArray

EXAMPLES = """Examples:
  weld_cell camera grab
  weld_cell camera grab 192.168.10.12 --count 20 --out board/ --set ExposureTime=8000
  weld_cell camera grab --set PixelFormat=Mono12p --raw

Each file is named after the time of its acquisition in ns. With --raw the values are those of the sensor: 16 bits a
pixel where it has more than 8, a Bayer pattern as it is. An incomplete image is never written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_camera_arguments(parser)
    parser.add_argument('--count', type=whole_number(1), default=1, help='so many images (default: %(default)s)')
    parser.add_argument(
        '--out', type=folder_to_write, default=Path('out/camera'), help='folder (default: %(default)s)'
    )
    parser.add_argument('--raw', action='store_true', help='all bits of the sensor, colours as they are')
    parser.add_argument(
        '--timeout', type=seconds, default=5.0, metavar='S', help='for an image (default: %(default)s)'
    )
    parser.add_argument('--json', action='store_true', help='print JSON')


def run(arguments: argparse.Namespace) -> int:
    """Grab the images."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    written = []
    with opened_camera(arguments) as camera:
        for _ in tqdm(range(arguments.count), unit='image', disable=arguments.count == 1):
            raw = camera.grab_raw(arguments.timeout)
            path = arguments.out / f'{raw.stamp_ns}.png'
            png = cv2.imencode('.png', _picture(raw, arguments.raw))[1].tobytes()
            write_atomically(path, lambda stream, png=png: stream.write(png))  # type: ignore[misc]
            written.append({'file': str(path), 'stamp_ns': raw.stamp_ns, 'pixel_format': raw.pixel_format.name})
    print(json.dumps(written, indent=1) if arguments.json else '\n'.join(str(image['file']) for image in written))
    return 0


def _picture(raw: RawImage, as_it_is: bool) -> ImageArray:
    if not as_it_is:
        return to_pixels(raw.values, raw.pixel_format)
    return raw.values[..., ::-1] if raw.pixel_format.colour == 'RGB' else raw.values
