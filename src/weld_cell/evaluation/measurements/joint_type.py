"""How well the joint type is told."""

from weld_cell.evaluation.figures import Aim, Figure, Measurement, Unit, at_least, at_most
from weld_cell.evaluation.measurements.units import MILLISECONDS

SHARE = Unit('%', 1, 100)
RIGHT = 'Share of the test images of all draws; one in which no stripe is found counts as wrong.'
IMAGE_TO_TYPE = 'Median of the wall clock from the pixels to the type, one image at a time.'


def right(name: str, what: str, path: str = '', aim: Aim | None = None, paper: float | None = None) -> Figure:
    """Share of joint types classified correctly."""
    return Figure(name, f'joint type right, {what}', RIGHT, SHARE, path, aim, paper, in_readme=name == 'accuracy_6')


JOINT_TYPE = Measurement(
    'joint_type',
    'Joint type',
    'weld_cell evaluate joint-type',
    "The paper's protocol on the simulator with every hard effect at random, in independent draws.",
    (
        right('accuracy_5', "five types by the paper's protocol", aim=at_least(99.5), paper=98.4),
        right('accuracy_6', 'six types', aim=at_least(99.0), paper=98.1),
        right('accuracy_sizes', 'other sizes, not retrained', aim=at_least(99.0), paper=98.4),
        right('accuracy_spatter', 'spatter and arc, not retrained', aim=at_least(98.4)),
        right(
            'accuracy_without_network',
            "five types without the network, so by the protocol's 600 images alone",
            'feature_groups.all but network.accuracy',
        ),
        right(
            'accuracy_paper_chain',
            "five types by the paper's chain as written",
            "comparisons.paper's chain as written.accuracy",
            paper=98.4,
        ),
        Figure(
            'accuracy',
            'joint type right, your own images',
            'Cross-validated in five folds, no scene on both sides of one; measured with --images.',
            SHARE,
        ),
        Figure(
            'ms_per_image',
            'image to joint type, one thread',
            IMAGE_TO_TYPE,
            MILLISECONDS,
            aim=at_most(0.8),
            paper=148.23,
            in_readme=True,
        ),
    ),
    publisher='by the paper (Zeng et al. 2020), of its own photographs',
    section='figures/joint_type.md.j2',
)
