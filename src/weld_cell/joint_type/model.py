"""A trained one-against-one RBF support vector machine as plain arrays, and its file (npz, no pickle)."""

import json
import zipfile
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.errors import ModelError
from weld_cell.joint_type.feature_sets import feature_names
from weld_cell.records import FloatArray, JointType

MODEL_VERSION = 1
_ARRAYS = ('offset', 'scale', 'support_vectors', 'pair_weights', 'pair_bias')


@dataclass(frozen=True, eq=False)
class JointTypeModel:
    """What classification needs (k features, s support vectors, t types, p = t (t - 1) / 2 pairs).

    Attributes:
        types: The t types; pair j of `pairs` tells types[a] from types[b].
        feature_set: Which features it was trained on.
        feature_point_rule: By which rule V6 and V7 were found.
        offset: (k,) subtracted from the features.
        scale: (k,) then divided by this.
        support_vectors: (s, k) scaled alike.
        pair_weights: (p, s) weight of each support vector in each pair; positive speaks for the first type.
        pair_bias: (p,).
        gamma: g of the kernel exp(-g |x - x'|^2).
        notes: Date, seeds, scores and how it was trained, for people.
    """

    types: tuple[JointType, ...]
    feature_set: str
    feature_point_rule: str
    offset: FloatArray
    scale: FloatArray
    support_vectors: FloatArray
    pair_weights: FloatArray
    pair_bias: FloatArray
    gamma: float
    notes: dict[str, Any]

    def __post_init__(self) -> None:
        count, width = self.support_vectors.shape
        pairs = len(self.pairs)
        expected = {
            'offset': (len(feature_names(self.feature_set)),),
            'scale': (width,),
            'support_vectors': (count, len(self.offset)),
            'pair_weights': (pairs, count),
            'pair_bias': (pairs,),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ModelError(
                    f'The joint type model has {name} of shape {getattr(self, name).shape}, expected {shape}.',
                    'Train it again with this version: weld_cell train joint-type.',
                )

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Index pairs (a, b), a < b, in the order of the weights."""
        return list(combinations(range(len(self.types)), 2))


def save_model(model: JointTypeModel, path: Path) -> None:
    """Write a model file; the folder must exist.

    Raises:
        ModelError: the file cannot be written.
    """
    header = {
        'version': MODEL_VERSION,
        'types': [str(t) for t in model.types],
        'feature_set': model.feature_set,
        'feature_names': feature_names(model.feature_set),
        'feature_point_rule': model.feature_point_rule,
        'gamma': model.gamma,
        'notes': model.notes,
    }
    arrays = {name: getattr(model, name) for name in _ARRAYS}
    try:
        with path.open('wb') as stream:
            np.savez_compressed(stream, header=np.array(json.dumps(header)), **arrays)
    except OSError as error:
        raise ModelError(
            f'{path}: cannot be written ({error.strerror}).', 'Check the path and its permissions.'
        ) from error


def load_model(path: Path) -> JointTypeModel:
    """Read a model file.

    Raises:
        ModelError: missing, unreadable, cut, or made for other features or another version.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            header = json.loads(str(stored['header']))
            arrays = {name: stored[name].astype(float) for name in _ARRAYS}
        _check_header(header, path)
        return JointTypeModel(
            tuple(JointType(name) for name in header['types']),
            header['feature_set'],
            header['feature_point_rule'],
            **arrays,
            gamma=float(header['gamma']),
            notes=header['notes'],
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(
            f'{path}: not a joint type model ({error}).',
            'Restore the shipped file, or train one: weld_cell train joint-type.',
        ) from error


def _check_header(header: dict[str, Any], path: Path) -> None:
    """Refuse what this version would misread.

    Raises:
        ModelError: another version, or other features.
    """
    if header['version'] != MODEL_VERSION:
        raise ModelError(
            f'{path}: model version {header["version"]}, this program reads {MODEL_VERSION}.',
            'Train it again with this version: weld_cell train joint-type.',
        )
    expected = list(feature_names(header['feature_set']))
    if header['feature_names'] != expected:
        raise ModelError(
            f'{path}: trained on the features {header["feature_names"]}, this program makes {expected}.',
            'Train it again with this version: weld_cell train joint-type.',
        )
