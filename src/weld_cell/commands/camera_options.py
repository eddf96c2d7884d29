"""Options that the commands for GigE Vision cameras share."""

import argparse
import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields

from weld_cell.devices.factory import DeviceSettings
from weld_cell.devices.gige_features import FeatureValue
from weld_cell.devices.gige_vision import GigeVisionCamera


def add_camera_arguments(parser: argparse.ArgumentParser) -> None:
    """Which camera, at which rate, with which features."""
    parser.add_argument(
        'source', nargs='?', default='', help='address, serial number or name (default: the first one found)'
    )
    parser.add_argument('--rate', type=_rate, default=20.0, metavar='HZ', help='images per second (default: 20)')
    parser.add_argument(
        '--set',
        action='append',
        default=[],
        metavar='NAME=VALUE',
        help='a feature of the camera, for instance ExposureTime=5000; as often as needed',
    )


def seconds(text: str) -> float:
    """A time in seconds, more than 0."""
    value = _number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f'expected more than 0 s, got {text}')
    return value


def _rate(text: str) -> float:
    """Images per second, within what a node takes."""
    (bounds,) = (field.metadata for field in fields(DeviceSettings) if field.name == 'rate_hz')
    value = _number(text)
    if not bounds['low'] <= value <= bounds['high']:
        raise argparse.ArgumentTypeError(f'expected {bounds["low"]:g} to {bounds["high"]:g} Hz, got {text}')
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f'expected a number, got {text!r}')
    return value


@contextmanager
def opened_camera(arguments: argparse.Namespace) -> Iterator[GigeVisionCamera]:
    """The camera that the arguments name, streaming."""
    camera = GigeVisionCamera(arguments.source, arguments.rate, features_of(arguments.set), 'off', time.time_ns)
    with closing(camera):
        camera.open()
        yield camera


def features_of(words: list[str]) -> dict[str, FeatureValue]:
    """Names and values of NAME=VALUE.

    Raises:
        ValueError: a word is not of that form.
    """
    features = {}
    for word in words:
        name, equals, value = word.partition('=')
        if not (name and equals and value):
            raise ValueError(f'--set: expected NAME=VALUE, got {word!r}')
        features[name] = _value_of(value)
    return features


def _value_of(word: str) -> FeatureValue:
    if word.lower() in ('true', 'false'):
        return word.lower() == 'true'
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            continue
    return word
