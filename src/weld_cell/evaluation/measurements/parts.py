"""How well and how fast sheet-metal parts are told apart."""

from weld_cell.evaluation.figures import COUNT, Aim, Figure, Measurement, Unit, at_least, at_most
from weld_cell.evaluation.measurements.units import PERCENT

BESIDE_NCC = 'Median time of a match at unknown rotation beside our own NCC pyramid in the same run.'
TOLD = 'Share of the photographs of both hands of five mirrored pairs in which the exact part is identified.'


def parts_right(name: str, words: str, path: str, aim: Aim, paper: float | None = None) -> Figure:
    """Share of parts identified correctly."""
    return Figure(name, f'part right, hand included, {words}', TOLD, PERCENT, path, aim, paper)


PARTS = Measurement(
    'parts',
    'Sheet-metal parts',
    'weld_cell evaluate parts',
    'Ten simulated parts in five mirrored pairs, the hands 0.34 % of the area apart unless said otherwise, and 200 '
    'different ones; each photograph shows another piece than the template. One thread.',
    (
        Figure(
            'accuracy_worst',
            'mirrored parts told apart, worst kind of disturbance',
            TOLD,
            PERCENT,
            'accuracy.*',
            at_least(100),
            in_readme=True,
        ),
        *(
            parts_right(name, words, f'accuracy.{name}', at_least(100), paper)
            for name, words, paper in (
                ('none', 'undisturbed', 99.9),
                ('salt_pepper', 'salt and pepper', 91.9),
                ('blur', 'blurred', 98.5),
                ('contrast', 'other contrast', 92.8),
                ('rotation', 'turned', 99.8),
            )
        ),
        parts_right('accuracy_0_30', 'hands 0.30 % apart', '', at_least(99.5)),
        parts_right('accuracy_0_15', 'hands 0.15 % apart', '', at_least(97)),
        Figure(
            'wrong_0_15',
            'part identified wrongly without a refusal, hands 0.15 % apart',
            'Of the same photographs, those in which the other hand is identified.',
            PERCENT,
            aim=at_most(1),
        ),
        parts_right('accuracy_200', 'among 200', '', at_least(100), 99.0),
        Figure(
            'speedup_prior',
            'one part alone on the table, times as fast as NCC in the same pyramid (OpenCV)',
            BESIDE_NCC,
            COUNT,
            'speedup_vs_ncc.prior',
            at_least(80),
        ),
        Figure(
            'speedup_general',
            'one part in any scene, times as fast as NCC in the same pyramid (OpenCV)',
            BESIDE_NCC,
            COUNT,
            'speedup_vs_ncc.general',
            at_least(25),
        ),
        Figure(
            'identify_10',
            'identify among 10, times the time of one match of a part alone',
            'Medians in the same run.',
            Unit('', 1),
            'identify_vs_match.10',
            at_most(8),
        ),
        Figure(
            'identify_200',
            'identify among 200, times the time of one match of a part alone',
            'Medians in the same run.',
            Unit('', 1),
            'identify_vs_match.200',
            at_most(50),
        ),
        Figure(
            'angle_p95_deg',
            'turn of a part, p95 of the error',
            'Against the drawn turn.',
            Unit('deg', 4),
            aim=at_most(0.02),
        ),
        Figure(
            'position_p95_px',
            'place of a part, p95 of the error',
            'Against the drawn place.',
            Unit('px', 3),
            aim=at_most(0.15),
        ),
    ),
    publisher='by the paper (Zhang et al. 2023), of its own photographs',
    section='figures/parts.md.j2',
)
