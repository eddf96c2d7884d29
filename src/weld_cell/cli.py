"""The command `weld_cell`: run, check, replay, predict, train, evaluate, parts, spot-weld, report and others."""

import argparse
import importlib
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer, main_thread
from types import FrameType

from weld_cell import __version__
from weld_cell.command_parser import CommandParser
from weld_cell.errors import WeldCellError

# command words -> (module below weld_cell.commands, what it does); imported only when chosen
COMMANDS = {
    ('run',): ('run', 'weld one simulated joint in the real node graph and report on it'),
    ('check',): ('check', 'look at rig, robot, procedures, parameters and models before anything moves'),
    ('replay',): ('replay', 'run the pipeline offline over recorded bags'),
    ('compare',): ('compare', 'compare two settings, models or runs over the same bags'),
    ('predict',): ('predict', 'run the laser pipeline on single photographs of a stripe'),
    ('camera', 'list'): ('camera_list', 'list GigE Vision cameras on the network'),
    ('camera', 'show'): ('camera_show', "list a camera's features with their ranges"),
    ('camera', 'grab'): ('camera_grab', 'save images of a camera'),
    ('camera', 'stream'): ('camera_stream', "measure a camera's rate, losses and jitter"),
    ('bag', 'from-images'): ('bag_from_images', 'convert a folder of images to a bag'),
    ('train', 'joint-type'): ('train_joint_type', 'train the joint-type classifier'),
    ('train', 'stripe-net'): ('train_stripe_net', 'train the network behind the joint-type features'),
    ('train', 'plate-seam'): ('train_plate_seam', 'train the network that locates plate seams'),
    ('train', 'spot-weld'): ('train_spot_weld', 'train the network that detects spot welds'),
    ('models',): ('models', 'list, describe and verify the trained models'),
    ('evaluate', 'joint-type'): ('evaluate_joint_type', 'measure the accuracy of the joint-type classification'),
    ('evaluate', 'seam'): ('evaluate_seam', 'measure the accuracy of the seam path'),
    ('evaluate', 'tracking'): ('evaluate_tracking', 'measure the accuracy of seam tracking'),
    ('evaluate', 'plate-seam'): ('evaluate_plate_seam', 'measure the accuracy of plate seams'),
    ('evaluate', 'spot-weld'): ('evaluate_spot_weld', 'measure the detection and inspection of spot welds'),
    ('evaluate', 'calibration'): ('evaluate_calibration', 'measure the accuracy of the calibrations'),
    ('evaluate', 'parts'): ('evaluate_parts', 'measure the identification of sheet-metal parts'),
    ('spot-weld', 'bank'): ('spot_weld_bank', 'build a feature bank from photographs of good spot welds'),
    ('spot-weld', 'inspect'): ('spot_weld_inspect', 'judge the spot welds in images'),
    ('parts', 'add'): ('parts_add', 'add a part to the library, from a photograph or a DXF drawing'),
    ('parts', 'list'): ('parts_list', 'list the parts of the library'),
    ('parts', 'check'): ('parts_check', 'report parts of the library that can be confused'),
    ('parts', 'identify'): ('parts_identify', 'identify parts in images, with position and rotation'),
    ('program',): ('program', 'write a planned weld as a robot program; "program read" reads a taught one'),
    ('program', 'read'): ('program_read', 'convert a taught robot program to the nominal seam of a scan'),
    ('calibrate', 'board'): ('calibrate_board', 'write a calibration board as a PDF at true scale'),
    ('calibrate', 'intrinsics'): ('calibrate_intrinsics', 'calibrate camera intrinsics from images of a board'),
    ('calibrate', 'hand-eye'): ('calibrate_hand_eye', "calibrate the pose of a camera on the robot's hand"),
    ('calibrate', 'eye-to-hand'): ('calibrate_eye_to_hand', 'calibrate the pose of a fixed camera'),
    ('calibrate', 'tool'): ('calibrate_tool', 'calibrate the wire tip by pointing at one place'),
    ('calibrate', 'laser-plane'): ('calibrate_laser_plane', 'calibrate the laser plane from the stripe on a board'),
    ('calibrate', 'scans'): ('calibrate_scans', 'calibrate laser plane and hand-eye from scans, without a board'),
    ('calibrate', 'check'): ('calibrate_check', 'check a calibration with scans of a known step'),
    ('sim', 'export'): ('sim_export', 'write simulated images with their ground truth'),
    ('records', 'list'): ('records_list', 'list the weld records'),
    ('records', 'show'): ('records_show', 'print one weld record in full'),
    ('records', 'export'): ('records_export', 'export records as CSV, JSON, weldx or PDF'),
    ('records', 'verify'): ('records_verify', 'detect records and pictures that were altered or removed'),
    ('report', 'run'): ('report_run', 'write the page of a recorded run again'),
}
GROUPS = {
    'camera': 'GigE Vision cameras on the network',
    'bag': 'convert images to bags',
    'train': 'train the models',
    'evaluate': 'measure accuracy, compared with published figures',
    'parts': 'the library of sheet-metal parts',
    'spot-weld': 'inspect spot welds',
    'sim': 'simulated data',
    'records': 'weld records',
    'report': 'pictures and pages',
    'calibrate': 'calibrate cameras, laser and tool',
}
INTERRUPTED, TERMINATED = 130, 143
_AGAIN_S = 0.05


class _Interrupted(KeyboardInterrupt):
    """Ctrl-C came. Of a KeyboardInterrupt itself that leaves exec(str) Python notes that nobody handled it, and ends
    the process by SIGINT whatever its exit code."""


class _Terminated(KeyboardInterrupt):
    """SIGTERM came: as from `kill` and systemd."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code.

    It is 1 where there is trouble in the cell, 2 of wrong usage, 130 after Ctrl-C, 143 after SIGTERM.
    """
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
    except OSError as error:
        print(f'weld_cell: {_os_error_message(error)}', file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print('weld_cell: interrupted', file=sys.stderr)
        return TERMINATED if isinstance(interrupt, _Terminated) else INTERRUPTED


def _os_error_message(error: OSError) -> str:
    where = f'{error.filename}: ' if error.filename is not None else ''
    return f'{where}{error.strerror or error}. Remedy: Check the path, its permissions and the free space.'


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C and SIGTERM raise KeyboardInterrupt, but not where it would be lost."""
    previous = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    report, sys.unraisablehook = sys.unraisablehook, _raise_again
    try:
        yield
    finally:
        sys.unraisablehook = report
        for number, handler in previous.items():
            signal.signal(number, handler)


def _raise_again(lost: 'sys.UnraisableHookArgs') -> None:
    """An interrupt that Python throws away, in a finalizer or a callback of a weak reference, is sent once more."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        number = signal.SIGTERM if issubclass(lost.exc_type, _Terminated) else signal.SIGINT
        # Not at once: it would be lost within this function.
        Timer(_AGAIN_S, signal.pthread_kill, (main_thread().ident, number)).start()
    else:
        sys.__unraisablehook__(lost)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; within numba, as soon as that has returned.

    A compiled function that makes arrays calls a function of Python for each, where a signal that came during the
    loop is handled first. What is raised there comes out as a SystemError, or not at all.
    """
    kind = _Terminated if number == signal.SIGTERM else _Interrupted

    def interrupt_outside(frame: FrameType, _event: str, _argument: object) -> None:
        """Called by Python at each call and each return, first at that of _interrupt itself."""
        if frame.f_code is not _interrupt.__code__ and not _within_numba(frame):
            sys.setprofile(None)
            raise kind

    if _within_numba(frame):
        sys.setprofile(interrupt_outside)
        return
    raise kind


def _within_numba(frame: FrameType | None) -> bool:
    """Whether the frame is numba's, or was called from there, as the handler of another signal is."""
    while frame is not None and frame.f_code.co_name != '_numba_unpickle':
        frame = frame.f_back
    return frame is not None


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = CommandParser(
        prog='weld_cell',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='Examples:\n  weld_cell run --joint fillet --seed 3\n  weld_cell bag from-images photos/ my_bag\n'
        '  weld_cell replay my_bag --out out/replay\n"weld_cell COMMAND --help" describes a command.',
    )
    parser.add_argument('--version', action='version', version=f'weld_cell {__version__}')
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    groups = {}
    for path, (module, help_text) in COMMANDS.items():
        if _not_needed(path, tuple(words[:2])):
            continue
        parent = commands
        if len(path) == 2:
            if path[0] not in groups:
                group = commands.add_parser(path[0], help=GROUPS.get(path[0], help_text))
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


def _not_needed(path: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Of a command of one word with others below it, either that or the one that is called below it is known."""
    if len(path) == 2:
        return path[:1] in COMMANDS and path != asked
    return len(asked) == 2 and asked in COMMANDS and path == asked[:1]


if __name__ == '__main__':
    sys.exit(main())
