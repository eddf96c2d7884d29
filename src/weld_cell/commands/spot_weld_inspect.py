"""`weld_cell spot-weld inspect IMAGE...`: judge the spot welds in images; pictures, JSON and CSV."""

import argparse
import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2

from weld_cell.commands.spot_weld_options import add_finding_arguments, chosen_finder
from weld_cell.errors import WeldCellError
from weld_cell.records import ImageArray, InspectedWeld, WeldInspection, WeldVerdict
from weld_cell.report.spot_weld_overlay import draw_gallery, draw_inspection
from weld_cell.spot_weld import Inspector, SpotWeldSettings, load_bank, open_features
from weld_cell.spot_weld.find import WeldFinder
from weld_cell.spot_weld.photos import read_grey

EXAMPLES = """Examples:
  weld_cell spot-weld inspect photos/*.png --bank my_plant.npz --out out/welds
  weld_cell spot-weld inspect coupon.jpg --bank coupons.npz --single --finder classical --diameter 80 220

Of each image: NAME_welds.png with all welds, NAME_gallery.png with each beside its heat map. welds.json and welds.csv
hold every weld: time, image and its SHA-256, number, place, score (1 is the threshold), verdict, defective pieces.
Exit code 0: all good; 1: a weld is doubtful or defective, or an image cannot be judged."""
COLUMNS = ('time', 'image', 'sha256', 'weld', 'u_px', 'v_px', 'radius_px', 'score', 'verdict', 'defects', 'defect_px')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('images', type=Path, nargs='+', help='photos of spot welds')
    parser.add_argument('--bank', type=Path, required=True, help='made by weld_cell spot-weld bank')
    parser.add_argument('--out', type=Path, default=Path('out/spot_welds'), help='folder (default: %(default)s)')
    add_finding_arguments(parser)


class _Surest:
    """A finder of which the surest region counts alone."""

    def __init__(self, finder: WeldFinder) -> None:
        self._finder = finder

    def regions(self, grey: ImageArray) -> 'tuple[Any, ...]':
        """At most one."""
        return self._finder.regions(grey)[:1]


def run(arguments: argparse.Namespace) -> int:
    """Inspect, draw and write; an image that cannot be judged is named and passed over.

    Raises:
        FeatureBankError: the bank cannot be used.
        ModelError: the features or the finder cannot be used.
    """
    finder = chosen_finder(arguments)
    inspector = Inspector(
        load_bank(arguments.bank),
        open_features(arguments.features),
        _Surest(finder) if arguments.single else finder,
        replace(SpotWeldSettings(), features=arguments.features),
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    unjudged = 0
    for path in arguments.images:
        try:
            rows += _inspected(inspector, path, arguments.out)
        except WeldCellError as error:
            unjudged += 1
            print(f'{path}: {error}')
    _write(rows, arguments.out)
    bad = sum(row['verdict'] != WeldVerdict.GOOD for row in rows)
    print(f'{arguments.out}: {len(rows)} welds, {bad} of them not good; {unjudged} images not judged')
    return int(bool(bad or unjudged))


def _inspected(inspector: Inspector, path: Path, out: Path) -> list[dict[str, Any]]:
    grey = read_grey(path)
    found = inspector.look(grey)
    cv2.imwrite(str(out / f'{path.stem}_welds.png'), draw_inspection(grey, found))
    cv2.imwrite(str(out / f'{path.stem}_gallery.png'), draw_gallery(grey, found))
    print(f'{path}: {_counts(found)}')
    told = {
        'time': datetime.now(UTC).isoformat(timespec='seconds'),
        'image': path.name,
        'sha256': hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    return [told | _row(number, weld) for number, weld in enumerate(found.welds, 1)]


def _counts(found: WeldInspection) -> str:
    counts = [(said, sum(weld.verdict is said for weld in found.welds)) for said in WeldVerdict]
    told = ', '.join(f'{count} {said}' for said, count in counts if count)
    return told + (f'; {len(found.cut)} cut by the border' if found.cut else '')


def _row(number: int, weld: InspectedWeld) -> dict[str, Any]:
    return {
        'weld': number,
        'u_px': round(float(weld.region.centre_px[0]), 2),
        'v_px': round(float(weld.region.centre_px[1]), 2),
        'radius_px': round(weld.region.radius_px, 2),
        'score': round(weld.score, 4),
        'verdict': str(weld.verdict),
        'defects': len(weld.defects),
        'defect_px': round(sum(area.area_px for area in weld.defects), 1),
    }


def _write(rows: list[dict[str, Any]], out: Path) -> None:
    (out / 'welds.json').write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')
    with (out / 'welds.csv').open('w', newline='', encoding='utf-8') as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
