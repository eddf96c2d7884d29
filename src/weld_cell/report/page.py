"""A plain HTML page from pictures and tables: one file beside its pictures, nothing fetched from elsewhere."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1c2430; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #d5dbe3; }
table { border-collapse: collapse; } td, th { padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } figure img { max-width: 100%; border: 1px solid #d5dbe3; }
figcaption { color: #55606e; font-size: .9rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .8rem; }
.grid figure { margin: 0; }
.good { color: #14713d; font-weight: 600; } .bad { color: #b3261e; font-weight: 600; }
"""


def table(rows: Mapping[str, object]) -> str:
    """Two columns: what, and its value."""
    cells = ''.join(
        f'<tr><th>{escape(name)}</th><td class="{_kind(value)}">{escape(str(value))}</td></tr>'
        for name, value in rows.items()
    )
    return f'<table>{cells}</table>'


def figure(picture: str, caption: str) -> str:
    """A picture (a file name beside the page) with its caption."""
    file, words = escape(picture), escape(caption)
    image = f'<a href="{file}"><img src="{file}" alt="{words}" loading="lazy"></a>'
    return f'<figure>{image}<figcaption>{words}</figcaption></figure>'


def grid(figures: Iterable[str]) -> str:
    """Small pictures side by side."""
    return f'<div class="grid">{"".join(figures)}</div>'


def section(title: str, *content: str) -> str:
    """A heading and what stands below it."""
    return f'<h2>{escape(title)}</h2>{"".join(content)}'


def verdict(good: bool, text: str) -> str:
    """A sentence in green or red."""
    return f'<p class="{"good" if good else "bad"}">{escape(text)}</p>'


def write_page(path: Path, title: str, *sections: str) -> None:
    """Write the page."""
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{"".join(sections)}</body></html>\n',
        encoding='utf-8',
    )


def _kind(value: object) -> str:
    return 'number' if isinstance(value, (int, float)) and not isinstance(value, bool) else 'text'
