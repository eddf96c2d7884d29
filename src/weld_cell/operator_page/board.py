"""What the page shows, between who learns of it and who sends it: sections and pictures, their changes counted."""

import threading
from dataclasses import dataclass
from typing import Any

Section = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """A picture for the page.

    Attributes:
        count: How many there were in its place.
        jpeg: It.
    """

    count: int
    jpeg: bytes


class Board:
    """Safe to use from several threads; what is put is not changed afterwards.

    Attributes:
        watchers: How many browsers watch; pictures and the like are made for them only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sections: dict[str, tuple[int, Section]] = {}
        self._pictures: dict[str, Picture] = {}
        self.watchers = 0

    def put(self, name: str, section: Section) -> None:
        """A section as it is now."""
        with self._lock:
            count, before = self._sections.get(name, (0, None))
            if section != before:
                self._sections[name] = count + 1, section

    def put_picture(self, place: str, jpeg: bytes) -> None:
        """The newest picture of a place."""
        with self._lock:
            before = self._pictures.get(place)
            self._pictures[place] = Picture(before.count + 1 if before else 1, jpeg)

    def section(self, name: str) -> Section:
        """A section; empty where nothing is known."""
        with self._lock:
            return self._sections.get(name, (0, {}))[1]

    def changed(self, seen: dict[str, int]) -> dict[str, Section]:
        """The sections that have changed since they were seen; `seen` is brought up to date."""
        with self._lock:
            news = {name: each for name, each in self._sections.items() if each[0] != seen.get(name)}
        seen.update({name: count for name, (count, _) in news.items()})
        return {name: section for name, (_, section) in news.items()}

    def new_pictures(self, seen: dict[str, int]) -> dict[str, bytes]:
        """The pictures that are newer than those seen; `seen` is brought up to date."""
        with self._lock:
            news = {place: each for place, each in self._pictures.items() if each.count != seen.get(place)}
        seen.update({place: each.count for place, each in news.items()})
        return {place: each.jpeg for place, each in news.items()}

    def watch(self, more: int) -> None:
        """A browser begins (1) or ends (-1) to watch."""
        with self._lock:
            self.watchers += more
