"""`weld_cell spot-weld inspect IMAGE...`: judge the spot welds in images; pictures, a page, JSON and CSV."""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from weld_cell import __version__
from weld_cell.commands.spot_weld_options import add_finding_arguments, chosen_finder
from weld_cell.errors import ImageError, WeldCellError
from weld_cell.images import listed_images, picture_names
from weld_cell.option_types import folder_to_write
from weld_cell.records import ImageArray, WeldInspection, WeldRegion, WeldVerdict
from weld_cell.report.spot_weld_files import Traced, said_of, write_weld_files
from weld_cell.spot_weld.features import open_features
from weld_cell.spot_weld.find import WeldFinder
from weld_cell.spot_weld.inspect import Inspector
from weld_cell.spot_weld.opening import bank_file, open_bank
from weld_cell.spot_weld.photos import read_grey
from weld_cell.spot_weld_replay import InspectedImage
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell spot-weld inspect photos/ more/a.png --bank my_plant.npz --out out/welds
  weld_cell spot-weld inspect coupon.jpg --bank coupons.npz --single --finder classical --diameter 80 220

Of each image: NAME_welds.png with all welds, NAME_gallery.png with each beside its heat map; index.html shows them.
welds.json and welds.csv hold every weld: time, part, image, place, score (1 is the threshold), verdict, defective
pieces, and the SHA-256 of image and bank.
Exit code 0: all good; 1: a weld is doubtful or defective, or an image cannot be judged."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        'images', type=Path, nargs='+', metavar='IMAGE', help='photos of spot welds, or folders of them'
    )
    parser.add_argument('--bank', required=True, help='made by weld_cell spot-weld bank; simulated: the shipped one')
    parser.add_argument('--part', default='', help='serial number or code of the part, for the files')
    parser.add_argument(
        '--out', type=folder_to_write, default=Path('out/spot_welds'), help='folder (default: %(default)s)'
    )
    add_finding_arguments(parser)


class _Surest:
    """A finder of which the surest region counts alone."""

    def __init__(self, finder: WeldFinder) -> None:
        self._finder = finder

    def regions(self, grey: ImageArray) -> tuple[WeldRegion, ...]:
        """At most one."""
        return self._finder.regions(grey)[:1]


def run(arguments: argparse.Namespace) -> int:
    """Inspect, draw and write; an image that cannot be judged is named and passed over.

    Raises:
        FeatureBankError: the bank cannot be used.
        ImageError: a folder without images.
        ModelError: the features or the finder cannot be used.
    """
    images = listed_images(arguments.images)
    finder = chosen_finder(arguments)
    inspector = Inspector(
        open_bank(arguments.bank),
        open_features(arguments.features),
        _Surest(finder) if arguments.single else finder,
    )
    unreadable: list[Path] = []
    traced = Traced.of(arguments.part, bank_file(arguments.bank), __version__)
    inspected = _inspected(inspector, images, unreadable)
    welds = bad = unjudged = 0
    for image in write_weld_files(inspected, arguments.out, traced):
        if isinstance(image.outcome, WeldCellError):
            print(f'{image.name}: {type(image.outcome).__name__}: {image.outcome}')
            unjudged += 1
            continue
        print(f'{image.name}: {said_of(image.outcome)}')
        welds += len(image.outcome.welds)
        bad += sum(weld.verdict is not WeldVerdict.GOOD for weld in image.outcome.welds)
    unjudged += len(unreadable)
    print(
        f'{arguments.out}: {counted(welds, "weld")}, {bad} of them not good; {counted(unjudged, "image")} not judged'
    )
    return int(bool(bad or unjudged))


def _inspected(inspector: Inspector, images: Sequence[Path], unreadable: list[Path]) -> Iterator[InspectedImage]:
    """Each image that can be read; the others are named and added to a list."""
    for path, name in zip(images, picture_names(images), strict=True):
        try:
            grey = read_grey(path)
        except ImageError as error:
            print(error)
            unreadable.append(path)
            continue
        outcome: WeldInspection | WeldCellError
        try:
            outcome = inspector.look(grey)
        except WeldCellError as error:
            outcome = error.with_traceback(None)
        now = datetime.now(UTC).isoformat(timespec='seconds')
        yield InspectedImage(name, now, hashlib.sha256(path.read_bytes()).hexdigest(), grey, outcome)
