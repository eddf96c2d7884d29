"""`weld_cell parts identify`: identify library parts in images, with position and rotation."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from weld_cell.commands.parts import add_library_argument, open_library, write_picture
from weld_cell.errors import ImageError, WeldCellError
from weld_cell.images import listed_images, picture_names, read_image, to_grey
from weld_cell.option_types import file_to_write, folder_to_write
from weld_cell.part_library import PartLibrary
from weld_cell.parts.identify import PartIdentifier
from weld_cell.parts.settings import PartSettings
from weld_cell.paths import config_file
from weld_cell.records import PartMatch
from weld_cell.report.part_overlay import draw_parts
from weld_cell.settings import load_group

EXAMPLES = """Examples:
  weld_cell parts identify photo.png
  weld_cell parts identify photos/ more/a.png --json out/found.json --overlay out/overlays

Of each part: its code, u and v of its origin in pixels, the direction of its x axis (clockwise from right), its size
over that of the template, F (smaller is better) and by how much the next best code is worse (0: a tie, 1: no doubt).

Exit code 1 if an image cannot be read or shows no part of the library, or a match misses its part's thresholds."""


@dataclass(frozen=True, eq=False)
class _Found:
    """What an image showed.

    Attributes:
        file: The image.
        matches: Its parts.
        trouble: What is not reported or does not count, and why; empty without trouble.
    """

    file: Path
    matches: tuple[PartMatch, ...] = ()
    trouble: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('images', type=Path, nargs='+', metavar='IMAGE', help='images, or folders of them')
    parser.add_argument('--json', type=file_to_write, metavar='FILE', help='write what was found to this file')
    parser.add_argument(
        '--overlay', type=folder_to_write, metavar='FOLDER', help='write each image with what was found in it'
    )
    parser.add_argument(
        '--settings', type=Path, metavar='FILE', help='parameter file with parts.* (default: the installed cell.yaml)'
    )
    add_library_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Identify, print, and write what was asked for."""
    library = open_library(arguments)
    settings = load_group(arguments.settings or config_file('cell.yaml'), 'part_identifier', 'parts', PartSettings)
    identifier = PartIdentifier([part.template for part in library.parts], settings)
    files = listed_images(arguments.images)
    pictures = [arguments.overlay and arguments.overlay / f'{name}.png' for name in picture_names(files)]
    found = [
        _look(file, identifier, library, picture)
        for file, picture in zip(tqdm(files, unit='image', disable=len(files) < 2), pictures, strict=True)
    ]
    for one in found:
        _print(one)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps([_record(one) for one in found], indent=1) + '\n', encoding='utf-8')
    return 1 if library.faults or any(one.trouble for one in found) else 0


def _look(file: Path, identifier: PartIdentifier, library: PartLibrary, overlay: Path | None) -> _Found:
    try:
        pixels = read_image(file)
    except ImageError as error:
        return _Found(file, trouble=(str(error).removeprefix(f'{file}: '),))
    try:
        findings = identifier.look(to_grey(pixels))
    except WeldCellError as error:
        return _Found(file, trouble=(str(error),))
    if overlay:
        templates = [part.template for part in library.parts]
        write_picture(overlay, draw_parts(pixels, findings.matches, templates, findings.refusals))
    trouble = *map(str, findings.refusals), *_misses(findings.matches, library)
    return _Found(file, findings.matches, trouble)


def _misses(matches: Sequence[PartMatch], library: PartLibrary) -> list[str]:
    """Sentences on the matches that miss the thresholds of their part."""
    limits = {part.code: part.thresholds for part in library.parts}
    return [
        f'{m.code}: F {m.score:.2e} and margin {m.margin:.2f} miss its thresholds '
        f'(F up to {limits[m.code].score_max:g}, margin from {limits[m.code].margin_min:g}).'
        for m in matches
        if m.score > limits[m.code].score_max or m.margin < limits[m.code].margin_min
    ]


def _print(found: _Found) -> None:
    for m in found.matches:
        u, v = m.origin_px
        print(
            f'{found.file}: {m.code} at ({u:.2f}, {v:.2f}) px, {m.axis_deg:.2f} deg, scale {m.scale:.3f}, '
            f'F {m.score:.2e}, margin {m.margin:.2f}' + (f' to {m.runner_up}' if m.runner_up else '')
        )
    for trouble in found.trouble:
        print(f'weld_cell: {found.file}: {trouble}', file=sys.stderr)


def _record(found: _Found) -> dict[str, Any]:
    parts = [
        {
            'code': m.code,
            'origin_px': [float(c) for c in m.origin_px],
            'axis_deg': m.axis_deg,
            'scale': m.scale,
            'score': m.score,
            'margin': m.margin,
            'runner_up': m.runner_up,
        }
        for m in found.matches
    ]
    return {'image': str(found.file), 'parts': parts, 'trouble': ' '.join(found.trouble)}
