"""Straightened stripe images with labels, to train the network (`stripe_net`)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.joint_type.curve import StripeCurve, continuous_curve
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.straightened import COLUMNS
from weld_cell.joint_type.stretching import stretched
from weld_cell.joint_type.stripe_net import ROWS, both_pictures
from weld_cell.records import JointType, StripeProfile

STRETCH_ACROSS, STRETCH_ALONG = (0.7, 1.9), (0.8, 1.25)  # in depth, and along the stripe
"""Least and greatest factor of stretching: a step or a gap gets known in depths that no plate of the training has."""


@dataclass(frozen=True, eq=False)
class StripePictures:
    """Stripes as the network sees them.

    Attributes:
        light: (n, 2, 240, 27) float16, both pictures of each.
        labels: (n,) their types' numbers, in the order of JointType.
        scenes: (n,) what they show; pictures of one scene are nearly the same.
    """

    light: NDArray[np.float16]
    labels: NDArray[np.int64]
    scenes: NDArray[np.int64]


def stripe_pictures(samples: Iterable[tuple[StripeProfile, JointType, int]], rng: Generator) -> StripePictures:
    """Pictures of every stripe, and of it stretched at random.

    Args:
        samples: Profile, type and scene; the profiles with their light.
        rng: Draws the stretching.
    """
    light, labels, scenes = [], [], []
    for profile, joint_type, scene in samples:
        curve = continuous_curve(profile)
        across, along = (float(np.exp(rng.uniform(*np.log(limits)))) for limits in (STRETCH_ACROSS, STRETCH_ALONG))
        light += [_pictures(curve), _pictures(stretched(curve, across, along))]
        labels += 2 * [list(JointType).index(joint_type)]
        scenes += 2 * [scene]
    return StripePictures(
        np.array(light, np.float16).reshape(-1, 2, ROWS, COLUMNS),
        np.array(labels, np.int64),
        np.array(scenes, np.int64),
    )


def _pictures(curve: StripeCurve) -> NDArray[np.float16]:
    """(2, 240, 27); what a stretched stripe has more of is left out."""
    return both_pictures(curve, joint_shape(curve.columns_px).plates)[:, :ROWS].astype(np.float16)
