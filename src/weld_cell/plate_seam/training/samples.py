"""Reduced images with the boxes of their seams, as the network learns from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.plate_seam.reduce import FILL, reduce_image
from weld_cell.records import FloatArray, ImageArray
from weld_cell.training.samples import Batch

MOST_SEAMS = 8
"""Of one image."""
_GAIN, _NOISE = 0.3, 0.01


def seam_sample(grey: ImageArray, boxes_xyxy: FloatArray) -> Batch:
    """A sample of one image.

    Args:
        grey: (h, w) uint8.
        boxes_xyxy: (n, 4) in its pixels, MOST_SEAMS at most.

    Returns:
        `channels` (1, 3, h, w) uint8 of 255, `boxes` (1, MOST_SEAMS, 4) float32 in pixels of it (edges between
        pixels), `count` (1,).

    Raises:
        ValueError: too many seams.
    """
    if len(boxes_xyxy) > MOST_SEAMS:
        raise ValueError(f'expected {MOST_SEAMS} seams in an image at most, got {len(boxes_xyxy)}')
    reduced = reduce_image(grey)
    channels = np.round(255.0 * reduced.channels).astype(np.uint8)
    boxes = np.zeros((MOST_SEAMS, 4), np.float32)
    boxes[: len(boxes_xyxy)] = (np.asarray(boxes_xyxy).reshape(-1, 4) + 0.5) / reduced.factor
    return {'channels': channels[None], 'boxes': boxes[None], 'count': np.array([len(boxes_xyxy)])}


def joined(samples: Sequence[Batch]) -> Batch:
    """Samples of images of any size as one batch: the smaller ones are filled up to the largest."""
    rows, columns = (max(sample['channels'].shape[axis] for sample in samples) for axis in (2, 3))
    filled = [sample | {'channels': _filled_up(sample['channels'], rows, columns)} for sample in map(dict, samples)]
    return {name: np.concatenate([sample[name] for sample in filled]) for name in filled[0]}


def _filled_up(channels: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    whole = np.zeros((*channels.shape[:2], rows, columns), np.uint8)
    whole[:, 0] = round(255 * FILL)
    whole[:, :, : channels.shape[2], : channels.shape[3]] = channels
    return whole


@dataclass(frozen=True, eq=False)
class PlateSeamSamples:
    """Stored samples, each time mirrored and lit otherwise.

    Attributes:
        arrays: As of `seam_sample`, with a row for each image.
    """

    arrays: Batch

    def __len__(self) -> int:
        return len(self.arrays['count'])

    def batch(self, numbers: NDArray[np.intp], rng: Generator) -> Mapping[str, NDArray[Any]]:
        """`channels` (b, 3, h, w) float32 from 0 to 1, `boxes` (b, MOST_SEAMS, 4) and `count` (b,)."""
        channels = self.arrays['channels'][numbers].astype(np.float32) / np.float32(255.0)
        boxes, count = self.arrays['boxes'][numbers].copy(), self.arrays['count'][numbers]
        height, width = channels.shape[2:]
        for image, box in zip(channels, boxes, strict=True):
            if rng.random() < 0.5:
                image[:], box[:] = image[:, :, ::-1].copy(), _mirrored(box, 0, width)
            if rng.random() < 0.5:
                image[:], box[:] = image[:, ::-1].copy(), _mirrored(box, 1, height)
            image *= np.float32(np.exp(rng.uniform(-_GAIN, _GAIN)))
            image += rng.normal(0.0, _NOISE * rng.random(), image.shape).astype(np.float32)
        return {'channels': channels.clip(0.0, 1.0), 'boxes': boxes, 'count': count}


def _mirrored(boxes: NDArray[np.float32], axis: int, size: int) -> NDArray[np.float32]:
    mirrored = boxes.copy()
    mirrored[:, axis], mirrored[:, axis + 2] = size - boxes[:, axis + 2], size - boxes[:, axis]
    return mirrored
