"""The joint type of one image: features, normalisation, one-against-one vote of the support vector machine.

Source: Zeng et al. 2020, section 4, equations 10 to 15. Kernel and vote are compiled here: they give the same labels
as scikit-learn's SVC in a fraction of its call time.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.errors import ModelError
from weld_cell.geometry.camera import CameraModel
from weld_cell.joint_type.feature_sets import feature_vector
from weld_cell.joint_type.model import JointTypeModel, load_model
from weld_cell.joint_type.model_view import assumed_view, model_view
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.paths import model_file
from weld_cell.records import FloatArray, JointTypeEstimate, LengthScale, StripeProfile

SHIPPED_MODELS = {'extended': 'joint_type.npz', 'paper': 'joint_type_paper.npz'}


class JointTypeClassifier:
    """Tells the joint type from a stripe profile.

    Args:
        model: A trained model.
        settings: How the sensor sees; the model itself says which features it takes.
        any_sensor: Whether it was trained for the sensor of `model_view`, as which every calibrated one is then seen;
            else for the very sensor whose stripes it is shown.
    """

    def __init__(
        self, model: JointTypeModel, settings: JointTypeSettings | None = None, any_sensor: bool = False
    ) -> None:
        self.model = model
        self._any_sensor = any_sensor and model.feature_set != 'paper'
        self._settings = replace(
            settings or JointTypeSettings(),
            feature_set=model.feature_set,
            feature_point_rule=model.feature_point_rule,
        )
        self._pairs = np.array(model.pairs, np.int64).reshape(-1, 2)
        # So laid out, the innermost loops run along the memory.
        self._support_columns = np.ascontiguousarray(model.support_vectors.T)
        self._weight_columns = np.ascontiguousarray(model.pair_weights.T)

    @classmethod
    def load(cls, path: Path | None = None, settings: JointTypeSettings | None = None) -> 'JointTypeClassifier':
        """Load a model file.

        Args:
            path: The file; None: the one that the settings name, else the one shipped for their features.
            settings: Says the features and the rule that the model must be made for.

        Raises:
            ModelError: missing, unreadable, or made for other features.
        """
        settings = settings or JointTypeSettings()
        shipped = model_file(SHIPPED_MODELS[settings.feature_set])
        path = path or (Path(settings.model_file) if settings.model_file else shipped)
        model = load_model(path)
        wanted = (settings.feature_set, settings.feature_point_rule)
        if (model.feature_set, model.feature_point_rule) != wanted:
            raise ModelError(
                f'{path}: made for the features {model.feature_set} ({model.feature_point_rule}), the '
                f'settings ask for {wanted[0]} ({wanted[1]}).',
                'Name a model that fits in model_file, or train one: weld_cell train joint-type.',
            )
        return cls(model, settings, any_sensor=path == shipped)

    def classify(
        self, profile: StripeProfile, camera: CameraModel | None = None, laser_plane: FloatArray | None = None
    ) -> JointTypeEstimate:
        """The joint type that one profile shows.

        Args:
            profile: The stripe.
            camera: Intrinsics of the sensor, where they are known.
            laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m. With both, our features for the shipped model are
                taken of what its own sensor would see, without them by the scale that the settings assume; those of
                the paper always are of the pixels.

        Raises:
            JointTypeError: the stripe covers too few rows.
            CalibrationError: a viewing ray does not meet the laser plane.
        """
        settings, scale = self._settings, LengthScale.PIXELS
        if self._any_sensor and camera is not None and laser_plane is not None:
            profile, scale = model_view(profile, camera, laser_plane, settings.deeper), LengthScale.CALIBRATED
        elif self._any_sensor:
            profile = assumed_view(profile, settings.assumed_row_mm, settings.assumed_column_mm)
            scale = LengthScale.ASSUMED
        return replace(self.classify_features(feature_vector(profile, settings)), scale=scale)

    def classify_features(self, features: FloatArray) -> JointTypeEstimate:
        """The joint type for a feature vector (k,) that is not normalised."""
        votes, best, margin = _vote(self.decision_values(features), self._pairs, len(self.model.types))
        return JointTypeEstimate(
            self.model.types[best], dict(zip(self.model.types, votes.tolist(), strict=True)), margin, features
        )

    def decision_values(self, features: FloatArray) -> FloatArray:
        """(p,) decision value of every pair of types; positive speaks for the first (equation 15)."""
        model = self.model
        x = np.ascontiguousarray((features - model.offset) / model.scale, float)
        return _decisions(x, self._support_columns, model.gamma, self._weight_columns, model.pair_bias)


@compiled('float64[::1](float64[::1], float64[:, ::1], float64, float64[:, ::1], float64[::1])')
def _decisions(
    x: FloatArray, support_columns: FloatArray, gamma: float, weight_columns: FloatArray, bias: FloatArray
) -> FloatArray:
    """(p,) weighted sums of exp(-gamma |x - x'|^2) over the support vectors, and the bias.

    Args:
        x: (k,) normalised features.
        support_columns: (k, s) support vectors x', one in each column.
        gamma: Of the kernel.
        weight_columns: (s, p) weight of each support vector in each pair.
        bias: (p,).
    """
    squared = np.zeros(support_columns.shape[1])
    for i in range(len(x)):
        for j in range(len(squared)):
            squared[j] += (x[i] - support_columns[i, j]) ** 2
    values = bias.copy()
    for j in range(len(squared)):
        kernel = math.exp(-gamma * squared[j])
        for pair in range(len(values)):
            values[pair] += kernel * weight_columns[j, pair]
    return values


@compiled('Tuple((int64[::1], int64, float64))(float64[::1], int64[:, ::1], int64)')
def _vote(decisions: FloatArray, pairs: NDArray[np.int64], types: int) -> tuple[NDArray[np.int64], int, float]:
    """Votes (t,), the type with the most (of equals the first, as libsvm does), and its margin.

    The margin is the smallest decision value for it among its own pairs; negative if it lost one of them.

    Args:
        decisions: (p,) positive for the first type of a pair.
        pairs: (p, 2) numbers of the types.
        types: t.
    """
    votes = np.zeros(types, np.int64)
    for j in range(len(decisions)):
        votes[pairs[j, 0] if decisions[j] > 0 else pairs[j, 1]] += 1
    best = int(votes.argmax())
    margin = np.inf
    for j in range(len(decisions)):
        if best in (pairs[j, 0], pairs[j, 1]):
            margin = min(margin, decisions[j] if best == pairs[j, 0] else -decisions[j])
    return votes, best, margin
