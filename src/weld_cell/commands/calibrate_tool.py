"""`weld_cell calibrate tool`: position of the wire tip, by pointing at one place from several directions."""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from weld_cell.calibration.pose_files import TURN_KEYS, UNITS, read_pose_file
from weld_cell.calibration.record import CalibrationRecord
from weld_cell.calibration.rig import Rig
from weld_cell.calibration.rig_file import tool_change
from weld_cell.calibration.tool_tip import MOST_MM, ToolTip, calibrate_tool, require_good
from weld_cell.commands.calibrate_options import add_result_arguments, named_rig, today, write_result
from weld_cell.option_types import above_zero
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell calibrate tool pointings.csv --rig ~/cell/rig.yaml
  weld_cell calibrate tool flange_poses.txt --turns abc_deg --unit mm --json tool.json

Fix a sharp tip on the table. Cut the wire to the stick-out that you weld with. Bring the wire's tip to the sharp one
from four or more directions, leaned by 30 degrees or more to all sides, and note the pose of tool0 in base_link each
time (not of the tool's own frame). The file has a header with x_m,y_m,z_m (or x_mm,...) and one of qx,qy,qz,qw;
rx_deg,ry_deg,rz_deg; a_deg,b_deg,c_deg; vx_rad,vy_rad,vz_rad; a column "image", if there is one, names the pointings.
Or bare rows of 6, 7, 12 or 16 numbers. The tool's direction stays as the rig has it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('poses', type=Path, metavar='FILE', help='poses of tool0 in base_link, the tip at one place')
    parser.add_argument('--turns', choices=TURN_KEYS, default='', help='what the numbers of bare rows mean')
    parser.add_argument('--unit', choices=UNITS, default='m', help='of positions without one (default: m)')
    parser.add_argument(
        '--most-mm',
        type=above_zero('mm'),
        default=MOST_MM,
        metavar='MM',
        help='refuse pointings that miss the place by more (RMS), or a tip known worse (default: %(default)g)',
    )
    add_result_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: the pointings do not say where the tip is, or something cannot be written.
    """
    rig = named_rig(arguments)
    poses = read_pose_file(arguments.poses, arguments.turns, arguments.unit)
    result = calibrate_tool(poses.transforms, poses.names)
    print(_text(result, rig), end='')
    require_good(result, arguments.most_mm)
    record = CalibrationRecord.of_covariance(
        result.covariance,
        date=today(),
        method='pointing at one place',
        residual=result.rms_mm,
        residual_unit='mm',
        views=result.used,
        input_sha256=hashlib.sha256(arguments.poses.read_bytes()).hexdigest(),
    )
    content = {
        'tip_m': result.tip_m.tolist(),
        'place_m': result.place_m.tolist(),
        'covariance': result.covariance.tolist(),
        'rms_mm': result.rms_mm,
        'pointings': [vars(pointing) for pointing in result.pointings],
    }
    write_result(arguments, content, {'welding_tool': tool_change(result.tip_m, record)})
    return 0


def _text(result: ToolTip, rig: Rig | None) -> str:
    lines = [f'left out: {pointing.name} misses the place by {pointing.miss_mm:.2f} mm' for pointing in result.bad]
    for axis, value, deviation in zip('xyz', result.tip_m, np.sqrt(np.diag(result.covariance)), strict=True):
        lines.append(f'{axis} in tool0  {1000 * value:10.3f} +- {1000 * deviation:.3f} mm')
    lines.append(
        f'{counted(result.used, "pointing misses", "pointings miss")} the place by {result.rms_mm:.3f} mm (RMS)'
    )
    if rig is not None:
        moved_mm = 1000 * np.linalg.norm(result.tip_m - rig.T_tool0_tool[:3, 3])
        lines.append(f'{moved_mm:.2f} mm from where the rig file has the tip')
    return '\n'.join(lines) + '\n'
