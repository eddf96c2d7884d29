"""Average precision, precision and recall against values worked out by hand."""

import numpy as np
import pytest

from weld_cell.training.detection import Detections, detection_scores

HERE, THERE = [0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]


def found(*boxes_and_scores):
    boxes = np.array([box for box, _ in boxes_and_scores], dtype=float).reshape(-1, 4)
    return Detections(boxes, np.array([score for _, score in boxes_and_scores], dtype=float))


def true(*boxes):
    return np.array(boxes, dtype=float).reshape(-1, 4)


def test_nothing_true_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match='one true box'):
        detection_scores([found()], [true()])
    with pytest.raises(ValueError, match='the same images'):
        detection_scores([found()], [])


def test_nothing_found_scores_nothing():
    assert detection_scores([found()], [true(HERE)]).map50 == 0.0


def test_all_found_and_no_more():
    scores = detection_scores([found((HERE, 0.9), (THERE, 0.8))], [true(HERE, THERE)])
    assert (scores.map50, scores.precision, scores.recall, scores.threshold) == (1.0, 1.0, 1.0, 0.8)


def test_by_hand():
    """In the order of the scores: right, wrong, right; two of three are found. Area: 1/3 * 1 + 1/3 * 2/3."""
    images = [found((HERE, 0.9), (THERE, 0.8)), found((HERE, 0.7)), found()]
    scores = detection_scores(images, [true(HERE), true(HERE), true(HERE)])
    assert scores.map50 == pytest.approx(1 / 3 + 1 / 3 * 2 / 3)
    assert (scores.precision, scores.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert scores.true_boxes == 3


def test_a_second_box_on_the_same_seam_is_wrong():
    scores = detection_scores([found((HERE, 0.9), (HERE, 0.8))], [true(HERE)])
    assert scores.map50 == 1.0
    assert scores.precision == 1.0  # at the threshold that leaves the second one out


def test_an_overlap_of_half_counts_and_less_does_not():
    half, less = [0.0, 0.0, 10.0, 5.0], [0.0, 0.0, 10.0, 4.9]
    assert detection_scores([found((half, 0.9))], [true(HERE)]).map50 == 1.0
    assert detection_scores([found((less, 0.9))], [true(HERE)]).map50 == 0.0
