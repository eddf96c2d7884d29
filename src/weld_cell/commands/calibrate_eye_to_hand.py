"""`weld_cell calibrate eye-to-hand`: pose of a fixed camera, from images of a board on the robot's hand."""

import argparse

from weld_cell.calibration.mount import Mount
from weld_cell.commands.board_options import BOARD_EXAMPLES
from weld_cell.commands.calibrate_hand_eye import POSES_HELP
from weld_cell.commands.mounted_camera import add_mounted_camera_arguments, calibrate_mounted_camera

EXAMPLES = f"""Examples:
  weld_cell calibrate eye-to-hand photos/ --kind apriltag --size 1x1 --marker-mm 55.2 --first-id 10 \\
      --rig ~/cell/rig.yaml
  weld_cell calibrate eye-to-hand a_bag --kind charuco --size 11x8 --pitch-mm 20 --marker-mm 15 \\
      --camera-info mako.yaml --json mako.json

The board is fixed to the robot's hand, anyhow; the robot shows it to the camera at 15 to 25 places and stands still
at each. The hand must turn by 20 degrees or more about two axes, best about three. The camera's intrinsics come from
the rig (calibrate them first), or, where no rig is written, from --camera-info.

{POSES_HELP}

Boards:
{BOARD_EXAMPLES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_mounted_camera_arguments(parser, 'mako')


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: images and poses do not say where the camera stands, or something cannot be written.
    """
    return calibrate_mounted_camera(arguments, Mount.BASE)
