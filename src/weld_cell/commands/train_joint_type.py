"""`weld_cell train joint-type`: train the joint-type model on simulated or labelled images."""

import argparse
import shlex
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from tqdm import tqdm

from weld_cell.commands.joint_types import add_types_argument
from weld_cell.commands.seed import add_seed_argument
from weld_cell.errors import JointTypeError
from weld_cell.evaluation.labelled_stripes import (
    LabelledImage,
    LabelledProfiles,
    extract_all,
    folder_images,
    simulated_images,
)
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.evaluation import Evaluation, evaluate
from weld_cell.joint_type.feature_sets import feature_matrix
from weld_cell.joint_type.model import JointTypeModel, save_model
from weld_cell.joint_type.report import Provenance, draw_confusion, model_card, report_text
from weld_cell.joint_type.settings import DEEPER, FEATURE_POINT_RULES, FEATURE_SETS
from weld_cell.joint_type.training import LOG2_C, LOG2_GAMMA, TrainingReport, train
from weld_cell.models.card_files import write_card
from weld_cell.option_types import existing_folder, file_to_write, jobs, number, whole_number
from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings
from weld_cell.sim.joint_sizes import SIZES
from weld_cell.stripe import StripeSettings

EXAMPLES = """Examples:
  weld_cell train joint-type                                   from the simulator, into out/train
  weld_cell train joint-type --images photos/ --scene-length 5 --out my_model.npz

FOLDER holds one sub-folder for each joint type (lap, butt, splice, fillet, v, filler_layer). Beside the model come
its card (.json and .md), the report (.txt) and the confusion matrix (.png). Set joint_type.model_file in
config/cell.yaml to the model to use it."""
TEST_HARDNESS = {'nominal': 0.25, 'hard': 1.0}
SIM_SPLIT = 'splits train and test of weld_cell.sim, which never share a scene; no scene is in two folds'
SIM_LIMITS = (
    'Trained for one sensor: 0.15 mm a row, 3.3 columns a millimetre of height. A sensor of another geometry needs a '
    'training of its own: `weld_cell train joint-type --images FOLDER`.',
    'It has seen simulated images only, never a photograph.',
)
FOLDER_LIMITS = ('Trained for the sensor that took the images.',)
_SHOWN_REFUSALS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    source = parser.add_mutually_exclusive_group()
    source.add_argument('--from-sim', action='store_true', help='train from the simulator (the default)')
    source.add_argument('--images', type=existing_folder, metavar='FOLDER', help='train from labelled images')
    parser.add_argument(
        '--scene-length',
        type=whole_number(1),
        default=1,
        metavar='N',
        help='so many successive images of a folder show one scene and stay together (default: %(default)d)',
    )
    parser.add_argument(
        '--per-type',
        type=whole_number(2),
        default=120,
        help='simulated training images a type (default: %(default)d)',
    )
    parser.add_argument(
        '--test-per-type',
        type=whole_number(1),
        default=50,
        help='simulated test images a type (default: %(default)d)',
    )
    parser.add_argument(
        '--hardness',
        type=number(0.0, 1.0),
        default=1.0,
        help='greatest dial of every effect, 0 to 1 (default: %(default)g)',
    )
    parser.add_argument(
        '--sizes',
        nargs='+',
        choices=tuple(SIZES),
        default=['standard'],
        help='sizes of the simulated training joints; of each so many images (default: standard)',
    )
    add_types_argument(parser)
    parser.add_argument('--features', choices=FEATURE_SETS, default='extended', help='(default: %(default)s)')
    parser.add_argument(
        '--feature-points', choices=FEATURE_POINT_RULES, default='class_change', help='(default: %(default)s)'
    )
    parser.add_argument(
        '--deeper',
        choices=DEEPER,
        default=DEEPER[0],
        help='where the stripe moves when the surface is farther away (default: %(default)s)',
    )
    add_seed_argument(parser, 1, 'of images and folds')
    parser.add_argument('--jobs', type=jobs, default=2, help='processes (default: %(default)d)')
    parser.add_argument(
        '--out',
        type=file_to_write,
        default=Path('out/train/joint_type.npz'),
        help='model file (default: %(default)s)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, test, and write the model with its card, report and picture."""
    settings = JointTypeSettings(
        feature_set=arguments.features, feature_point_rule=arguments.feature_points, deeper=arguments.deeper
    )
    begun = time.monotonic()
    model, report = _train(arguments, settings)
    provenance = _provenance(arguments, time.monotonic() - begun)
    tests = {} if arguments.images else _tests(arguments, model, settings)
    _write(arguments.out, model, report, tests, provenance)
    print(report_text(report, tests), end='')
    print(f'{arguments.out}: {arguments.out.stat().st_size / 1000:.0f} kB')
    return 0


def _train(arguments: argparse.Namespace, settings: JointTypeSettings) -> tuple[JointTypeModel, TrainingReport]:
    images: Iterable[LabelledImage]
    if arguments.images:
        images = folder_images(arguments.images, arguments.scene_length)
        total = len(images)
    else:
        images = _simulated(arguments)
        total = arguments.per_type * len(arguments.types) * len(arguments.sizes)
    found = _extract(images, total, 'training images')
    with tqdm(total=len(LOG2_C) * len(LOG2_GAMMA), desc='grid search', unit='pair') as bar:
        return train(
            feature_matrix(found.profiles, settings),
            found.labels,
            found.scenes,
            settings,
            arguments.seed,
            arguments.jobs,
            lambda done, _: bar.update(done - bar.n),
        )


def _simulated(arguments: argparse.Namespace) -> Iterator[LabelledImage]:
    """Training images of all sizes; a scene has the same number and effects in each, and stays in one fold."""
    for sizes in arguments.sizes:
        sampler = SamplerSettings(hardness=arguments.hardness, sizes=sizes)
        yield from simulated_images(arguments.types, arguments.per_type, arguments.seed, 'train', sampler)


def _extract(images: Iterable[LabelledImage], total: int, what: str) -> LabelledProfiles:
    """Find all stripes, with a progress bar; says which images are left out.

    Raises:
        JointTypeError: not one image shows a stripe.
    """
    found = extract_all(tqdm(images, total=total, desc=what, unit='image'), StripeSettings())
    for line in found.refused[:_SHOWN_REFUSALS]:
        print(f'left out: {line}')
    if found.refused:
        print(f'{what}: {len(found.refused)} of {total} left out, as no usable stripe was found in them')
    if not found.profiles:
        raise JointTypeError(f'None of the {total} images shows a usable stripe.', 'Look at the images.')
    return found


def _tests(
    arguments: argparse.Namespace, model: JointTypeModel, settings: JointTypeSettings
) -> dict[str, Evaluation]:
    """Held-out scenes by name: as clean as a cell is, and with every effect at random."""
    classifier = JointTypeClassifier(model, settings)
    tests = {}
    for name, hardness in TEST_HARDNESS.items():
        images = simulated_images(
            arguments.types, arguments.test_per_type, arguments.seed, 'test', SamplerSettings(hardness=hardness)
        )
        found = _extract(images, arguments.test_per_type * len(arguments.types), f'{name} test images')
        tests[f'{name} simulator, held-out scenes (hardness up to {hardness:g})'] = evaluate(
            classifier, feature_matrix(found.profiles, settings), found.labels, len(found.refused)
        )
    return tests


def _provenance(arguments: argparse.Namespace, training_s: float) -> Provenance:
    made = (date.today().isoformat(), _data(arguments), arguments.seed)
    if arguments.images:
        split = f'{arguments.scene_length} successive images are a scene; none is in two folds; no test images'
        return Provenance(*made, split, _command(arguments), FOLDER_LIMITS, training_s)
    return Provenance(*made, SIM_SPLIT, _command(arguments), SIM_LIMITS, training_s)


def _data(arguments: argparse.Namespace) -> str:
    if arguments.images:
        return f'images in {arguments.images}'
    return (
        f'weld_cell.sim, split train, seed {arguments.seed}, {arguments.per_type} images a type of each size '
        f'({", ".join(arguments.sizes)}), each effect from 0 to {arguments.hardness:g}, sensor within 10 degrees and '
        '20 mm'
    )


def _command(arguments: argparse.Namespace) -> str:
    words = ['weld_cell', 'train', 'joint-type']
    for name in ('images', 'scene_length') if arguments.images else ('per_type', 'test_per_type', 'hardness'):
        words += [f'--{name.replace("_", "-")}', str(getattr(arguments, name))]
    standard = arguments.images or arguments.sizes == ['standard']
    words += [] if standard else ['--sizes', *arguments.sizes]
    words += ['--types', *map(str, arguments.types)] if list(arguments.types) != list(JointType) else []
    words += ['--features', arguments.features, '--feature-points', arguments.feature_points]
    words += ['--deeper', arguments.deeper, '--seed', str(arguments.seed), '--out', str(arguments.out)]
    return shlex.join(words)


def _write(
    path: Path,
    model: JointTypeModel,
    report: TrainingReport,
    tests: dict[str, Evaluation],
    provenance: Provenance,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, path)
    write_card(model_card(path, model, report, tests, provenance), path.parent)
    path.with_suffix('.txt').write_text(report_text(report, tests), encoding='utf-8')
    shown = list(tests.values())[-1] if tests else None
    confusion, title = (
        (shown.confusion, 'hard simulator, held-out scenes') if shown else (report.confusion, 'cross-validated')
    )
    draw_confusion(path.with_suffix('.png'), model.types, confusion, title)
