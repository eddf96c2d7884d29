"""Files of robot poses: the documented CSV form and other common forms.

The documented form is CSV with a header: `image`, the position `x_m, y_m, z_m` (or `x_mm, y_mm, z_mm`), and the turn
by one of the groups in `TURN_COLUMNS`; or JSON or YAML, a list of mappings with the keys `image`, `xyz_m` (or
`xyz_mm`) and one of `TURN_KEYS`, or `matrix`. Poses are those of the hand (tool0) in the robot's base.

Also read: other names of the same things (`pose_entries`), a file beside each image (`007_image.jpg` and
`007_pose.csv`, or `007.jpg` and `007.txt`) with a matrix of four rows, rows of bare numbers, one for each image in
natural order, rows of a time and seven numbers, and NumPy's stacks of matrices. Where poses have no names, they
belong to the images in natural order, if there are as many.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from weld_cell.calibration.pose_entries import (
    IMAGE_KEYS,
    TURN_COLUMNS,
    TURN_KEYS,
    UNITS,
    Meaning,
    PoseEntry,
    bare_pose,
    entry_pose,
    number,
    plain_column,
    pose_columns,
    row_of,
)
from weld_cell.calibration.pose_mistakes import require_plausible_shifts
from weld_cell.calibration.pose_names import ImageNames, seconds
from weld_cell.calibration.poses import MATRIX, RobotPoses
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.records import FloatArray
from weld_cell.wording import counted

__all__ = ['TURN_COLUMNS', 'TURN_KEYS', 'UNITS', 'poses_of_folder', 'read_pose_file']

POSE_SUFFIXES = ('.csv', '.txt', '.json', '.yaml', '.yml', '.npy')
FILE_NAMES = tuple(
    f'{name}{suffix}'
    for name in ('poses', 'pairs', 'robot_poses')
    for suffix in ('.csv', '.json', '.txt', '.yaml', '.yml', '.npy', '.npz')
)
"""Of a file of poses in a folder of images, in the order in which they are looked for."""
_REMEDY = 'See `weld_cell calibrate hand-eye --help` for the forms that are read.'
_ROTATION_TOLERANCE = 1e-2
_LISTS = ('poses', 'samples', 'frames', 'data', 'views', 'robot_poses', 'measurements')
_TIMED = 8
"""Numbers of a row that begins with a time, as TUM and EuRoC write it."""

Named = tuple[object, PoseEntry]
"""What a pose says of its image, None where it says nothing; and the pose."""


def poses_of_folder(images: Sequence[Path], file: Path | None = None, turns: str = '', unit: str = 'm') -> RobotPoses:
    """The poses of images, those without one left out.

    Args:
        images: Files.
        file: Of all poses, or a folder with a file for each image; else one of `FILE_NAMES` beside the images, or a
            file for each image there.
        turns: A key of `TURN_KEYS`: what bare numbers mean.
        unit: Of bare positions, m or mm.

    Raises:
        ConfigurationError: no poses, or a file that is malformed; names file and line.
        CalibrationError: positions in another unit than is said, or no pose belongs to any image.
    """
    if file is None:
        folder = images[0].parent
        names = [place / name for place in (folder, folder.parent) for name in FILE_NAMES]
        file = next((name for name in names if name.is_file()), None)
    meaning, source = Meaning(turns, unit), images[0].parent if file is None else file
    if source.is_dir():
        poses = _one_file_each(source, images, meaning)
    else:
        poses = _paired(_entries(source, meaning), images, source)
    if not len(poses):
        raise CalibrationError(
            f'{poses.source}: none of its poses belongs to one of the {len(images)} images.',
            'The column "image" must have the names of the image files; without names there must be as many poses as '
            'images.',
        )
    require_plausible_shifts(poses.shifts_m, poses.source)
    return poses


def read_pose_file(file: Path, turns: str = '', unit: str = 'm') -> RobotPoses:
    """Poses that belong to no images; those without a name are named by their number.

    Raises:
        ConfigurationError, CalibrationError: as `poses_of_folder`.
    """
    poses = _paired(_entries(file, Meaning(turns, unit)), None, file)
    if not len(poses):
        raise ConfigurationError(f'{file}: no poses.', _REMEDY)
    require_plausible_shifts(poses.shifts_m, poses.source)
    return poses


def _entries(file: Path, meaning: Meaning) -> list[Named]:
    """The poses of a file, in its order."""
    if file.suffix.lower() in ('.npy', '.npz'):
        return [(None, pose) for pose in _of_numpy(file, meaning)]
    text = _text_of(file)
    if file.suffix.lower() in ('.json', '.yaml', '.yml', '.samples'):
        return _of_tree(_tree(text, file), file, meaning)
    text = re.sub(r'\Asep=.\s*\n', '', text)  # by which Excel is told the separator
    text = re.sub(r'^\s*p\[(.*)\]\s*$', r'\1', text, flags=re.MULTILINE)  # a pose of URScript
    text = re.sub(r'\A(#.*\n)*(?=#.*\n[^#])', '', text)  # of comments above a table only the last may be its header
    text = re.sub(r'\A#\s*', '', text)
    if re.search('[a-z]{2}|[a-df-z]', text.partition('\n')[0].lower()):
        return _of_table(text, file, meaning)
    return _of_bare_rows(text, file, meaning)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding='utf-8-sig')
    except UnicodeError as error:
        raise ConfigurationError(
            f'{file}: no UTF-8 text ({error}).', 'Save it as UTF-8; in Excel: CSV UTF-8.'
        ) from error
    except OSError as error:
        raise ConfigurationError(f'{file}: cannot be read ({error}).', 'Check the path.') from error


def _paired(entries: Sequence[Named], images: Sequence[Path] | None, file: Path) -> RobotPoses:
    """Poses with the names of their images; those of other images left out. images None: poses by themselves."""
    if images is None:
        names = [f'pose {k + 1}' if key is None else str(key) for k, (key, _) in enumerate(entries)]
        return _made([pose for _, pose in entries], names, file)
    known = ImageNames(images)
    found = [None if key is None else known.find(key) for key, _ in entries]
    unnamed = not any(found) and all(key is None or seconds(str(key)) for key, _ in entries)
    if unnamed and len(entries) != len(images):
        raise ConfigurationError(
            f'{file}: expected {counted(len(images), "pose")} without names, one for each image, got {len(entries)}.',
            _REMEDY,
        )
    names_of = known.names if unnamed else found
    kept = {name: pose for name, (_, pose) in zip(names_of, entries, strict=True) if name is not None}
    twice = sum(name is not None for name in names_of) - len(kept)
    if twice:
        raise ConfigurationError(
            f'{file}: {counted(twice, "image has", "images have")} two poses.', 'Leave one of each.'
        )
    return _made(list(kept.values()), list(kept), file)


def _of_table(text: str, file: Path, meaning: Meaning) -> list[Named]:
    first = text.partition('\n')[0]
    separator = next((sign for sign in ',;\t' if sign in first), ' ')
    if separator in ';\t':
        text = with_points(text)
    table = csv.DictReader(text.splitlines(), delimiter=separator, skipinitialspace=True)
    names = [name for name in table.fieldnames or [] if name and name.strip()]
    columns = pose_columns(names, meaning, str(file))
    plain = {plain_column(name): name for name in names if name not in (*columns.shift, *columns.turn)}
    key = next((plain[word] for word in plain if word.removesuffix('_ns').removesuffix('_s') in IMAGE_KEYS), None)
    entries: list[Named] = []
    for row in table:
        where = f'{file}: line {table.line_num}'
        if not any(row.values()):
            continue
        if any(row.get(None) or ()) or None in row.values():
            raise ConfigurationError(
                f'{where}: {_count(row)} values under {len(table.fieldnames or [])} columns.',
                'Write one value in each column; numbers with a decimal comma need semicolons between the columns.',
            )
        shift = [number(row[name], where) * columns.scale for name in columns.shift]
        turn = [number(row[name], where) for name in columns.turn]
        entries.append((None if key is None else row[key], PoseEntry(shift, turn, columns.reading)))
    return entries


def _count(row: Mapping[Any, Any]) -> int:
    return sum(value is not None for name, value in row.items() if name is not None) + len(row.get(None) or ())


def with_points(text: str) -> str:
    """Numbers with a decimal point where a table that is not separated by commas has decimal commas."""
    return re.sub(r'(?<![\d.,])([-+]?\d+),(\d+)(?![\d.,])', r'\1.\2', text)


def _tree(text: str, file: Path) -> Any:
    """What JSON or YAML holds; OpenCV's directives and tags are left out."""
    try:
        if file.suffix.lower() == '.json':
            return json.loads(text)
        return yaml.safe_load(re.sub(r'!!opencv-matrix|^%YAML.*$', '', text, flags=re.MULTILINE))
    except (ValueError, yaml.YAMLError) as error:
        kind = 'JSON' if file.suffix.lower() == '.json' else 'YAML'
        raise ConfigurationError(f'{file}: no {kind} ({error}).', _REMEDY) from error


def _of_tree(content: Any, file: Path, meaning: Meaning) -> list[Named]:
    """Of a list of poses, of a mapping from images to poses, or of one that holds the list."""
    if isinstance(content, dict):
        inner = next((content[key] for key in _LISTS if isinstance(content.get(key), (list, dict))), None)
        if inner is not None:
            return _of_tree(inner, file, meaning)
        if all(isinstance(value, (list, dict)) for value in content.values()) and not _is_pose(content):
            return [(key, entry_pose(value, meaning, f'{file}: {key}')) for key, value in content.items()]
        content = [content]
    if not isinstance(content, list):
        raise ConfigurationError(f'{file}: expected a list of poses.', _REMEDY)
    where = [f'{file}: entry {count}' for count in range(len(content))]
    return [(_image_of(entry), entry_pose(entry, meaning, at)) for entry, at in zip(content, where, strict=True)]


def _is_pose(content: dict[Any, Any]) -> bool:
    """Whether a mapping is one pose rather than one of many."""
    return bool({'matrix', 'pose', 'transform', 'position', 'translation', 'xyz_m', 'xyz_mm'} & content.keys())


def _image_of(entry: Any) -> object:
    if not isinstance(entry, dict):
        return None
    return next((entry[key] for key in IMAGE_KEYS if isinstance(entry.get(key), (str, int))), None)


def _of_bare_rows(text: str, file: Path, meaning: Meaning) -> list[Named]:
    if re.search(r'[;\t]', text):
        text = with_points(text)
    lines = [line.partition('#')[0].strip(' ,;\t\r') for line in text.splitlines()]
    rows = [re.split(r'[,;\s]+', line) for line in lines if line]
    values = [[number(value, f'{file}: line {line + 1}') for value in row] for line, row in enumerate(rows)]
    count = len(values[0]) if values else 0
    if count == 4 and len(values) % 4 == 0 and all(len(row) == 4 for row in values):  # matrices below each other
        values = np.reshape(values, (-1, 16)).tolist()
        count = 16
    if any(len(row) != count for row in values) or count not in (6, 7, _TIMED, 12, 16):
        raise ConfigurationError(
            f'{file}: expected rows of 6, 7, 8, 12 or 16 numbers, one for each image; got {len(values)} of {count}.',
            _REMEDY,
        )
    if count == _TIMED:
        return [(row[0], bare_pose(list(map(float, row[1:])), meaning, str(file))) for row in rows]
    return [(None, bare_pose(row, meaning, str(file))) for row in values]


def _of_numpy(file: Path, meaning: Meaning) -> Iterable[PoseEntry]:
    """Of an array (n, 4, 4), (n, 3, 4), (n, 6) or (n, 7)."""
    try:
        loaded = np.load(file)
        stack = loaded if isinstance(loaded, np.ndarray) else loaded[loaded.files[0]]
    except (OSError, ValueError, IndexError, EOFError) as error:
        raise ConfigurationError(f'{file}: no NumPy array ({error}).', _REMEDY) from error
    if stack.ndim == 2 and stack.shape == (4, 4):
        stack = stack[None]
    return [bare_pose(row_of(pose, (6, 7, 12, 16), str(file)), meaning, str(file)) for pose in stack]


def _one_file_each(folder: Path, images: Sequence[Path], meaning: Meaning) -> RobotPoses:
    """Of the files of a folder, one an image: a matrix of three or four rows, or 6 or 7 numbers, or a mapping."""
    found = {image: file for image in images if (file := _pose_file(folder, image)) is not None}
    if not found:
        raise ConfigurationError(
            f'{folder}: no poses beside the images: neither poses.csv, .json, .yaml nor a file for each, such as '
            f'{_pose_stems(images[0])[0]}.csv.',
            'Name the file with --poses. ' + _REMEDY,
        )
    return _made([_only_pose(file, meaning) for file in found.values()], [image.name for image in found], folder)


def _only_pose(file: Path, meaning: Meaning) -> PoseEntry:
    if file.suffix not in ('.csv', '.txt'):
        entries = _entries(file, meaning)
        if len(entries) != 1:
            raise ConfigurationError(f'{file}: expected one pose, got {len(entries)}.', _REMEDY)
        return entries[0][1]
    text = re.sub(r'[\[\](){}]', ' ', _text_of(file))
    values = [number(value, str(file)) for value in re.split(r'[,;\s]+', text.strip()) if value]
    return bare_pose(row_of(values, (6, 7, 12, 16), str(file)), meaning, str(file))


def _pose_file(folder: Path, image: Path) -> Path | None:
    places = [folder / (stem + suffix) for stem in _pose_stems(image) for suffix in POSE_SUFFIXES]
    beside = next((place for place in places if place.is_file()), None)
    if beside is not None or folder == image.parent:
        return beside
    digits = re.findall(r'\d+', image.stem)[-1:]  # of a folder of its own: the file of the same number
    alike = [f for f in folder.iterdir() if f.suffix in POSE_SUFFIXES and _same_number(f.stem, digits)]
    return alike[0] if len(alike) == 1 else None


def _same_number(stem: str, digits: list[str]) -> bool:
    found = re.findall(r'\d+', stem)[-1:]
    return bool(found) and [int(text) for text in found] == [int(text) for text in digits]


def _pose_stems(image: Path) -> list[str]:
    return [image.stem.replace('image', 'pose'), f'{image.stem}_pose', image.stem]


def _made(poses: Sequence[PoseEntry], names: list[str], source: Path) -> RobotPoses:
    readings = {pose.reading for pose in poses}
    if len(readings) > 1:
        raise ConfigurationError(f'{source}: the turns are written in {len(readings)} ways.', 'Write all in one way.')
    reading = readings.pop() if readings else MATRIX
    turns = np.array([pose.numbers for pose in poses], float).reshape(len(names), -1 if names else 0)
    _require_turns(turns, reading, names, source)
    shifts = np.array([pose.shift_m for pose in poses], float).reshape(-1, 3)
    return RobotPoses(shifts, turns, reading, tuple(names), str(source))


def _require_turns(turns: FloatArray, reading: str, names: list[str], source: Path) -> None:
    """Refuse what is no turn, or what is one in another unit."""
    if reading == MATRIX:
        matrices = turns.reshape(-1, 3, 3)
        wrong = np.abs(matrices @ matrices.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2)) > _ROTATION_TOLERANCE
    elif reading.startswith('quaternion'):
        wrong = np.abs(np.linalg.norm(turns, axis=1) - 1.0) > _ROTATION_TOLERANCE
    elif 'radians' in reading and len(turns) and np.abs(turns).max() > 2 * np.pi:
        raise CalibrationError(
            f'{source}: angles up to {np.abs(turns).max():.0f} radians: these are degrees.',
            'Name the columns with _deg, or write radians.',
        )
    else:
        return
    if wrong.any():
        what = 'matrix is no rotation' if reading == MATRIX else 'quaternion has not the length 1'
        raise CalibrationError(f'{source}: of {names[int(wrong.argmax())]} the {what}.', 'Correct the numbers.')
