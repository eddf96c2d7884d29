"""The figures of the joint type as JSON, as text and for a page, beside those of the paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.errors import WeldCellError
from weld_cell.evaluation.chains import NEIGHBOURS, OURS, PAPER_CHAIN, REFERENCE_23, TREE
from weld_cell.evaluation.joint_type import FIVE, GROUPS, SHIPPED, SIX, SIZES, SPATTER
from weld_cell.evaluation.joint_type_folder import FOLDER
from weld_cell.evaluation.measurements import JOINT_TYPE
from weld_cell.evaluation.scores import Score
from weld_cell.evaluation.trials import JointTypeFigures
from weld_cell.images import write_image
from weld_cell.joint_type.report import confusion_text, draw_confusion
from weld_cell.report.overlays import draw_stripe, to_bgr
from weld_cell.report.page import Picture
from weld_cell.stripe import StripeSettings, extract_stripe

KEYS = {FIVE: 'accuracy_5', SIX: 'accuracy_6', SIZES: 'accuracy_sizes', SPATTER: 'accuracy_spatter'}
PUBLISHED = JOINT_TYPE.paper()
PAPER_ACCURACY = {test: PUBLISHED[key] for test, key in KEYS.items() if key in PUBLISHED}
"""Zeng et al. 2020, section 5: on their own photographs."""
PAPER_COMPARISONS = {
    PAPER_CHAIN: (PUBLISHED['accuracy_paper_chain'], PUBLISHED['ms_per_image']),
    REFERENCE_23: (0.892, 165.62),
    NEIGHBOURS: (0.970, 984.92),
    TREE: (0.903, 138.35),
}
"""Accuracy and milliseconds an image by Zeng et al. 2020, tables 3 and 4."""
SHOWN_WRONG = 24


def figures_dict(figures: JointTypeFigures) -> dict[str, Any]:
    """Ready for JSON; accuracies from 0 to 1, None where not measured."""
    main = FOLDER if FOLDER in figures.scores else FIVE
    timed = SHIPPED if SHIPPED in figures.ms else OURS
    return {
        **{key: figures.accuracy(test) for test, key in KEYS.items()},
        **({'accuracy': figures.accuracy(FOLDER)} if main == FOLDER else {}),
        'ms_per_image': round(float(np.median(figures.ms[timed])), 4),
        'comparisons': {name: _comparison(figures, main, name) for name in figures.scores[main]},
        'feature_groups': {name: score.as_dict() for name, score in figures.scores.get(GROUPS, {}).items()},
        'tests': {
            test: {name: score.as_dict() for name, score in chains.items()}
            for test, chains in figures.scores.items()
            if test != GROUPS
        },
    }


def _comparison(figures: JointTypeFigures, test: str, name: str) -> dict[str, Any]:
    score = figures.scores[test][name]
    accuracy, ms = PAPER_COMPARISONS.get(name, (None, None))
    return {
        'accuracy': round(score.accuracy, 5),
        'spread': None if score.spread is None else round(score.spread, 5),
        'ms_per_image': round(float(np.median(figures.ms[name])), 4),
        'paper_accuracy': accuracy,
        'paper_ms_per_image': ms,
    }


def figures_text(figures: JointTypeFigures) -> str:
    """The same as tables for people."""
    parts = []
    for test in (FIVE, SIX, SIZES, SPATTER, FOLDER):
        if test in figures.scores:
            parts += _test_lines(test, figures)
    parts += ['', 'What each group of features brings (five types, our stripe):'] if GROUPS in figures.scores else []
    parts += [_score_line(name, score) for name, score in figures.scores.get(GROUPS, {}).items()]
    parts += ['', 'Milliseconds from image to type, one thread, median:']
    parts += [f'  {name:<38} {np.median(ms):9.3f}{_paper_ms(name)}' for name, ms in figures.ms.items()]
    return '\n'.join(parts).lstrip('\n') + '\n'


def _test_lines(test: str, figures: JointTypeFigures) -> list[str]:
    scores = figures.scores[test]
    paper = f' (the paper on its photographs: {PAPER_ACCURACY[test]:.1%})' if test in PAPER_ACCURACY else ''
    lines = ['', f'{test[0].upper()}{test[1:]}{paper}:']
    for name, score in scores.items():
        compared = PAPER_COMPARISONS.get(name) if test == FIVE else None
        lines.append(_score_line(name, score) + (f'   paper {compared[0]:.1%}' if compared else ''))
    own = scores[OURS]
    return [*lines, '', confusion_text(own.draws[0].types, own.confusion)]


def _score_line(name: str, score: Score) -> str:
    spread = '' if score.spread is None else f' +- {100 * score.spread:.2f}'
    return f'  {name:<38} {score.accuracy:8.2%}{spread} of {score.images} images'


def _paper_ms(name: str) -> str:
    return f'   paper {PAPER_COMPARISONS[name][1]:.2f}' if name in PAPER_COMPARISONS else ''


@dataclass(frozen=True)
class TestShown:
    """What the page says of one test.

    Attributes:
        name: Of the test.
        scores: In words, by chain.
        confusion: Of our chain; None where that was not tried.
    """

    name: str
    scores: dict[str, str]
    confusion: Picture | None


def page_values(figures: JointTypeFigures, folder: Path) -> dict[str, Any]:
    """What evaluation_joint_type.html.j2 shows; its pictures are written into the folder.

    Args:
        figures: All that was measured.
        folder: Of the page; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return {
        'tests': [
            TestShown(
                test,
                {name: _score_line('', score).strip() for name, score in scores.items()},
                _confusion(test, scores[OURS], folder) if OURS in scores else None,
            )
            for test, scores in figures.scores.items()
        ],
        'times': {name: f'{np.median(ms):.3f} ms{_paper_ms(name)}' for name, ms in figures.ms.items()},
        'wrong': list(_told_wrongly(figures, folder)),
    }


def _confusion(test: str, score: Score, folder: Path) -> Picture:
    picture = Picture(f'confusion_{test.replace(" ", "_")}.png', f'{test}: rows are the true types')
    draw_confusion(folder / picture.file, score.draws[0].types, score.confusion, test)
    return picture


def _told_wrongly(figures: JointTypeFigures, folder: Path) -> Iterator[Picture]:
    """Pictures of images that our chain told wrongly, as many as a page bears."""
    names = set(figures.wrong)
    wrong = (image for image in figures.images() if image.name in names)
    for number, image in enumerate(islice(wrong, SHOWN_WRONG)):
        pixels = image.read()
        try:
            drawn = draw_stripe(pixels, extract_stripe(pixels, StripeSettings()))
        except WeldCellError:
            drawn = to_bgr(pixels)
        picture = Picture(f'wrong_{number:02d}.png', image.name)
        write_image(folder / picture.file, drawn)
        yield picture
