"""The evaluation of parts: small sizes, an independent renderer, and its own bookkeeping."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / 'parts'))

import drawn_parts  # noqa: E402

from weld_cell.cli import main  # noqa: E402
from weld_cell.evaluation.answer_log import Answer, AnswerLog  # noqa: E402
from weld_cell.evaluation.part_images import (  # noqa: E402
    images_of_shot,
    photograph,
    protocol_shots,
    salt_and_pepper,
)
from weld_cell.evaluation.part_scores import SCORES  # noqa: E402
from weld_cell.evaluation.parts import PartsSize, accuracy_by_category, evaluate_parts  # noqa: E402

COMMAND = ['evaluate', 'parts', '--places', '1', '--turns', '1', '--library', '3', '--pairs', '1']
KEYS = {
    'accuracy', 'accuracy_0_15', 'accuracy_0_30', 'ambiguous_0_15', 'wrong_0_15', 'ms_match', 'ms_identify',
    'speedup_vs_ncc', 'identify_vs_match', 'angle_p95_deg', 'position_p95_px', 'other_scores', 'images', 'seed',
    'seconds',
}  # fmt: skip


@pytest.mark.parametrize('size', [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0), (1, 1, 1, 1, 0)])
def test_an_evaluation_of_nothing_is_refused(size):
    with pytest.raises(ValueError, match='at least one'):
        PartsSize(*size)


def test_more_pairs_than_have_names_are_refused():
    with pytest.raises(ValueError, match='pairs: expected 10 at most, got 11'):
        PartsSize(1, 1, 1, 11)


def test_totals_are_by_image_and_by_the_papers_mix():
    answers = [Answer('none', 'right', 0.0, 0.0, {}), Answer('blur', 'right', 0.0, 0.0, {})]
    answers += [Answer('rotation', 'wrong', 0.0, 0.0, {}), Answer('rotation', 'right', 0.0, 0.0, {})]
    accuracy = accuracy_by_category(answers)
    assert (accuracy['blur'], accuracy['rotation'], accuracy['salt_pepper']) == (100.0, 50.0, 0.0)
    assert accuracy['total_plain'] == 75.0
    assert accuracy['total_weighted'] == 18.0 + 24.0


def test_salt_and_pepper_is_half_and_half_and_leaves_the_image_alone():
    image = np.full((50, 60), 100, np.uint8)
    noisy = salt_and_pepper(image, 400, np.random.default_rng(1))
    assert ((noisy == 255).sum(), (noisy == 0).sum(), (image == 100).all()) == (200, 200, True)


def test_images_of_one_place_differ_by_their_disturbance_only():
    rng = np.random.default_rng(2)
    part = drawn_parts.random_part(rng, 0.34)[0]
    shots = protocol_shots(['A-R'], 1, 2)
    images = [image for code, turn_deg in shots for image in images_of_shot(drawn_parts, code, part, turn_deg, rng)]
    assert [i.category for i in images] == [
        'none',
        *2 * ['salt_pepper'],
        *2 * ['blur'],
        *2 * ['contrast'],
        *2 * ['rotation'],
    ]
    assert all((i.origin_px == images[0].origin_px).all() for i in images[:7])
    assert [i.axis_deg for i in images[7:]] == [0.0, 180.0]
    assert photograph(drawn_parts, part, 0.0, np.array([700.0, 500.0]), rng).shape == (1088, 1456)


@pytest.mark.slow
def test_parts_of_an_independent_renderer_are_all_told():
    figures = evaluate_parts(drawn_parts, PartsSize(1, 1, 3, 2, rounds=1))
    assert set(figures) == KEYS | {'accuracy_3'}
    assert set(figures['other_scores']) == set(SCORES)
    assert figures['accuracy']['total_plain'] == 100.0
    assert figures['accuracy_0_30'] >= 99.5
    assert figures['wrong_0_15'] <= 1.0
    assert figures['accuracy_3'] == 100.0
    assert figures['angle_p95_deg'] < 0.02
    assert figures['position_p95_px'] < 0.15


@pytest.mark.slow
def test_an_evaluation_goes_on_where_it_was_stopped_with_the_same_answers(tmp_path):
    class StoppedError(Exception):
        pass

    def stop_within_the_second_series(images):
        done.append(images)
        if sum(done) > 16 + 3:
            raise StoppedError

    size, done = PartsSize(1, 1, 2, 1, rounds=1), []
    whole = evaluate_parts(drawn_parts, size)
    with pytest.raises(StoppedError):
        evaluate_parts(drawn_parts, size, 7, stop_within_the_second_series, AnswerLog(tmp_path / 'a', {}))
    log, done = AnswerLog(tmp_path / 'a', {}), []
    again = evaluate_parts(drawn_parts, size, 7, done.append, log)
    assert (done[0], sum(done)) == (16, size.images)
    assert len(log.answers('0.34')) == 16
    timed = {'ms_match', 'ms_identify', 'speedup_vs_ncc', 'identify_vs_match', 'seconds'}
    assert {k: v for k, v in again.items() if k not in timed} == {k: v for k, v in whole.items() if k not in timed}


@pytest.mark.slow
def test_the_command_writes_its_figures(tmp_path, capsys):
    file = tmp_path / 'out' / 'parts.json'
    assert main([*COMMAND, '--json', str(file)]) == 0
    figures = json.loads(file.read_text())
    assert set(figures) == KEYS | {'accuracy_3', 'figures', 'paper'}
    assert figures['accuracy']['total_plain'] >= 98.0
    assert 'EMSD, this cell' in capsys.readouterr().out
