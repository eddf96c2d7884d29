"""Which candidates of a coarse level are worth the next finer one."""

from collections.abc import Iterable

from weld_cell.parts.refine import Candidate

RIVAL_FACTOR = 6.0
RIVAL_SCORE = 2e-4
"""A candidate goes on if its score is within the factor of the best, or within the sum of both."""
MOST_FINALISTS = 4


def best_per_part(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of each template its best candidate, best first."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        code = candidate.template.code
        if code not in best or candidate.score < best[code].score:
            best[code] = candidate
    return sorted(best.values(), key=lambda candidate: candidate.score)


def finalists(candidates: list[Candidate]) -> list[Candidate]:
    """The first few of candidates that are sorted, best first; always two, for there is a runner-up to be told."""
    if not candidates:
        return []
    limit = RIVAL_FACTOR * candidates[0].score + RIVAL_SCORE
    return candidates[:2] + [c for c in candidates[2:MOST_FINALISTS] if c.score <= limit]
