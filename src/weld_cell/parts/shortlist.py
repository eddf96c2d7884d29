"""Selection of the candidates of a coarse level for the next finer one."""

from collections.abc import Callable, Iterable

from weld_cell.parts.placement import Placement, angle_between
from weld_cell.parts.refine import Candidate

RIVAL_FACTOR = 6.0
RIVAL_SCORE = 2e-4
"""A candidate goes on if its score is within the factor of the best, or within the sum of both."""
MOST_FINALISTS = 4
SAME_SHARE = 0.02
SAME_DEG = 1.0
"""Candidates within this share of the radius and this turn of each other are placed alike."""


def best_per_part(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of each template its best candidate, best first."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        code = candidate.template.code
        if code not in best or candidate.score < best[code].score:
            best[code] = candidate
    return sorted(best.values(), key=lambda candidate: candidate.score)


def realigned(candidates: list[Candidate], again: Callable[[Candidate, Placement], Candidate]) -> list[Candidate]:
    """Candidates of one place, best first; each also tried where the best one lies, if it lies elsewhere.

    Parts that are nearly alike lie nearly alike, and whichever was placed wrongly would lose for that alone.

    Args:
        candidates: Best first.
        again: A candidate's template aligned from another placement.
    """
    if len(candidates) < 2:
        return candidates
    best = candidates[0].placement
    moved = [
        min(candidate, again(candidate, best), key=lambda c: c.score) if _elsewhere(candidate, best) else candidate
        for candidate in candidates
    ]
    return sorted(moved, key=lambda candidate: candidate.score)


def _elsewhere(candidate: Candidate, placement: Placement) -> bool:
    far = candidate.placement.distance(placement) > SAME_SHARE * candidate.template.radius_px
    return far or angle_between(candidate.placement.angle_deg, placement.angle_deg) > SAME_DEG


def finalists(candidates: list[Candidate]) -> list[Candidate]:
    """The first few of candidates that are sorted, best first; always two, for there is a runner-up to be told."""
    if not candidates:
        return []
    limit = RIVAL_FACTOR * candidates[0].score + RIVAL_SCORE
    return candidates[:2] + [c for c in candidates[2:MOST_FINALISTS] if c.score <= limit]
