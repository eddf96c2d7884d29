"""How well the joint type is told on the simulator: the paper's protocol and its comparisons, several times over."""

from itertools import islice

import numpy as np

from weld_cell.evaluation.chains import OURS, Chain, Classify, compared_chains, milliseconds, shipped
from weld_cell.evaluation.feature_groups import group_chains
from weld_cell.evaluation.image_sets import FIVE_TYPES, SIX_TYPES, Draw, ImageSet, Protocol, draw_of
from weld_cell.evaluation.trials import JointTypeFigures, Stripes, Track, Trials, find_stripes, learn, no_track
from weld_cell.joint_type import JointTypeClassifier
from weld_cell.records import FloatArray

FIVE, SIX, SIZES, SPATTER, GROUPS = 'five types', 'six types', 'other sizes', 'spatter and arc', 'feature groups'
SHIPPED = 'shipped model'
TIMED_IMAGES = 200
Trained = dict[str, tuple[Chain, Classify]]


def evaluate_simulated(protocol: Protocol, track: Track = no_track) -> JointTypeFigures:
    """The paper's protocol and its comparisons, in independent draws of training and test images.

    Five types are learnt and told as in the paper; a second machine learns all six, and tells them in the test, in
    other sizes and beside an arc. The shipped model, trained on more images, is tried beside it.

    Args:
        protocol: How many images and draws.
        track: Shows the progress.
    """
    trials = Trials()
    taken: list[dict[str, FloatArray]] = []
    for number in range(protocol.draws):
        draw, where = draw_of(protocol, number), f'draw {number + 1} of {protocol.draws}'
        stripes = {
            images.name: find_stripes(images.images(), images.count, track, f'{where}: {images.name} images')
            for images in (draw.train, draw.test, draw.sizes, draw.spatter)
        }
        trained = _try_five_types(trials, draw, stripes, protocol.seed, track, where)
        trained[SHIPPED] = _try_six_types(trials, draw, stripes, protocol.seed, track, where)
        taken.append(times(trained, draw.test))  # of each draw, minutes apart: machines have better and worse moments
    milliseconds_of = {name: np.concatenate([of[name] for of in taken]) for name in taken[0]}
    wrong = [stripes[draw.test.name][trained[OURS][0].stripe][k].name for k in trials.draws[SIX][OURS][-1].wrong]
    return JointTypeFigures(trials.scores(), milliseconds_of, tuple(wrong), draw.test.images)


def _try_five_types(
    trials: Trials, draw: Draw, stripes: dict[str, Stripes], seed: int, track: Track, where: str
) -> Trained:
    """All chains and feature groups by the paper's protocol; returns the trained chains."""
    chains, groups = compared_chains(seed), group_chains()
    tasks = [(FIVE, name, chain) for name, chain in chains.items()]
    tasks += [(GROUPS, name, chain) for name, chain in groups.items()]
    trained = {}
    for test, name, chain in track(tasks, len(tasks), f'{where}: learning five types'):
        classify = learn(chain, stripes[draw.train.name], FIVE_TYPES, seed)
        trials.add(test, name, chain, classify, stripes[draw.test.name], FIVE_TYPES)
        if test == FIVE:
            trained[name] = chain, classify
    return trained


def _try_six_types(
    trials: Trials, draw: Draw, stripes: dict[str, Stripes], seed: int, track: Track, where: str
) -> tuple[Chain, Classify]:
    """Our chain and the shipped model on six types; returns the shipped one."""
    ours, ready = compared_chains(seed)[OURS], shipped(JointTypeClassifier.load())
    classifiers = {
        name: learn(ours, stripes[draw.train.name], SIX_TYPES, seed)
        for name in track((OURS,), 1, f'{where}: learning six types')
    }
    for name, classify in {**classifiers, SHIPPED: ready}.items():
        for test, images in ((SIX, draw.test), (SIZES, draw.sizes), (SPATTER, draw.spatter)):
            trials.add(test, name, ours, classify, stripes[images.name], SIX_TYPES)
    return ours, ready


def times(trained: Trained, images: ImageSet) -> dict[str, FloatArray]:
    """Milliseconds of each chain on the same images, evenly from the whole set; one chain after the other."""
    every = max(1, images.count // TIMED_IMAGES)
    sample = list(islice(images.images(), 0, None, every))
    return {name: milliseconds(chain, classify, sample) for name, (chain, classify) in trained.items()}
