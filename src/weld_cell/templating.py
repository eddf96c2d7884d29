"""Rendering of the Jinja2 templates in `templates/`."""

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def render(template: str, **values: Any) -> str:
    """Fill a template.

    Args:
        template: File name below templates/; what ends in .html.j2 is escaped.
        values: By the names that the template uses; one that is missing is an error.
    """
    return _environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader('weld_cell'),
        autoescape=select_autoescape(['html.j2']),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
