"""Inspected spot welds as files: CSV and JSON for traceability, pictures, and a page."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from weld_cell.errors import WeldCellError
from weld_cell.images import write_image
from weld_cell.records import InspectedWeld, WeldInspection, WeldVerdict
from weld_cell.report.page import Picture, write_page
from weld_cell.report.spot_weld_overlay import draw_gallery, draw_inspection
from weld_cell.spot_weld_replay import InspectedImage

CSV_FILE, JSON_FILE = 'welds.csv', 'welds.json'
COLUMNS = (
    'time',
    'part',
    'image',
    'weld',
    'u_px',
    'v_px',
    'radius_px',
    'score',
    'verdict',
    'defects',
    'defect_px',
    'defect_mm2',
    'defect_x_mm',
    'defect_y_mm',
    'error',
    'why',
    'image_sha256',
    'bank_sha256',
    'weld_cell',
)


@dataclass(frozen=True)
class Traced:
    """What every row of the files says.

    Attributes:
        part: Serial number or code of the part; empty where nobody told it.
        bank_sha256: Of the bank's file.
        version: Of the program.
    """

    part: str
    bank_sha256: str
    version: str

    @classmethod
    def of(cls, part: str, bank: Path, version: str) -> 'Traced':
        """With the checksum of a bank's file.

        Raises:
            OSError: it cannot be read.
        """
        return cls(part, sha256(bank.read_bytes()).hexdigest(), version)


@dataclass
class _Page:
    """What the page shows, gathered image by image."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    images: list[tuple[str, list[Picture]]] = field(default_factory=list)

    def totals(self) -> dict[str, int]:
        counts = Counter(row['verdict'] or row['error'] for row in self.rows)
        welds = sum(counts[str(verdict)] for verdict in WeldVerdict)
        verdicts = {f'welds {verdict}': counts.pop(str(verdict), 0) for verdict in WeldVerdict}
        return {'images': len(self.images), 'welds': welds, **verdicts, **dict(sorted(counts.items()))}


def write_weld_files(
    inspected: Iterable[InspectedImage], folder: Path, traced: Traced, pictures: bool = True
) -> Iterator[InspectedImage]:
    """Write welds.csv and welds.json, a row a weld and one for each image that is not judged.

    The work is done while the caller iterates, so that it can show progress, and no image is kept. The same images
    give the same bytes, but for the times of files.

    Args:
        inspected: Image by image.
        folder: Result folder.
        traced: What every row says.
        pictures: Write also NAME_welds.png and NAME_gallery.png of each image, and index.html over them.

    Yields:
        Each image once it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = _Page()
    with (folder / CSV_FILE).open('w', encoding='utf-8', newline='') as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator='\n')
        table.writeheader()
        for image in inspected:
            rows = _rows(image, traced)
            table.writerows(rows)
            page.rows += rows
            page.images.append((f'{image.name}: {said_of(image.outcome)}', _drawn(image, folder) if pictures else []))
            yield image
    (folder / JSON_FILE).write_text(json.dumps(page.rows, indent=1) + '\n', encoding='utf-8')
    if pictures:
        shown = [{'title': title, 'pictures': drawn} for title, drawn in page.images]
        write_page(folder, 'spot_welds.html.j2', totals=page.totals(), images=shown, rows=page.rows, traced=traced)


def said_of(outcome: WeldInspection | WeldCellError) -> str:
    """What an image shows, in a line."""
    if isinstance(outcome, WeldCellError):
        return f'{type(outcome).__name__}: {outcome.message}'
    counts = ((verdict, sum(weld.verdict is verdict for weld in outcome.welds)) for verdict in WeldVerdict)
    told = ', '.join(f'{count} {verdict}' for verdict, count in counts if count)
    return told + (f'; {len(outcome.cut)} cut by the border' if outcome.cut else '')


def _drawn(image: InspectedImage, folder: Path) -> list[Picture]:
    """Both pictures of an image; the image itself where it is not judged."""
    found, name = image.outcome, image.name
    overlay = image.grey if isinstance(found, WeldCellError) else draw_inspection(image.grey, found)
    write_image(folder / f'{name}_welds.png', overlay)
    shown = [Picture(f'{name}_welds.png', said_of(found))]
    if not isinstance(found, WeldCellError):
        write_image(folder / f'{name}_gallery.png', draw_gallery(image.grey, found))
        shown.append(Picture(f'{name}_gallery.png', 'every weld beside its heat map, the worst first'))
    return shown


def _rows(image: InspectedImage, traced: Traced) -> list[dict[str, Any]]:
    of_image = {'time': image.time, 'part': traced.part, 'image': image.name, 'image_sha256': image.sha256}
    of_image |= {'bank_sha256': traced.bank_sha256, 'weld_cell': traced.version}
    if isinstance(image.outcome, WeldCellError):
        error = {'error': type(image.outcome).__name__, 'why': image.outcome.message}
        return [dict.fromkeys(COLUMNS, '') | of_image | error]
    numbered = enumerate(image.outcome.welds, 1)
    return [{'error': '', 'why': ''} | of_image | {'weld': number} | _weld_row(weld) for number, weld in numbered]


def _weld_row(weld: InspectedWeld) -> dict[str, Any]:
    """Its place, what is said of it, and its defects: their areas together, the place of the largest."""
    row: dict[str, Any] = {
        'u_px': round(float(weld.region.centre_px[0]), 2),
        'v_px': round(float(weld.region.centre_px[1]), 2),
        'radius_px': round(weld.region.radius_px, 2),
        'score': round(weld.score, 4),
        'verdict': str(weld.verdict),
        'defects': len(weld.defects),
        'defect_px': round(weld.defect_px, 1),
        'defect_mm2': '' if weld.defect_mm2 is None else round(weld.defect_mm2, 3),
    }
    place = weld.defects[0].place_m if weld.defects else None
    row['defect_x_mm'], row['defect_y_mm'] = ('', '') if place is None else (round(1e3 * float(v), 2) for v in place)
    return row
