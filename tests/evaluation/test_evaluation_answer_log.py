"""Answers that are kept in a file: taken up again exactly, or refused."""

import math

import numpy as np
import pytest

from weld_cell.errors import EvaluationError
from weld_cell.evaluation.answer_log import Answer, AnswerLog

IDENTITY = {'seed': 7, 'code': 'ab'}


def drawn(rng):
    """One answer per step that tells the random numbers apart."""
    return lambda step: [Answer('none', 'right', float(rng.random()), float(step), {'ncc': True})]


def completed(log, steps, seed=1, series='0.34'):
    rng, done = np.random.default_rng(seed), []
    return log.complete(series, steps, drawn(rng), rng, done.append), done


def test_nothing_to_answer_gives_nothing(tmp_path):
    assert completed(AnswerLog(), []) == ([], [])
    assert completed(AnswerLog(tmp_path / 'a', IDENTITY), []) == ([], [])
    assert AnswerLog(tmp_path / 'a', IDENTITY).series() == []


def test_what_was_answered_is_not_answered_again_and_the_random_numbers_go_on(tmp_path):
    whole, _ = completed(AnswerLog(), range(5))
    completed(AnswerLog(tmp_path / 'out' / 'a', IDENTITY), range(2))
    again, done = completed(AnswerLog(tmp_path / 'out' / 'a', IDENTITY), range(5))
    assert (again, done) == (whole, [2, 1, 1, 1])
    assert completed(AnswerLog(tmp_path / 'out' / 'a', IDENTITY), range(5)) == (whole, [5])


def test_series_are_kept_apart(tmp_path):
    log = AnswerLog(tmp_path / 'a', IDENTITY)
    completed(log, range(2))
    completed(log, range(3), series='library')
    again = AnswerLog(tmp_path / 'a', IDENTITY)
    assert [len(again.answers(series)) for series in again.series()] == [2, 3]
    assert again.answers('of another name') == []


def test_an_answer_without_a_pose_is_kept(tmp_path):
    rng = np.random.default_rng(1)
    refused = [Answer('blur', 'refused', math.nan, math.nan, {})]
    AnswerLog(tmp_path / 'a', IDENTITY).complete('0.34', [0], lambda step: refused, rng, lambda images: None)
    (answer,) = AnswerLog(tmp_path / 'a', IDENTITY).answers('0.34')
    assert (answer.verdict, math.isnan(answer.angle_deg)) == ('refused', True)


def test_a_line_that_was_cut_is_answered_again(tmp_path):
    file = tmp_path / 'a'
    whole, _ = completed(AnswerLog(file, IDENTITY), range(3))
    kept = file.read_text()
    file.write_text(kept[:-40])
    assert completed(AnswerLog(file, IDENTITY), range(3)) == (whole, [2, 1])
    assert file.read_text() == kept


@pytest.mark.parametrize(
    ('content', 'says'),
    [
        (b'', 'not the answers'),
        (b'notes of mine', 'not the answers'),
        (b'notes of mine\n', 'not the answers'),
        (b'\xff\xfe\n', 'not the answers'),
        (b'[1]\n', 'not the answers'),
        (b'{"seed": 7, "code": "ab"}\n{"series": "0.34"}\n', 'not the answers'),
        (b'{"seed": 8, "code": "ab"}\n', 'seed was 8, now 7'),
        (b'{"code": "ab"}\n', 'seed was None, now 7'),
    ],
)
def test_another_file_is_refused_and_left_alone(tmp_path, content, says):
    file = tmp_path / 'a'
    file.write_bytes(content)
    with pytest.raises(EvaluationError, match=f'{says}.*Name another file'):
        AnswerLog(file, IDENTITY)
    assert file.read_bytes() == content
