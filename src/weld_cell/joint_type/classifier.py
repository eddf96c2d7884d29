"""The joint type of one image: features, normalisation, one-against-one vote of the support vector machine.

Source: Zeng et al. 2020, section 4, equations 10 to 15. The vote is written in numpy: it gives the same labels as
scikit-learn's SVC in a fraction of its call time.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from weld_cell.errors import ModelError
from weld_cell.joint_type.feature_sets import feature_vector
from weld_cell.joint_type.model import JointTypeModel, load_model
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.paths import model_file
from weld_cell.records import FloatArray, JointTypeEstimate, StripeProfile

SHIPPED_MODELS = {'extended': 'joint_type.npz', 'paper': 'joint_type_paper.npz'}


class JointTypeClassifier:
    """Tells the joint type from a stripe profile.

    Args:
        model: A trained model.
        settings: How the sensor sees; the model itself says which features it takes.
    """

    def __init__(self, model: JointTypeModel, settings: JointTypeSettings | None = None) -> None:
        self.model = model
        self._settings = replace(
            settings or JointTypeSettings(), feature_set=model.feature_set,
            feature_point_rule=model.feature_point_rule)
        pairs = np.array(model.pairs).reshape(-1, 2)
        self._first, self._second = pairs[:, 0], pairs[:, 1]
        self._squared_norms = np.einsum('ij,ij->i', model.support_vectors, model.support_vectors)

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
                'Name a model that fits in model_file, or train one: weld_cell train joint-type.')
        return cls(model, settings)

    def classify(self, profile: StripeProfile) -> JointTypeEstimate:
        """The joint type that one profile shows.

        Raises:
            JointTypeError: the stripe covers too few rows.
        """
        return self.classify_features(feature_vector(profile, self._settings))

    def classify_features(self, features: FloatArray) -> JointTypeEstimate:
        """The joint type for a feature vector (k,) that is not normalised."""
        decisions = self.decision_values(features)
        winners = np.where(decisions > 0, self._first, self._second)
        votes = np.bincount(winners, minlength=len(self.model.types))
        best = int(votes.argmax())  # of equals the first, as libsvm does
        return JointTypeEstimate(
            self.model.types[best], dict(zip(self.model.types, votes.tolist(), strict=True)),
            self._margin(decisions, best), features)

    def decision_values(self, features: FloatArray) -> FloatArray:
        """(p,) decision value of every pair of types; positive speaks for the first (equation 15)."""
        model = self.model
        x = (features - model.offset) / model.scale
        squared = self._squared_norms - 2.0 * (model.support_vectors @ x) + x @ x
        values: FloatArray = model.pair_weights @ np.exp(-model.gamma * squared) + model.pair_bias
        return values

    def _margin(self, decisions: FloatArray, best: int) -> float:
        """Smallest decision value for the best type among its own pairs; negative if it lost one of them."""
        own = np.concatenate([decisions[self._first == best], -decisions[self._second == best]])
        return float(own.min())
