"""Other scores than EMSD for a template at a place: which of the parts would they have said?

All are taken at the same sub-pixel places, those of the fast search, so that scores are compared and not searches.
"""

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from weld_cell.parts.refine import Candidate
from weld_cell.records import ImageArray

BLOCK_PX = 50
Score = Callable[['np.ndarray', 'np.ndarray'], float]


def msd(s: 'np.ndarray', t: 'np.ndarray') -> float:
    """Mean square difference."""
    return float(np.mean((s - t) ** 2))


def emsd(s: 'np.ndarray', t: 'np.ndarray') -> float:
    """F = E D of Zhang et al. 2023."""
    return msd(s, t) * float(np.sum(np.abs(s - t) * t) / np.sum(t))


def ncc(s: 'np.ndarray', t: 'np.ndarray') -> float:
    """1 - normalised cross correlation."""
    a, b = s - s.mean(), t - t.mean()
    return 1.0 - float((a * b).sum() / max(math.sqrt(float((a * a).sum()) * float((b * b).sum())), 1e-12))


def ssda(s: 'np.ndarray', t: 'np.ndarray') -> float:
    """Sequential similarity detection (Barnea and Silverman 1972), summed to its end: difference without means."""
    return float(np.mean(np.abs((s - s.mean()) - (t - t.mean()))))


def sub_ncc(s: 'np.ndarray', t: 'np.ndarray') -> float:
    """1 - NCC, mean over square blocks in which the template is not plain.

    The paper of that name (Zhang et al. 2022) was not at hand: this is the reading that the name allows.
    """
    blocks = [
        ncc(s[v : v + BLOCK_PX, u : u + BLOCK_PX], t[v : v + BLOCK_PX, u : u + BLOCK_PX])
        for v in range(0, t.shape[0] - BLOCK_PX + 1, BLOCK_PX)
        for u in range(0, t.shape[1] - BLOCK_PX + 1, BLOCK_PX)
        if t[v : v + BLOCK_PX, u : u + BLOCK_PX].std() > 0.1
    ]
    return float(np.mean(blocks))


SCORES: dict[str, Score] = {'emsd_as_written': emsd, 'msd': msd, 'ncc': ncc, 'ssda': ssda, 'sub_ncc': sub_ncc}


def codes_by_score(image: ImageArray, candidates: Sequence[Candidate]) -> dict[str, str]:
    """The code that each of `SCORES` says of an image, of the candidates that the search placed."""
    views = [_view(image, candidate) for candidate in candidates]
    best = {name: int(np.argmin([score(s, t) for s, t in views])) for name, score in SCORES.items()}
    return {name: candidates[k].template.code for name, k in best.items()}


def _view(image: ImageArray, candidate: Candidate) -> tuple['np.ndarray', 'np.ndarray']:
    """Image and template in the template's frame, greys 0 to 1."""
    u, v, a, b = candidate.placement.at_level(1)
    x, y = candidate.template.centre_px
    onto = np.array([[a, -b, u - a * x + b * y], [b, a, v - b * x - a * y]])
    size = candidate.template.pixels.shape[::-1]
    sampled = cv2.warpAffine(image, onto, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return sampled.astype(np.float32) / 255.0, candidate.template.pixels.astype(np.float32) / 255.0
