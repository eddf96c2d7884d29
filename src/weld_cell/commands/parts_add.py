"""`weld_cell parts add`: add a part to the library, from a photograph or a DXF drawing."""

import argparse
from pathlib import Path

import numpy as np

from weld_cell.commands.parts import add_library_argument, library_folder, write_picture
from weld_cell.images import read_image
from weld_cell.part_library import LibraryPart, save_part
from weld_cell.part_library.dxf import UNITS_MM, draw_outline, read_dxf
from weld_cell.part_library.photo import cut_out
from weld_cell.part_library.storage import FORMER, THICKNESS_MM
from weld_cell.parts.template import LEAST_CONTRAST
from weld_cell.records import ImageArray
from weld_cell.report.part_overlay import draw_new_part
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell parts add A-R --photo a_right.png --mm-per-px 0.56 --picture out/A-R.png
  weld_cell parts add A-R --photo tray.png --mm-per-px 0.56 --box 300 200 500 400 --origin 512.5 401 --axis -90
  weld_cell parts add A-R --dxf a_right.dxf --px-per-mm 1.786 --layer OUTLINE --thickness-mm 2

A photograph shows the part alone (or alone in --box), whole, on an even background. Look at --picture: outline, box,
origin and x axis must be where you want them; otherwise say it again with --replace and what is to be otherwise.
A drawing shows the part from above, as the camera sees it; its coordinate system becomes the part's frame.

The part's folder gets template.png, mask.png (the share of each pixel that is the part), and part.yaml to be edited:
  origin_px, axis_deg  the part's frame in the template: x along the axis, y to its left, z up out of the sheet
  mm_per_px            size of a pixel on the part
  thickness_mm         of the sheet; z = 0 is its upper side
  job                  the seams: [{start_m: [x, y, z], end_m: [x, y, z], normal: [x, y, z], joint_type: fillet}]
                       in the part's frame; joint_type (lap, butt, splice, fillet, v, filler_layer) may be left out
  thresholds           {score_max: F, margin_min: 0 to 1}: what a match must reach; may be left out
  notes                any text
Then say: weld_cell parts check"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('code', metavar='CODE', help='name of the part, hand included')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--photo', type=Path, metavar='IMAGE', help='photograph of the part')
    source.add_argument('--dxf', type=Path, metavar='FILE', help='drawing of its outline')
    parser.add_argument('--mm-per-px', type=float, metavar='X', help='photo: size of a pixel on the part')
    parser.add_argument(
        '--box', type=int, nargs=4, metavar=('U', 'V', 'W', 'H'), help='photo: where to look (default: everywhere)'
    )
    parser.add_argument(
        '--origin', type=float, nargs=2, metavar=('U', 'V'), help="photo: the frame's origin (default: the centroid)"
    )
    parser.add_argument(
        '--axis', type=float, metavar='DEG', help='photo: direction of the x axis, clockwise from right (default: 0)'
    )
    parser.add_argument('--px-per-mm', type=float, metavar='X', help='drawing: resolution of the template')
    parser.add_argument('--layer', metavar='L', help='drawing: layer of the outline (default: all)')
    parser.add_argument('--units', choices=sorted(UNITS_MM), help='drawing: its unit, if its header has none')
    parser.add_argument('--grey', type=int, metavar='N', help='drawing: grey of the metal (default: 178)')
    parser.add_argument('--background', type=int, metavar='N', help='drawing: grey of what it lies on (default: 0)')
    parser.add_argument('--thickness-mm', type=float, default=3.0, metavar='T', help='(default: %(default)g)')
    parser.add_argument('--notes', default='', metavar='TEXT', help='kept with the part')
    parser.add_argument('--picture', type=Path, metavar='FILE', help='write what was found as a picture, to confirm')
    parser.add_argument('--replace', action='store_true', help='the part may be there already')
    add_library_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Add the part, and say what it is."""
    _refuse_odd_numbers(arguments)
    part, picture = _from_photo(arguments) if arguments.photo else _from_dxf(arguments)
    if arguments.picture:
        write_picture(arguments.picture, picture)
    folder = save_part(library_folder(arguments), part, arguments.replace)
    width, height = part.size_mm
    if (folder / FORMER).exists():
        print(f'Job, thresholds and notes of the part before are in {folder / FORMER}, and no longer in force.')
    print(f'{part.code}: {width:.1f} x {height:.1f} mm, {part.area_mm2:.0f} mm2 of metal, in {folder}')
    return 0


def _from_photo(arguments: argparse.Namespace) -> tuple[LibraryPart, ImageArray]:
    _refuse(arguments, ('px_per_mm', 'layer', 'units', 'grey', 'background'), '--photo')
    mm_per_px = _positive(arguments.mm_per_px, '--mm-per-px', '--photo')
    photo = read_image(arguments.photo)
    found = cut_out(photo, tuple(arguments.box) if arguments.box else None)
    if found.dirt:
        print(f'note: {counted(found.dirt, "small thing")} beside the part ignored')
    part = found.part(
        arguments.code,
        mm_per_px,
        arguments.thickness_mm,
        arguments.origin,
        ((arguments.axis or 0.0) + 180.0) % 360.0 - 180.0,
        arguments.notes,
    )
    box = arguments.box or (0, 0, photo.shape[1], photo.shape[0])
    return part, draw_new_part(photo, part, found.corner_px, box)


def _from_dxf(arguments: argparse.Namespace) -> tuple[LibraryPart, ImageArray]:
    _refuse(arguments, ('mm_per_px', 'box', 'origin', 'axis'), '--dxf')
    px_per_mm = _positive(arguments.px_per_mm, '--px-per-mm', '--dxf')
    outline = read_dxf(arguments.dxf, px_per_mm, arguments.layer, arguments.units)
    greys = [_grey(arguments.grey, 178, '--grey'), _grey(arguments.background, 0, '--background')]
    if abs(greys[0] - greys[1]) < LEAST_CONTRAST:
        raise ValueError(f'--grey and --background: expected {LEAST_CONTRAST:g} or more apart, got {greys}')
    pixels, cover, origin = draw_outline(outline, px_per_mm, *greys)
    part = LibraryPart(
        arguments.code, pixels, cover, origin, 0.0, 1.0 / px_per_mm, arguments.thickness_mm, notes=arguments.notes
    )
    return part, draw_new_part(pixels, part, (0, 0), (0, 0, pixels.shape[1], pixels.shape[0]))


def _refuse(arguments: argparse.Namespace, names: tuple[str, ...], source: str) -> None:
    given = [f'--{name.replace("_", "-")}' for name in names if getattr(arguments, name) is not None]
    if given:
        raise ValueError(f'{" and ".join(given)}: not with {source}')


def _refuse_odd_numbers(arguments: argparse.Namespace) -> None:
    for name, value in (('--axis', arguments.axis), ('--origin', arguments.origin)):
        if value is not None and not np.isfinite(value).all():
            raise ValueError(f'{name}: expected finite numbers, got {value}')
    low, high = THICKNESS_MM
    if not low <= arguments.thickness_mm <= high:
        raise ValueError(f'--thickness-mm: expected {low:g} to {high:g}, got {arguments.thickness_mm:g}')


def _positive(value: float | None, name: str, source: str) -> float:
    if value is None or not 0.0 < value < 1e3:
        raise ValueError(f'{name}: {source} needs a number above 0, got {value}')
    return value


def _grey(value: int | None, default: int, name: str) -> int:
    if value is not None and not 0 <= value <= 255:
        raise ValueError(f'{name}: expected 0 to 255, got {value}')
    return default if value is None else value
