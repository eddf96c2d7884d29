"""How well parts are told apart, placed, and how fast: the protocol of Zhang et al. 2023 and what goes beyond it."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import SeedSequence

from weld_cell.errors import PartAmbiguousError
from weld_cell.evaluation.answer_log import Answer, AnswerLog
from weld_cell.evaluation.part_images import (
    CATEGORIES,
    NAMES,
    WEIGHTS,
    PartImage,
    Renderer,
    any_photograph,
    different_parts,
    images_of_shot,
    pairs_of_parts,
    protocol_shots,
    templates_of,
)
from weld_cell.evaluation.part_scores import SCORES, codes_by_score
from weld_cell.parts.identify import PartIdentifier
from weld_cell.parts.literal import correlations, literal_match
from weld_cell.parts.placement import wrapped
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.settings import PartSettings
from weld_cell.records import FloatArray

ASYMMETRY_PCT = 0.34
NEAR_PCT = 0.15
MIDDLE_PCT = 0.30
RUNS_A_ROUND = 6


@dataclass(frozen=True)
class PartsSize:
    """How many images an evaluation takes.

    Attributes:
        places: Photographs of each of ten parts that are disturbed in six ways.
        turns: Photographs of each part over half a turn.
        library: Number of different parts in the large library.
        pairs: Of mirrored parts, five as the paper has.
        rounds: Of the timing, of whose times the median counts.
    """

    places: int
    turns: int
    library: int
    pairs: int = 5
    rounds: int = 5

    def __post_init__(self) -> None:
        if min(self.places, self.turns, self.library, self.pairs, self.rounds) < 1:
            raise ValueError(f'expected at least one of each, got {self}')
        if self.pairs > len(NAMES):
            raise ValueError(f'pairs: expected {len(NAMES)} at most, got {self.pairs}')

    @property
    def images(self) -> int:
        """How many are answered in all."""
        return 3 * 2 * self.pairs * (7 * self.places + self.turns) + self.library


SUBSET = PartsSize(2, 7, 200)
FULL = PartsSize(86, 370, 200)
"""9720 images as the paper's, and its plain ones besides."""


def evaluate_parts(
    renderer: Renderer,
    size: PartsSize = SUBSET,
    seed: int = 7,
    progress: Callable[[int], object] = lambda images: None,
    log: AnswerLog | None = None,
) -> dict[str, Any]:
    """All figures, ready for JSON; shares of right answers are percent.

    Args:
        renderer: What draws the parts.
        size: How many images.
        seed: Everything comes from it.
        progress: Called with the number of images that were answered since the last call.
        log: Keeps the answers, and has those of an earlier run of the same renderer, size and seed.
    """
    began = time.perf_counter()
    seeds = SeedSequence(seed).spawn(4)
    log = log or AnswerLog()
    main, identifier, example = _accuracy(renderer, ASYMMETRY_PCT, size, seeds[0], progress, log, others=True)
    middle, _, _ = _accuracy(renderer, MIDDLE_PCT, size, seeds[1], progress, log)
    near, _, _ = _accuracy(renderer, NEAR_PCT, size, seeds[2], progress, log)
    right_200, large, large_example = _large_library(renderer, size.library, seeds[3], progress, log)
    timing = _timing(identifier, example, large, large_example, size.rounds)
    return {
        'accuracy': accuracy_by_category(main),
        'accuracy_0_30': _percent(main_verdicts(middle)['right'], len(middle)),
        'accuracy_0_15': _percent(main_verdicts(near)['right'], len(near)),
        'wrong_0_15': _percent(main_verdicts(near)['wrong'], len(near)),
        'ambiguous_0_15': _percent(main_verdicts(near)['ambiguous'], len(near)),
        f'accuracy_{size.library}': right_200,
        **timing,
        'angle_p95_deg': _p95([answer.angle_deg for answer in main]),
        'position_p95_px': _p95([answer.position_px for answer in main]),
        'other_scores': {name: _other_score(main, name) for name in SCORES},
        'images': {'0.34': len(main), '0.30': len(middle), '0.15': len(near), 'library': size.library},
        'seed': seed,
        'seconds': round(time.perf_counter() - began, 1),
    }


def _accuracy(
    renderer: Renderer,
    asymmetry_pct: float,
    size: PartsSize,
    seed: SeedSequence,
    progress: Callable[[int], object],
    log: AnswerLog,
    others: bool = False,
) -> tuple[list[Answer], PartIdentifier, PartImage]:
    """Answers on the ten parts' images, and what gave them, with one image for timing."""
    rng = np.random.default_rng(seed)
    parts = pairs_of_parts(renderer, asymmetry_pct, rng, size.pairs)
    identifier = PartIdentifier(templates_of(renderer, parts, rng))

    def answered(shot: tuple[str, float | None]) -> list[Answer]:
        code, turn_deg = shot
        images = images_of_shot(renderer, code, parts[code], turn_deg, rng)
        return [answer_of(identifier, image, others) for image in images]

    shots = protocol_shots(parts, size.places, size.turns)
    answers = log.complete(f'{asymmetry_pct:.2f}', shots, answered, rng, progress)
    code = shots[-1][0]
    return answers, identifier, any_photograph(renderer, code, parts[code], rng)


def answer_of(identifier: PartIdentifier, image: PartImage, others: bool = False) -> Answer:
    """Identify one image and compare with the truth."""
    findings = identifier.look(image.pixels)
    said = _others(identifier, image) if others else {}
    if len(findings.matches) != 1 or findings.refusals:
        ambiguous = any(isinstance(refusal, PartAmbiguousError) for refusal in findings.refusals)
        return Answer(image.category, 'ambiguous' if ambiguous else 'refused', np.nan, np.nan, said)
    match = findings.matches[0]
    verdict = 'right' if match.code == image.code else 'wrong'
    position = float(np.hypot(*(match.origin_px - image.origin_px)))
    return Answer(image.category, verdict, abs(wrapped(match.axis_deg - image.axis_deg)), position, said)


def _others(identifier: PartIdentifier, image: PartImage) -> dict[str, bool]:
    candidates = identifier.candidates_of_largest(image.pixels)
    return {name: code == image.code for name, code in codes_by_score(image.pixels, candidates).items()}


def accuracy_by_category(answers: Sequence[Answer]) -> dict[str, float]:
    """Percent of right answers of each category, of all images, and by the paper's mix."""
    rows: dict[str, list[bool]] = defaultdict(list)
    for answer in answers:
        rows[answer.category].append(answer.verdict == 'right')
    return _with_totals(rows)


def _other_score(answers: Sequence[Answer], name: str) -> dict[str, float]:
    rows: dict[str, list[bool]] = defaultdict(list)
    for answer in answers:
        rows[answer.category].append(answer.others[name])
    return _with_totals(rows)


def _with_totals(rows: dict[str, list[bool]]) -> dict[str, float]:
    shares = {category: _percent(sum(rows[category]), len(rows[category])) for category in CATEGORIES}
    plain = _percent(sum(map(sum, rows.values())), sum(map(len, rows.values())))
    weighted = sum(weight * shares[category] for category, weight in WEIGHTS.items()) / sum(WEIGHTS.values())
    return {**shares, 'total_plain': plain, 'total_weighted': round(weighted, 2)}


def main_verdicts(answers: Iterable[Answer]) -> Counter[str]:
    """How many were right, wrong, ambiguous, refused."""
    return Counter(answer.verdict for answer in answers)


def _large_library(
    renderer: Renderer, number: int, seed: SeedSequence, progress: Callable[[int], object], log: AnswerLog
) -> tuple[float, PartIdentifier, PartImage]:
    """Percent of right answers among many different parts, one image of each."""
    rng = np.random.default_rng(seed)
    parts = different_parts(renderer, number, rng)
    identifier = PartIdentifier(templates_of(renderer, parts, rng))

    def answered(code: str) -> list[Answer]:
        return [answer_of(identifier, any_photograph(renderer, code, parts[code], rng))]

    answers = log.complete('library', list(parts), answered, rng, progress)
    code = list(parts)[-1]
    example = any_photograph(renderer, code, parts[code], rng)
    return _percent(main_verdicts(answers)['right'], number), identifier, example


def _timing(
    identifier: PartIdentifier, image: PartImage, large: PartIdentifier, large_image: PartImage, rounds: int
) -> dict[str, Any]:
    """Processor milliseconds of one thread, medians."""
    cv2.setNumThreads(1)
    alone = [t.template for t in identifier.library.templates if t.code == image.code]
    prior = PartIdentifier(alone, PartSettings(other_hand=False))
    general = PartIdentifier(alone, PartSettings(method='anywhere', other_hand=False))
    template = prior.library.templates[0]
    beside = _in_turn(
        {
            'prior': lambda: prior.look(image.pixels),
            'general': lambda: general.look(image.pixels),
            'ncc_pyramid': lambda: literal_match(
                ImagePyramid.of_image(image.pixels), template, correlations, correlations
            ),
        },
        rounds,
    )
    ms = {way: round(float(np.median(spent)), 3) for way, spent in beside.items()}
    ratios = {way: float(np.median(beside['ncc_pyramid'] / beside[way])) for way in ('prior', 'general')}
    among = {
        len(identifier.library.codes): _ms(lambda: identifier.look(image.pixels), RUNS_A_ROUND * rounds),
        len(large.library.codes): _ms(lambda: large.look(large_image.pixels), RUNS_A_ROUND * rounds),
    }
    return {
        'ms_match': ms,
        'ms_identify': {str(number): value for number, value in among.items()},
        'speedup_vs_ncc': {way: round(ratio, 1) for way, ratio in ratios.items()},
        'identify_vs_match': {str(number): round(value / ms['prior'], 1) for number, value in among.items()},
    }


def _in_turn(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, FloatArray]:
    """(rounds,) processor milliseconds of each call, all of them in each round: load and clock are alike for all."""
    took = [{name: _ms(call, 3) for name, call in calls.items()} for _ in range(rounds)]
    return {name: np.array([spent[name] for spent in took]) for name in calls}


def _ms(call: Callable[[], object], runs: int) -> float:
    call()
    spent = []
    for _ in range(runs):
        began = time.thread_time()
        call()
        spent.append(1e3 * (time.thread_time() - began))
    return round(float(np.median(spent)), 3)


def _percent(count: int, total: int) -> float:
    return round(100.0 * count / total, 2) if total else 0.0


def _p95(values: Sequence[float]) -> float:
    told = np.array([value for value in values if np.isfinite(value)])
    return round(float(np.percentile(told, 95)), 4)
