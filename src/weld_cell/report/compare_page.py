"""Two runs over the same bags: differences as CSV and JSON, pictures of the largest, a page."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from weld_cell.farm.comparison import Compared, Comparison
from weld_cell.report.compare_pictures import draw_difference
from weld_cell.report.page import Picture, write_page

CSV_FILE, JSON_FILE, PICTURES = 'differences.csv', 'comparison.json', 'pictures'
SHOWN = (
    'verdict',
    'joint_type',
    'vote_share',
    'seam_points',
    'image_errors',
    'path_length_mm',
    'residual_rms_mm',
    'refusal',
    'reason',
)
MOVED = ('moved_p50_mm', 'moved_p95_mm', 'moved_max_mm')


@dataclass(frozen=True)
class ShownBag:
    """A bag on the page."""

    bag: str
    changes: str
    moved: str
    a: str
    b: str


def write_comparison(comparison: Comparison, folder: Path, command: str, pictures: int) -> None:
    """Write differences.csv (a row a bag), comparison.json, pictures/ and index.html.

    Args:
        comparison: What was compared.
        folder: Made if it is missing.
        command: That compared, for the page.
        pictures: At most so many bags are drawn, the most different ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(comparison, folder / CSV_FILE)
    (folder / JSON_FILE).write_text(json.dumps(as_dict(comparison), indent=1) + '\n', encoding='utf-8')
    write_page(
        folder,
        'compare.html.j2',
        comparison=comparison,
        command=command,
        heading=heading(comparison),
        moved=comparison.moved_mm(),
        shown=[_shown(bag) for bag in comparison.differing],
        pictures=[_drawn(comparison, bag, folder) for bag in comparison.differing[:pictures]],
        csv_file=CSV_FILE,
        json_file=JSON_FILE,
    )


def heading(comparison: Comparison) -> str:
    """In a sentence."""
    if comparison.is_same:
        return f'None of {len(comparison.bags)} bags differs by more than {comparison.tolerance_mm:g} mm'
    return f'{len(comparison.differing)} of {len(comparison.bags)} bags differ'


def as_dict(comparison: Comparison) -> dict[str, object]:
    """Ready for JSON."""
    return {
        'a': {'name': comparison.a.name, 'results': str(comparison.a.out)},
        'b': {'name': comparison.b.name, 'results': str(comparison.b.out)},
        'tolerance_mm': comparison.tolerance_mm,
        'same': comparison.is_same,
        'bags': len(comparison.bags),
        'differing': len(comparison.differing),
        'counts': comparison.counts(),
        'moved_mm': comparison.moved_mm(),
        'only_a': comparison.only_a,
        'only_b': comparison.only_b,
        'differences': [_as_row(bag) for bag in comparison.differing],
    }


def _as_row(bag: Compared) -> dict[str, object]:
    moved: tuple[float | None, ...] = bag.moved_mm or (None, None, None)
    row: dict[str, object] = {'bag': bag.bag, 'address': bag.b['address'], 'changes': '; '.join(bag.changes)}
    row |= {name: None if value is None else round(value, 5) for name, value in zip(MOVED, moved, strict=True)}
    for name in SHOWN:
        row |= {f'{name}_a': bag.a.get(name), f'{name}_b': bag.b.get(name)}
    return row


def _write_csv(comparison: Comparison, path: Path) -> None:
    rows = [_as_row(bag) for bag in comparison.bags]
    with path.open('w', encoding='utf-8', newline='') as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)


def _shown(bag: Compared) -> ShownBag:
    moved = '' if bag.moved_mm is None else ' / '.join(f'{value:.3f}' for value in bag.moved_mm)
    return ShownBag(bag.bag, ', '.join(bag.changes), moved, _said(bag.a), _said(bag.b))


def _said(row: dict[str, str | int | float | None]) -> str:
    words = [str(row['verdict']), str(row.get('joint_type') or '')]
    if row.get('refusal'):
        words.append(f'{row["refusal"]}: {row["reason"]}')
    return ' '.join(word for word in words if word)


def _drawn(comparison: Comparison, bag: Compared, folder: Path) -> Picture:
    (folder / PICTURES).mkdir(exist_ok=True)
    name = f'{PICTURES}/{bag.bag}.png'
    draw_difference(comparison, bag, folder / name)
    return Picture(name, f'{bag.bag}: {", ".join(bag.changes)}')
