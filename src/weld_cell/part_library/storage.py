"""Reading and writing the library: <library>/<code>/ holds part.yaml, template.png and mask.png.

Everything is checked on reading, because the robot welds by it: what is wrong is named with file, line and key. A
part is written whole or not at all.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from weld_cell.checked_yaml import Section
from weld_cell.config import load_yaml
from weld_cell.errors import ConfigurationError, ImageError, PartError, WeldCellError
from weld_cell.images import read_image
from weld_cell.part_library.part import FARTHEST_PX, LibraryPart, PartThresholds
from weld_cell.records import FloatArray, ImageArray, JobSeam, JointType

CODE = re.compile(r'[A-Za-z0-9][A-Za-z0-9_-]{0,39}')
LEAST_SIDE_PX = 16
THICKNESS_MM = 0.05, 200.0
"""Least and greatest of a sheet."""
_FILES = ('part.yaml', 'template.png', 'mask.png')
FORMER = 'part.yaml.former'
"""What a part that was replaced said of itself: its job is a person's work."""
_REMEDY = 'Correct the value, or add the part again: weld_cell parts add --help tells how.'
_LEAST_SEAM_M = 1e-3
_STEEPEST = 0.5  # cosine of the angle between a seam and its normal


@dataclass(frozen=True, eq=False)
class PartLibrary:
    """What a library folder holds.

    Attributes:
        folder: Where.
        parts: Those that can be used, by code.
        faults: Why the others cannot.
    """

    folder: Path
    parts: tuple[LibraryPart, ...]
    faults: tuple[WeldCellError, ...]

    def require(self, code: str) -> None:
        """Refuse a code that no part has.

        Raises:
            PartError: there is no such part.
        """
        codes = [part.code for part in self.parts]
        if code not in codes:
            raise PartError(f'{self.folder} has no part "{code}".', f'Name one of: {", ".join(codes)}.')

    def job_of(self, code: str) -> tuple[JobSeam, ...]:
        """The seams of a part.

        Raises:
            PartError: there is no such part.
        """
        for part in self.parts:
            if part.code == code:
                return part.job
        raise PartError(f'{self.folder} has no part {code}.', 'Start part_identifier again: the library has changed.')


def load_library(folder: Path) -> PartLibrary:
    """Read all parts; a damaged one does not keep the others from use.

    Raises:
        ConfigurationError: there is no such folder.
    """
    if not folder.is_dir():
        raise ConfigurationError(f'{folder}: no such folder.', 'Name the library, or add a first part to it.')
    parts, faults = [], []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith('.'):
            try:
                parts.append(load_part(path))
            except WeldCellError as error:
                faults.append(error)
    return PartLibrary(folder, tuple(parts), tuple(faults))


def load_part(folder: Path) -> LibraryPart:
    """Read the folder of a part.

    Raises:
        ConfigurationError: a file is missing or malformed, or a value cannot be; names file, line and key.
        ImageError: a picture cannot be read, or does not show what it should.
    """
    return _load(folder, folder.name)


def _load(folder: Path, expected_code: str) -> LibraryPart:
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise ConfigurationError(
            f'{folder}: {" and ".join(missing)} missing.', 'Restore them, or add the part again.'
        )
    pixels, cover = _grey(folder / 'template.png'), _grey(folder / 'mask.png')
    if pixels.shape != cover.shape or min(pixels.shape) < LEAST_SIDE_PX or cover.max() < 255:
        raise ImageError(
            f'{folder}: template.png {_size(pixels)} and mask.png {_size(cover)}: expected one size from '
            f'{LEAST_SIDE_PX} x {LEAST_SIDE_PX}, and a mask that is white on the part.',
            'Add the part again.',
        )
    path = str(folder / 'part.yaml')
    top = Section(load_yaml(path), path, _REMEDY)
    part = LibraryPart(_code(top, expected_code), pixels, cover, **_frame(top))
    top.refuse_unread()
    return part


def save_part(library: Path, part: LibraryPart, replace: bool = False) -> Path:
    """Write a part into a library; returns its folder.

    Args:
        library: The folder of the library; made if it is not there.
        part: What to write.
        replace: Whether a part of this code may be there already.

    Raises:
        ConfigurationError: the code cannot be a name or is taken, a value cannot be, or the folder cannot be written.
    """
    if not CODE.fullmatch(part.code):
        raise ConfigurationError(
            f'"{part.code}" cannot be the code of a part.', 'Use up to 40 letters, digits, "-" and "_", such as A-R.'
        )
    target, fresh = library / part.code, library / f'.{part.code}.{os.getpid()}'
    if target.exists() and not replace:
        raise ConfigurationError(
            f'{target}: there is a part {part.code} already.', 'Use --replace, or choose another code.'
        )
    try:
        _write(fresh, part)
        _load(fresh, part.code)  # what cannot be read again is not kept
        if (target / 'part.yaml').is_file():
            shutil.copyfile(target / 'part.yaml', fresh / FORMER)
        _put_in_place(fresh, target)
    except OSError as error:
        raise ConfigurationError(
            f'{target}: cannot be written ({error.strerror}).', 'Check the path and its permissions.'
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _put_in_place(fresh: Path, target: Path) -> None:
    """Rename a complete folder to where it belongs; what was there goes once that is done."""
    former = fresh.with_name(f'{fresh.name}.former')
    replaced = target.exists()
    try:
        if replaced:
            target.rename(former)
        fresh.rename(target)
    finally:  # also after Ctrl-C: a part is there, the new one or the former
        if replaced and not target.exists():
            former.rename(target)
        shutil.rmtree(former, ignore_errors=True)


def _write(folder: Path, part: LibraryPart) -> None:
    folder.mkdir(parents=True)
    for name, pixels in (('template.png', part.pixels), ('mask.png', part.cover)):
        _, encoded = cv2.imencode('.png', pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        (folder / name).write_bytes(encoded.tobytes())
    with (folder / 'part.yaml').open('w', encoding='utf-8') as stream:
        stream.write('# A part of the library; weld_cell parts add --help tells what the keys mean.\n')
        yaml.safe_dump(_rows(part), stream, sort_keys=False, default_flow_style=None, width=110, allow_unicode=True)


def _rows(part: LibraryPart) -> dict[str, Any]:
    thresholds = {k: v for k, v in vars(part.thresholds).items() if v != getattr(PartThresholds(), k)}
    return {
        'code': part.code,
        'origin_px': _numbers(part.origin_px, 3),
        'axis_deg': part.axis_deg,
        'mm_per_px': part.mm_per_px,
        'thickness_mm': part.thickness_mm,
        **({'thresholds': thresholds} if thresholds else {}),
        'job': [_seam_rows(seam) for seam in part.job],
        'notes': part.notes,
    }


def _seam_rows(seam: JobSeam) -> dict[str, Any]:
    places = {name: _numbers(getattr(seam, name), 6) for name in ('start_m', 'end_m', 'normal')}
    return {**places, **({'joint_type': str(seam.joint_type)} if seam.joint_type else {})}


def _numbers(row: FloatArray, decimals: int) -> list[float]:
    return [round(float(value), decimals) + 0.0 for value in row]


def _grey(path: Path) -> ImageArray:
    pixels = read_image(path)
    if pixels.ndim != 2:
        raise ImageError(f'{path}: expected a grey picture, got one in colour.', 'Convert it to grey.')
    return pixels


def _size(pixels: ImageArray) -> str:
    return f'({pixels.shape[1]} x {pixels.shape[0]})'


def _code(top: Section, expected: str) -> str:
    code = top.text('code')
    if code != expected:
        raise ConfigurationError(
            f'{top.where("code")}: {code} stands in the folder {expected}: a part is kept twice, or under two names.',
            'Give folder and code one name, or remove the folder.',
        )
    return code


def _frame(top: Section) -> dict[str, Any]:
    """The fields of a part that part.yaml tells, but for its code."""
    origin = top.numbers('origin_px', 2)
    if np.abs(origin).max() > FARTHEST_PX:
        raise top.refusal('origin_px', f'pixels within {FARTHEST_PX:g}')
    return {
        'origin_px': origin,
        'axis_deg': top.number('axis_deg', -180.0, 180.0),
        'mm_per_px': top.number('mm_per_px', 1e-3, 100.0),
        'thickness_mm': top.number('thickness_mm', *THICKNESS_MM),
        'job': tuple(_seam(section) for section in top.sections('job')),
        'thresholds': _thresholds(top.section('thresholds')) if 'thresholds' in top else PartThresholds(),
        'notes': top.prose('notes'),
    }


def _thresholds(section: Section) -> PartThresholds:
    limits = {'score_max': (0.0, 1.0), 'margin_min': (0.0, 1.0)}
    return PartThresholds(**{key: section.number(key, *limits[key]) for key in limits if key in section})


def _seam(section: Section) -> JobSeam:
    start, end, normal = (section.numbers(key, 3) for key in ('start_m', 'end_m', 'normal'))
    length, height = float(np.linalg.norm(end - start)), float(np.linalg.norm(normal))
    if length < _LEAST_SEAM_M:
        raise section.refusal('end_m', f'an end at least {_LEAST_SEAM_M:g} m from the start')
    if height < 1e-6 or abs(float((end - start) @ normal)) > _STEEPEST * length * height:
        raise section.refusal('normal', 'a direction across the seam')
    known = section.choice('joint_type', tuple(map(str, JointType))) if 'joint_type' in section else None
    return JobSeam(start, end, normal / height, JointType(known) if known else None)
