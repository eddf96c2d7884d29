"""Answers of a long evaluation, kept as they come, so that it can go on where it was stopped."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.random import Generator

from weld_cell.errors import EvaluationError


@dataclass(frozen=True)
class Answer:
    """What was said of one image.

    Attributes:
        category: Of the image.
        verdict: right, wrong, ambiguous or refused.
        angle_deg: Error of the direction; NaN where nothing was told.
        position_px: Error of the origin; as well.
        others: Whether each of the other scores was right.
    """

    category: str
    verdict: str
    angle_deg: float
    position_px: float
    others: dict[str, bool]


@dataclass(frozen=True)
class _Step:
    """Answers that came together, and the state of the random numbers after them."""

    answers: tuple[Answer, ...]
    random_state: dict[str, Any]


class AnswerLog:
    """Answers by series, and the random numbers after each of their steps; without a file they are in memory only.

    Args:
        file: JSON lines: what was evaluated, then a line for each step. Goes on where an earlier run stopped; a line
            that was cut by a crash is dropped.
        identity: What must be the same when the evaluation goes on; strings and whole numbers by name.

    Raises:
        EvaluationError: the file is damaged, or of another evaluation; names what differs.
        OSError: the file cannot be read or written.
    """

    def __init__(self, file: Path | None = None, identity: dict[str, Any] | None = None) -> None:
        self._file = file
        self._steps: dict[str, list[_Step]] = {}
        if file is not None:
            self._open(file, identity or {})

    def answers(self, series: str) -> list[Answer]:
        """All of a series so far."""
        return [answer for step in self._steps.get(series, []) for answer in step.answers]

    def series(self) -> list[str]:
        """Names of those begun."""
        return list(self._steps)

    def complete(
        self,
        series: str,
        steps: Sequence[Any],
        answered: Callable[[Any], Iterable[Answer]],
        rng: Generator,
        progress: Callable[[int], object],
    ) -> list[Answer]:
        """Answer what of a series is not yet answered.

        Args:
            series: Its name.
            steps: All of them.
            answered: Of one step, the answers; draws from `rng`.
            rng: As it stands before the first step; it is moved to where the kept steps end.
            progress: Called with the number of answers, first of the kept ones, then of each step.

        Returns:
            The answers of all steps.
        """
        kept = self._steps.setdefault(series, [])
        if kept:
            rng.bit_generator.state = kept[-1].random_state
            progress(len(self.answers(series)))
        for step in steps[len(kept) :]:
            answers = tuple(answered(step))
            self._keep(series, _Step(answers, dict(rng.bit_generator.state)))
            progress(len(answers))
        return self.answers(series)

    def _keep(self, series: str, step: _Step) -> None:
        self._steps[series].append(step)
        if self._file is not None:
            line = {'series': series, 'answers': [asdict(a) for a in step.answers], 'random_state': step.random_state}
            with self._file.open('a', encoding='utf-8') as stream:
                stream.write(json.dumps(line) + '\n')

    def _open(self, file: Path, identity: dict[str, Any]) -> None:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(identity) + '\n', encoding='utf-8')
            return
        try:
            text = file.read_text(encoding='utf-8')
            whole = text[: text.rindex('\n') + 1]
            found, *lines = map(json.loads, whole.splitlines())
            self._take(lines)
            differences = [
                f'{name} was {found.get(name)!r}, now {identity.get(name)!r}'
                for name in sorted(identity.keys() | found.keys())
                if found.get(name) != identity.get(name)
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(f'{file}: not the answers of an evaluation ({error}).', _ANEW) from error
        if differences:
            raise EvaluationError(f'{file}: answers of another evaluation: {"; ".join(differences)}.', _ANEW)
        if whole != text:
            file.write_text(whole, encoding='utf-8')

    def _take(self, lines: Iterable[dict[str, Any]]) -> None:
        for line in lines:
            answers = tuple(Answer(**answer) for answer in line['answers'])
            self._steps.setdefault(line['series'], []).append(_Step(answers, line['random_state']))


_ANEW = 'Name another file, or remove this one to begin anew.'
