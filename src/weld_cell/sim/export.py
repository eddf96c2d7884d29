"""Simulated images with their truth as files, for people who train or judge something of their own.

Each kind writes PNG images and `labels.jsonl`: a line of JSON for each image, its path first. Plates have YOLO text
labels besides, which `weld_cell train plate-seam --photos` reads; stripes lie in a folder for each joint type, as
`weld_cell train joint-type --images` reads them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.records import FloatArray, ImageArray, JointType
from weld_cell.sim.dataset import labelled_images
from weld_cell.sim.plate_dataset import plate_image
from weld_cell.sim.spot_weld_dataset import WeldTruth, panel_image

LABELS = 'labels.jsonl'
_PX_DIGITS, _M_DIGITS, _SHARE_DIGITS = 3, 7, 6

Exported = Iterator[dict[str, Any]]
"""The label of each image, after its files are written."""


def export_stripes(folder: Path, count: int, seed: int, split: str) -> Exported:
    """Images of the laser sensor: joint type, stripe, corners and seam point.

    Args:
        folder: Gets a folder for each joint type.
        count: Images of each type.
        seed: Of the set.
        split: train or test; no scene is in both.
    """
    for joint_type in JointType:
        images = labelled_images(joint_type, count, seed=seed, split=split)
        for number, labelled in enumerate(images):
            truth = labelled.truth
            yield {
                'image': _write(folder / joint_type / f'{number:05d}.png', labelled.pixels, folder),
                'joint_type': str(joint_type),
                'seam_px': _px(truth.seam_px),
                'seam_visible': bool(truth.seam_visible),
                'seam_base_m': np.round(truth.seam_base_m, _M_DIGITS).tolist(),
                'corners_px': _px(truth.feature_points_px),
                'stripe_px': _px(truth.stripe_px),
            }


def export_plates(folder: Path, count: int, seed: int, split: str, rig: Rig) -> Exported:
    """Images of the area camera over plates: a box about each seam, also as YOLO text.

    Args:
        folder: Gets the images.
        count: Images.
        seed: Of the set.
        split: train or test; no scene is in both.
        rig: Whose area camera looks, from another place each time.
    """
    for number in range(count):
        labelled = plate_image(rig, split, seed, number)
        path = folder / 'images' / f'{number:05d}.png'
        image = _write(path, labelled.pixels, folder)
        path.with_suffix('.txt').write_text(_yolo(labelled.boxes_xyxy, labelled.pixels.shape), encoding='ascii')
        yield {'image': image, 'laid': labelled.kind, 'seam_boxes_xyxy_px': _px(labelled.boxes_xyxy)}


def export_spot_welds(folder: Path, count: int, seed: int, split: str, rig: Rig) -> Exported:
    """Images of the area camera over welded panels: circle and defect of each weld, and a mask of defective pixels.

    Args:
        folder: Gets images, and masks (255: defective) of the same names.
        count: Images.
        seed: Of the set.
        split: train or test; no panel is in both.
        rig: Whose area camera looks, from nearer by.
    """
    for number in range(count):
        panel = panel_image(rig, split, seed, number)
        name = f'{number:05d}.png'
        yield {
            'image': _write(folder / 'images' / name, panel.pixels, folder),
            'mask': _write(folder / 'masks' / name, np.where(panel.defects, 255, 0).astype(np.uint8), folder),
            'mm_per_px': round(panel.mm_per_px, _SHARE_DIGITS),
            'welds': [_weld(weld) for weld in panel.welds],
            'cut_by_border': [_weld(weld) for weld in panel.cut],
        }


@contextmanager
def whole_or_nothing(folder: Path) -> Iterator[None]:
    """Remove again what came into a folder, where the work is not ended in order: the next try finds it as it was."""
    folder_was, before = folder.exists(), set(folder.rglob('*'))
    try:
        yield
    except BaseException:
        for path in sorted(set(folder.rglob('*')) - before, reverse=True):  # what a folder holds before the folder
            path.rmdir() if path.is_dir() else path.unlink()
        if folder.exists() and not folder_was:
            folder.rmdir()
        raise


def write_labels(folder: Path, labels: Exported, told: Callable[[], object]) -> int:
    """Write `labels.jsonl`, a line as soon as its image is written.

    Args:
        folder: Made where it is missing.
        labels: Of the images.
        told: Called after each image.

    Returns:
        How many images there are.

    Raises:
        FileExistsError: the folder has labels already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with open(folder / LABELS, 'x', encoding='ascii') as stream:
        for label in labels:
            stream.write(json.dumps(label) + '\n')
            count += 1
            told()
    return count


def _write(path: Path, pixels: ImageArray, folder: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), pixels):
        raise OSError(f'{path}: cannot be written')
    return path.relative_to(folder).as_posix()


def _px(points: FloatArray) -> list[Any]:
    return list((np.round(np.asarray(points, float), _PX_DIGITS) + 0.0).tolist())


def _yolo(boxes_xyxy: FloatArray, shape: tuple[int, ...]) -> str:
    """Lines `0 x y w h`: middle and size as shares of the image, whose first pixel reaches from 0 to 1."""
    size = np.array(shape[1::-1], float)
    corners = (boxes_xyxy.reshape(-1, 2, 2) + 0.5) / size
    middle, extent = corners.mean(axis=1), corners[:, 1] - corners[:, 0]
    rows = np.hstack([middle, extent])
    return ''.join('0 ' + ' '.join(f'{value:.{_SHARE_DIGITS}f}' for value in row) + '\n' for row in rows)


def _weld(weld: WeldTruth) -> dict[str, Any]:
    return {
        'centre_px': _px(weld.centre_px),
        'radius_px': round(weld.radius_px, _PX_DIGITS),
        'defect': 'none' if weld.defect is None else str(weld.defect),
        'severity': round(weld.severity, _PX_DIGITS),
    }
