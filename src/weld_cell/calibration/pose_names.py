"""Assignment of poses to images, by file name, number or time."""

import re
from collections.abc import Sequence
from pathlib import Path

NEAREST_S = 0.05
"""A pose belongs to the image of the same time where it is no further away."""
_TICKS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (0.0, 1.0))
"""From which size on a time counts in which unit (s): today is 1.8e9 s."""
_LEAST_TIME_S = 1e8


class ImageNames:
    """The images of a set.

    Args:
        images: Files.
    """

    def __init__(self, images: Sequence[Path]) -> None:
        self.names = [path.name for path in images]
        self._by_name = {key: path.name for path in images for key in (path.stem, path.name)}
        self._by_number = _unique({path.name: _last_number(path.stem) for path in images})
        times = {path.name: seconds(path.stem) for path in images}
        self._times_s = {name: time for name, time in times.items() if time is not None}

    def find(self, key: object) -> str | None:
        """Name of the image that a pose names: by file name with or without suffix and folder, by its number where
        only one image has it, or by its time; None where there is none."""
        text = str(key).strip().replace('\\', '/').split('/')[-1]
        name = self._by_name.get(text) or self._by_name.get(text.rsplit('.', 1)[0])
        return name or self._at(seconds(text)) or self._by_number.get(_last_number(text.rsplit('.', 1)[0]))

    def _at(self, time_s: float | None) -> str | None:
        if time_s is None or not self._times_s:
            return None
        name = min(self._times_s, key=lambda name: abs(self._times_s[name] - time_s))
        return name if abs(self._times_s[name] - time_s) <= NEAREST_S else None


def seconds(text: str) -> float | None:
    """A time of day since 1970, in whatever unit it is written; None of what is none."""
    if not re.fullmatch(r'\d{9,20}([._]\d+)?', text):
        return None
    value = float(text.replace('_', '.'))
    time_s = value * next(unit for least, unit in _TICKS if value >= least)
    return time_s if time_s >= _LEAST_TIME_S else None


def _last_number(text: str) -> int | None:
    found = re.findall(r'\d+', text)
    return int(found[-1]) if found else None


def _unique(numbers: dict[str, int | None]) -> dict[int | None, str]:
    told = list(numbers.values())
    return {number: name for name, number in numbers.items() if number is not None and told.count(number) == 1}
