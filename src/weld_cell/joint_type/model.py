"""A trained one-against-one RBF support vector machine as plain arrays, and its file (npz, no pickle)."""

import json
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.errors import ModelError
from weld_cell.joint_type.feature_sets import feature_names
from weld_cell.models.card import TensorSignature
from weld_cell.models.loader import ModelKind, load_arrays, save_arrays
from weld_cell.records import FloatArray, JointType

JOINT_TYPE_MODEL = ModelKind(
    'joint_type_svm',
    1,
    'weld_cell train joint-type',
    (TensorSignature('features', ('k',), 'float64', 'features of one stripe, not normalised'),),
    (
        TensorSignature('decision_values', ('p',), 'float64', 'of each pair of types; positive speaks for the first'),
        TensorSignature('votes', ('t',), 'int64', 'pairs that each type has won'),
    ),
)
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
    """Write a model file; its card is written after it (`weld_cell.joint_type.report.model_card`).

    Raises:
        ModelError: the file cannot be written.
    """
    header = {
        'types': [str(t) for t in model.types],
        'feature_set': model.feature_set,
        'feature_names': feature_names(model.feature_set),
        'feature_point_rule': model.feature_point_rule,
        'gamma': model.gamma,
    }
    save_arrays(path, {'header': np.array(json.dumps(header))} | {name: getattr(model, name) for name in _ARRAYS})


def load_model(path: Path) -> JointTypeModel:
    """Read a model file; its card lies beside it.

    Raises:
        ModelError: missing, damaged, of another kind or version, or made for other features.
    """
    stored = load_arrays(path, JOINT_TYPE_MODEL).arrays
    try:
        header = json.loads(str(stored['header']))
        _check_features(header, path)
        return JointTypeModel(
            tuple(JointType(name) for name in header['types']),
            header['feature_set'],
            header['feature_point_rule'],
            **{name: stored[name].astype(float) for name in _ARRAYS},
            gamma=float(header['gamma']),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f'{path}: not a joint type model ({error}).', JOINT_TYPE_MODEL.remedy) from error


def _check_features(header: dict[str, Any], path: Path) -> None:
    """Refuse what this version would misread.

    Raises:
        ModelError: other features.
    """
    expected = list(feature_names(header['feature_set']))
    if header['feature_names'] != expected:
        raise ModelError(
            f'{path}: trained on the features {header["feature_names"]}, this program makes {expected}.',
            'Train it again with this version: weld_cell train joint-type.',
        )
