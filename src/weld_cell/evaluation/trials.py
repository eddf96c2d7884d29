"""Chains learn from some images and are tried on others: what every evaluation of the joint type is made of."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from weld_cell.errors import WeldCellError
from weld_cell.evaluation.chains import OURS, PAPER, RIDGE, Chain, Classify
from weld_cell.evaluation.labelled_stripes import LabelledImage, LabelledStripe, find_stripe
from weld_cell.evaluation.scores import Score, judge
from weld_cell.joint_type.evaluation import Evaluation
from weld_cell.records import FloatArray, JointType
from weld_cell.stripe import StripeSettings

Track = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""Passes an iterable on and shows how far it is: items, how many, what they are."""
Stripes = dict[StripeSettings, list[LabelledStripe]]
"""The stripes of the same images in the same order, by each way to find them."""


@dataclass(frozen=True, eq=False)
class JointTypeFigures:
    """All that was measured.

    Attributes:
        scores: By test and then by chain.
        ms: Milliseconds from image to type of each timed image, by chain; wall clock, one thread.
        wrong: Names of images that our chain told wrongly.
        images: Makes the images again, these among them.
    """

    scores: dict[str, dict[str, Score]]
    ms: dict[str, FloatArray]
    wrong: tuple[str, ...]
    images: Callable[[], Iterable[LabelledImage]]

    def accuracy(self, test: str, chain: str = OURS) -> float | None:
        """Share classified correctly, 0 to 1; None where it was not measured."""
        score = self.scores.get(test, {}).get(chain)
        return None if score is None else round(score.accuracy, 5)


@dataclass
class Trials:
    """Collects what each chain said, by test and chain, draw by draw."""

    draws: dict[str, dict[str, list[Evaluation]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(
        self, test: str, name: str, chain: Chain, classify: Classify, stripes: Stripes, types: tuple[JointType, ...]
    ) -> Evaluation:
        """Try a trained chain on the stripes of some types."""
        evaluation = judge(classify, chain.features, _of_types(stripes[chain.stripe], types), types)
        self.draws[test][name].append(evaluation)
        return evaluation

    def scores(self) -> dict[str, dict[str, Score]]:
        """The draws put together."""
        return {
            test: {name: Score(tuple(draws)) for name, draws in chains.items()} for test, chains in self.draws.items()
        }


def no_track(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    """Shows nothing."""
    return items


def find_stripes(images: Iterable[LabelledImage], count: int, track: Track, what: str) -> Stripes:
    """The stripe in every image, by each way to find it; the pixels are not kept."""
    found: Stripes = {RIDGE: [], PAPER: []}
    for image in track(images, count, what):
        for settings, stripes in found.items():
            stripes.append(find_stripe(image, settings))
    return found


def learn(chain: Chain, stripes: Stripes, types: tuple[JointType, ...], seed: int) -> Classify:
    """Train a chain on the stripes of some types; images without a usable stripe teach nothing."""
    usable = [
        (s, s.profile) for s in _of_types(stripes[chain.stripe], types) if not isinstance(s.profile, WeldCellError)
    ]
    features = np.array([chain.features(profile) for _, profile in usable])
    return chain.learn(features, [s.joint_type for s, _ in usable], [s.scene for s, _ in usable], seed)


def _of_types(stripes: Sequence[LabelledStripe], types: tuple[JointType, ...]) -> list[LabelledStripe]:
    return [stripe for stripe in stripes if stripe.joint_type in types]
