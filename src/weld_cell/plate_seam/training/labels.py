"""Labels that people draw on photographs: YOLO text files and COCO, as boxes in pixels.

Formats: a YOLO file has a line `class x y w h` for each box, middle and size as shares of the image's; it lies beside
its image, or in a folder `labels` beside the folder `images`. A COCO file (.json) has `images` (id, file_name) and
`annotations` (image_id, bbox as left, top, width and height in pixels).
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.errors import TrainingError
from weld_cell.images import SUFFIXES, is_named_as_image
from weld_cell.records import FloatArray
from weld_cell.wording import counted

_BEYOND_SHARE = 0.02
"""Of a side: so far a box drawn by hand may reach beyond the image; it is cut off there."""


@dataclass(frozen=True, eq=False)
class LabelledPhoto:
    """A photograph and its seams.

    Attributes:
        path: The image.
        boxes: (n, 4) xyxy as shares of width and height, 0 to 1; None where they are in pixels.
        boxes_px: (n, 4) xyxy in pixels; None where they are shares.
    """

    path: Path
    boxes: FloatArray | None
    boxes_px: FloatArray | None

    def in_pixels(self, size_px: tuple[int, int]) -> FloatArray:
        """(n, 4) boxes within an image of a size (width, height).

        Raises:
            TrainingError: one lies outside the image, or has no area.
        """
        scale = np.array([*size_px, *size_px], dtype=float)
        if self.boxes_px is not None:
            boxes = self.boxes_px
        else:
            assert self.boxes is not None, 'either is there'
            boxes = self.boxes * scale - 0.5
        beyond = (boxes < -_BEYOND_SHARE * scale) | (boxes > (1.0 + _BEYOND_SHARE) * scale)
        flat = np.asarray((boxes[:, 2:] - boxes[:, :2] < 1.0).any(axis=1))
        for number in np.flatnonzero(beyond.any(axis=1) | flat).tolist():
            box = ', '.join(f'{value:.1f}' for value in boxes[number])
            why = 'has no area' if flat[number] else 'lies outside'
            raise TrainingError(
                f'{self.path}: box {number + 1} ({box} px) {why}: the image is {size_px[0]} x {size_px[1]}.',
                'Correct its labels; YOLO boxes are middle and size as shares, COCO boxes corner and size in pixels.',
            )
        return np.clip(boxes, 0.0, scale - 1.0)


def labelled_photos(folder: Path) -> list[LabelledPhoto]:
    """All photographs of a folder and its subfolders that have labels, by name; an empty YOLO file means no seam.

    Raises:
        TrainingError: no images, none with labels, an image that is labelled twice, or labels that cannot be read.
    """
    images = sorted(path for path in folder.rglob('*') if _is_photo(path.relative_to(folder)))
    if not images:
        raise TrainingError(
            f'{folder}: no images ({", ".join(sorted(SUFFIXES))}).', 'Name the folder of photographs.'
        )
    labels = _yolo_labels(images)
    for path, photo in _coco_labels(folder, images).items():
        if path in labels:
            raise TrainingError(f'{path}: labelled twice, as YOLO text and in COCO.', 'Remove one of both.')
        labels[path] = photo
    if not labels:
        raise TrainingError(
            f'{folder}: {counted(len(images), "image")} without labels.',
            'Put a .txt (YOLO) beside each, or a COCO .json there.',
        )
    return [labels[path] for path in sorted(labels)]


def _is_photo(path: Path) -> bool:
    """Not what JupyterLab keeps in .ipynb_checkpoints."""
    return is_named_as_image(path) and not any(part.startswith('.') for part in path.parts)


def _yolo_labels(images: list[Path]) -> dict[Path, LabelledPhoto]:
    found: dict[Path, LabelledPhoto] = {}
    image_of: dict[Path, Path] = {}
    for path in images:
        text = _yolo_file(path)
        if text is None:
            continue
        if text in image_of:
            raise TrainingError(
                f'{text}: labels two images, {image_of[text].name} and {path.name}.', 'Give each image its own name.'
            )
        image_of[text] = path
        found[path] = LabelledPhoto(path, _yolo_boxes(text), None)
    return found


def _yolo_file(image: Path) -> Path | None:
    beside = image.with_suffix('.txt')
    parts = [part if part != 'images' else 'labels' for part in beside.parts]
    return next((path for path in (beside, Path(*parts)) if path.is_file()), None)


def _yolo_boxes(path: Path) -> FloatArray:
    rows = []
    try:
        lines = path.read_text(encoding='utf-8-sig').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f'{path}: cannot be read ({error}).', 'Save it as plain text.') from error
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        try:
            values = [float(word) for word in words]
        except ValueError:
            values = []
        if len(values) != 5 or not np.isfinite(values).all():
            raise TrainingError(
                f'{path}: line {number} is "{line.strip()}".', 'Write five numbers: class, x, y, width, height.'
            )
        x, y, width, height = values[1:]
        rows.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
    return np.array(rows, dtype=float).reshape(-1, 4)


def _coco_labels(folder: Path, images: list[Path]) -> dict[Path, LabelledPhoto]:
    found: dict[Path, LabelledPhoto] = {}
    for path in sorted(folder.rglob('*.json')):
        for image, boxes in _coco_boxes(path, images).items():
            if image in found:
                raise TrainingError(f'{image}: labelled twice, the second time in {path}.', 'Remove one of both.')
            found[image] = LabelledPhoto(image, None, np.array(boxes, dtype=float).reshape(-1, 4))
    return found


def _coco_boxes(path: Path, images: list[Path]) -> dict[Path, list[list[float]]]:
    """Boxes xyxy by image; pixels are counted from the middle of the first one, COCO's from its corner."""
    try:
        content = json.loads(path.read_text(encoding='utf-8-sig'))
        listed, annotations = content['images'], content['annotations']
        names = [(entry['id'], str(entry['file_name']).replace('\\', '/')) for entry in listed]
        marks = [(entry['image_id'], [float(v) for v in entry['bbox']]) for entry in annotations]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f'{path}: not a COCO file ({error!r}).',
            'It needs images (id, file_name) and annotations (image_id, bbox).',
        ) from error
    image_of: dict[Any, Path] = {}
    for number, name in names:
        image = _image_named(path, name, images)
        if number in image_of or image in image_of.values():
            raise TrainingError(f'{path}: names {name} or its id {number} twice.', 'Leave one entry for each image.')
        image_of[number] = image
    boxes: dict[Path, list[list[float]]] = {image: [] for image in image_of.values()}
    for number, bbox in marks:
        if number not in image_of or len(bbox) != 4 or not np.isfinite(bbox).all():
            raise TrainingError(
                f'{path}: a box {bbox} of image {number}.', 'Give an id of images, and left, top, width, height.'
            )
        left, top, width, height = bbox
        boxes[image_of[number]].append([left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5])
    return boxes


def _image_named(path: Path, name: str, images: list[Path]) -> Path:
    wanted = path.parent / name
    matching = [image for image in images if image == wanted] or [
        image for image in images if image.name == Path(name).name
    ]
    if len(matching) != 1:
        raise TrainingError(
            f'{path}: {counted(len(matching), "image is", "images are")} called {name}.',
            'Write the path from the .json to the image.',
        )
    return matching[0]


def scene_of(path: Path, folder: Path) -> str:
    """What a photograph shows: its subfolder; in the folder itself its name without the number at the end."""
    inside = path.parent.relative_to(folder)
    if inside.parts and inside.parts[-1] != 'images':
        return str(inside)
    return re.sub(r'[-_. ]*\d+$', '', path.stem) or path.stem
