"""The command `weld_cell`: run, check, replay, predict, train, evaluate, parts, spot-weld, report and others."""

import argparse
import importlib
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from weld_cell import __version__
from weld_cell.errors import WeldCellError

# command words -> (module below weld_cell.commands, what it does); imported only when chosen
COMMANDS = {
    ('run',): ('run', 'weld one simulated joint in the real node graph and report on it'),
    ('check',): ('check', 'look at rig, robot, procedures, parameters and models before anything moves'),
    ('replay',): ('replay', 'run the pipeline offline over a recorded bag'),
    ('predict',): ('predict', 'say what photographs of a laser stripe show'),
    ('bag', 'from-images'): ('bag_from_images', 'make a bag from a folder of images'),
    ('train', 'joint-type'): ('train_joint_type', 'train the joint-type classifier'),
    ('train', 'stripe-net'): ('train_stripe_net', "train the network beneath the joint type's features"),
    ('train', 'plate-seam'): ('train_plate_seam', 'train the network that locates plate seams'),
    ('train', 'spot-weld'): ('train_spot_weld', 'train the network that finds spot welds'),
    ('models',): ('models', 'list, show and check the trained models'),
    ('evaluate', 'joint-type'): ('evaluate_joint_type', 'measure how well the joint type is told'),
    ('evaluate', 'seam'): ('evaluate_seam', 'measure how well the seam is found'),
    ('evaluate', 'plate-seam'): ('evaluate_plate_seam', 'measure how well plate seams are located and traced'),
    ('evaluate', 'spot-weld'): ('evaluate_spot_weld', 'measure how well spot welds are found and judged'),
    ('evaluate', 'parts'): ('evaluate_parts', 'measure how well sheet-metal parts are told apart'),
    ('spot-weld', 'bank'): ('spot_weld_bank', 'make a bank of good spot welds from photos of them'),
    ('spot-weld', 'inspect'): ('spot_weld_inspect', 'judge the spot welds in images'),
    ('parts', 'add'): ('parts_add', 'add a part to the library, from a photograph or a DXF drawing'),
    ('parts', 'list'): ('parts_list', 'list the parts of the library'),
    ('parts', 'check'): ('parts_check', 'say which parts of the library can be confused'),
    ('parts', 'identify'): ('parts_identify', 'say which parts lie in images, where, and how they are turned'),
    ('sim', 'export'): ('sim_export', 'write simulated images with their truth'),
    ('report', 'run'): ('report_run', 'make the page of a recorded run again'),
}
GROUPS = {
    'bag': 'images into bags',
    'train': 'train what is shipped',
    'evaluate': "figures beside the paper's",
    'parts': 'the library of sheet-metal parts',
    'spot-weld': 'good spot welds, and what is unlike them',
    'sim': 'images of the simulated cell',
    'report': 'pictures and pages',
}
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code (1: trouble in the cell, 2: wrong usage, 130: interrupted)."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        with interruptible():
            told = argparse.Namespace(command_line=shlex.join(['weld_cell', *words]))
            arguments = _parser(words).parse_args(words, told)
            return int(importlib.import_module(f'weld_cell.commands.{arguments.module}').run(arguments))
    except WeldCellError as error:
        print(f'weld_cell: {error}', file=sys.stderr)
        return 1
    except ValueError as error:
        print(f'weld_cell: {error}', file=sys.stderr)
        return 2
    except OSError as error:  # what no command has named better
        print(f'weld_cell: {_said_of(error)}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('weld_cell: interrupted', file=sys.stderr)
        return INTERRUPTED


def _said_of(error: OSError) -> str:
    where = f'{error.filename}: ' if error.filename is not None else ''
    return f'{where}{error.strerror or error}. Remedy: Check the path, its permissions and the free space.'


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, but not where it would be lost."""
    previous = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; within numba, as soon as that has returned.

    A compiled function that makes arrays calls a function of Python for each, where a signal that came during the
    loop is handled first. What is raised there comes out as a SystemError, or not at all.
    """
    if _within_numba(frame):
        sys.setprofile(_interrupt_outside)
        return
    raise KeyboardInterrupt


def _interrupt_outside(frame: FrameType, _event: str, _argument: object) -> None:
    """Called by Python at each call and each return, first at that of _interrupt itself."""
    if frame.f_code is not _interrupt.__code__ and not _within_numba(frame):
        sys.setprofile(None)
        raise KeyboardInterrupt


def _within_numba(frame: FrameType | None) -> bool:
    """Whether the frame is numba's, or was called from there, as the handler of another signal is."""
    while frame is not None and frame.f_code.co_name != '_numba_unpickle':
        frame = frame.f_back
    return frame is not None


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='weld_cell',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='Examples:\n  weld_cell run --joint fillet --seed 3\n  weld_cell bag from-images photos/ my_bag\n'
        '  weld_cell replay my_bag --out out/replay\n"weld_cell COMMAND --help" tells more.',
    )
    parser.add_argument('--version', action='version', version=f'weld_cell {__version__}')
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    groups = {}
    for path, (module, help_text) in COMMANDS.items():
        parent = commands
        if len(path) == 2:
            if path[0] not in groups:
                group = commands.add_parser(path[0], help=GROUPS[path[0]])
                groups[path[0]] = group.add_subparsers(required=True, metavar='COMMAND')
            parent = groups[path[0]]
        command = parent.add_parser(
            path[-1],
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + '.',
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(module=module)
        if tuple(words[: len(path)]) == path:  # only the chosen command's module is imported
            importlib.import_module(f'weld_cell.commands.{module}').add_arguments(command)
    return parser


if __name__ == '__main__':
    sys.exit(main())
