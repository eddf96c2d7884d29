"""A self-contained HTML page from a template: index.html beside its pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weld_cell.templating import render

PAGE = 'index.html'


@dataclass(frozen=True)
class Picture:
    """A picture of a page.

    Attributes:
        file: Its name, from the folder of the page.
        caption: What it shows.
    """

    file: str
    caption: str


def write_page(folder: Path, template: str, **values: Any) -> None:
    """Fill a template that extends page.html.j2, and write it as index.html.

    Args:
        folder: Where the pictures are; made if it is missing.
        template: Its file name.
        values: By the names that the template uses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(render(template, **values), encoding='utf-8')
