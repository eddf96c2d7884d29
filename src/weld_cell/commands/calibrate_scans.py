"""`weld_cell calibrate scans`: laser plane and hand-eye of the line-laser sensor without a board."""

import argparse
from typing import Any

import cv2
import numpy as np

from weld_cell.calibration.record import CalibrationRecord
from weld_cell.calibration.rig_file import SectionChange, frame_change, plane_change
from weld_cell.calibration.scans.fit import ScanFit, fit_scans
from weld_cell.calibration.scans.model import SENSOR_UNKNOWNS, Sensor, Stripes
from weld_cell.calibration.scans.observability import MOST_MM, require_known, size_doubt
from weld_cell.calibration.scans.reduced import RobotErrors
from weld_cell.calibration.scans.views import first_plane, first_sphere
from weld_cell.commands.calibrate_options import add_result_arguments, today, write_result
from weld_cell.commands.recorded_views import add_source_arguments
from weld_cell.commands.scan_options import add_colour_argument, believed, rig_sensor, scanned_stripes
from weld_cell.geometry.transforms import quaternion_xyzw
from weld_cell.laser_scans import TARGETS
from weld_cell.models.files import write_atomically
from weld_cell.option_types import above_zero, file_to_write, number
from weld_cell.report.laser_picture import strips_picture
from weld_cell.wording import counted

EXAMPLES = """Examples:
  weld_cell calibrate scans photos/ --target step --height-mm 10 --rig ~/cell/rig.yaml
  weld_cell calibrate scans a_bag --target sphere --radius-mm 25 --rig ~/cell/rig.yaml --picture scans.png
  weld_cell calibrate scans a_bag --target step --height-mm 10 --moving --rig ~/cell/rig.yaml
  weld_cell calibrate scans photos/ --target plate --robot-mm 0.05

No board: the robot holds the sensor over something plain that lies still, and stands still for each image (in a bag
for half a second; --moving takes the images of a slow scan as well: 5 ms that the clocks of camera and robot are
apart are 0.1 mm at 20 mm/s). 20 or more images: tilted about the stripe and about the travel by 25 degrees and more
to both sides, turned, raised and lowered. The intrinsics must be known; where the sensor sits is begun with what the
rig file says. A sphere or a step determines the sensor's position best. With a plate, the height follows from the
tilts alone: 60 images tilted by 40 degrees. What the poses leave open is refused, and what to add is said.

Poses of tool0 in base_link: poses.csv beside the images, as `weld_cell calibrate hand-eye --help` has it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_source_arguments(parser)
    parser.add_argument('--target', choices=TARGETS, required=True, help='what is scanned')
    parser.add_argument(
        '--height-mm', type=number(0.5, 500.0, 'mm'), metavar='MM', help='of the step, measured to 0.2 %% of it'
    )
    parser.add_argument(
        '--radius-mm', type=number(0.5, 500.0, 'mm'), metavar='MM', help='of the sphere, measured to 0.01 mm'
    )
    parser.add_argument(
        '--robot-mm',
        type=above_zero('mm'),
        default=0.1,
        help="deviation of the robot's positions (default: %(default)g)",
    )
    parser.add_argument(
        '--robot-deg',
        type=above_zero('degrees'),
        default=0.02,
        help='and of its turns; only their ratio matters (default: %(default)g)',
    )
    parser.add_argument(
        '--most-mm',
        type=above_zero('mm'),
        default=MOST_MM,
        help='refuse a result whose 95 %% interval is wider to each side (default: %(default)g)',
    )
    parser.add_argument(
        '--moving',
        action='store_true',
        help='of a bag: take images while the robot moves too, its pose interpolated at their stamps',
    )
    parser.add_argument(
        '--picture', type=file_to_write, metavar='FILE', help='PNG: what is left over along each stripe'
    )
    add_colour_argument(parser)
    add_result_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: the scans do not say where the sensor sits, or something cannot be written.
    """
    size_m = _size_m(arguments)
    robot = RobotErrors(1e-3 * arguments.robot_mm, float(np.radians(arguments.robot_deg)))
    sensor = rig_sensor(arguments)
    stripes, source, missed = scanned_stripes(arguments, sensor, arguments.target, size_m)
    fit = _fit(stripes, believed(sensor), arguments.target, size_m, robot)
    print(_text(fit, missed), end='')
    if arguments.picture:
        _, png = cv2.imencode('.png', _picture(fit))
        write_atomically(arguments.picture, lambda stream: stream.write(png.tobytes()))
        print(f'written: {arguments.picture}')
    require_known(fit, arguments.most_mm)
    write_result(arguments, _content(fit, missed), _changes(fit, arguments.target, source.sha256))
    return 0


def _size_m(arguments: argparse.Namespace) -> float:
    """Height of the step or radius of the sphere; 0 of a plate."""
    option = {'step': 'height_mm', 'sphere': 'radius_mm'}.get(arguments.target)
    if option is None:
        return 0.0
    size_mm = getattr(arguments, option)
    if size_mm is None:
        raise ValueError(f'--{option.replace("_", "-")}: expected for a {arguments.target}')
    return float(1e-3 * size_mm)


def _fit(stripes: Stripes, start: Sensor, target: str, size_m: float, robot: RobotErrors) -> ScanFit:
    if target == 'sphere':
        return fit_scans(stripes, *first_sphere(stripes, start, size_m), robot)
    return fit_scans(stripes, start, first_plane(stripes, start, size_m or None), robot)


def _changes(fit: ScanFit, target: str, sha256: str) -> dict[str, SectionChange]:
    """Of the rig file; its turns are about the parent's axes, ours about the sensor's."""
    rotation = fit.sensor.T_tool0_sensor[:3, :3]
    to_parent = np.zeros((6, SENSOR_UNKNOWNS))
    to_parent[:3, 3:6], to_parent[3:, :3] = np.eye(3), rotation
    covariance = fit.covariance[:SENSOR_UNKNOWNS, :SENSOR_UNKNOWNS]
    residual_mm = fit.scatter_mm()
    words = {
        'date': today(),
        'method': f'scans of a {target} without a board',
        'residual': residual_mm,
        'residual_unit': 'mm',
        'views': int((~fit.outliers).sum()),
        'input_sha256': sha256,
    }
    frame = CalibrationRecord.of_covariance(to_parent @ covariance @ to_parent.T, **words)
    plane = CalibrationRecord.of_covariance(covariance[6:, 6:], **words)
    return {
        'laser_sensor': frame_change(fit.sensor.T_tool0_sensor, round(residual_mm, 4), frame),
        'laser_sensor.laser_plane': plane_change(fit.sensor.laser_plane, round(residual_mm, 4), plane),
    }


def _content(fit: ScanFit, missed: list[str]) -> dict[str, Any]:
    return {
        'xyz_m': fit.sensor.T_tool0_sensor[:3, 3].tolist(),
        'quaternion_xyzw': quaternion_xyzw(fit.sensor.T_tool0_sensor).tolist(),
        'laser_plane': fit.sensor.laser_plane.tolist(),
        'seam_half_widths_95_mm': fit.seam_half_widths_mm().tolist(),
        'rms_px': fit.rms_px,
        'scatter_mm': fit.scatter_mm(),
        'robot_factor': fit.weighing.robot_factor,
        'views': [
            {'name': name, 'off_mm': float(off), 'used': not out}
            for name, off, out in zip(fit.stripes.names, fit.pose_errors_mm, fit.outliers.tolist(), strict=True)
        ],
        'missed': missed,
    }


def _text(fit: ScanFit, missed: list[str]) -> str:
    lines = [f'left out: {why}' for why in missed]
    lines += [
        f'outlier, left out: {name} ({off:.2f} mm off)'
        for name, off, out in zip(fit.stripes.names, fit.pose_errors_mm, fit.outliers, strict=True)
        if out
    ]
    deviations = np.sqrt(np.diag(fit.covariance))[:SENSOR_UNKNOWNS]
    for axis, value, deviation in zip('xyz', fit.sensor.T_tool0_sensor[:3, 3], deviations[3:6], strict=True):
        lines.append(f'{axis} in tool0  {1e3 * value:10.3f} +- {1e3 * deviation:.3f} mm')
    quaternion = ', '.join(f'{value:.6f}' for value in quaternion_xyzw(fit.sensor.T_tool0_sensor))
    turns = ', '.join(f'{value:.4f}' for value in np.degrees(deviations[:3]))
    lines.append(f'turn (x, y, z, w)  {quaternion}; +- {turns} degrees')
    for name, value, deviation in zip('ABC', fit.sensor.laser_plane, deviations[6:], strict=True):
        lines.append(f'laser plane {name}  {value:10.5f} +- {deviation:.5f} 1/m')
    seam = ', '.join(f'{value:.3f}' for value in fit.seam_half_widths_mm())
    lines.append(f'a point of the stripe is known to +- {seam} mm along x, y, z of tool0 (95 %)')
    lines.append(
        f'{counted((~fit.outliers).sum(), "view")}; {fit.rms_px:.3f} px left over; the robot is off by '
        f'{fit.scatter_mm():.3f} mm at the stripe, {fit.weighing.robot_factor:.2g} times what was assumed'
    )
    lines += [f'POOR RESULT? {doubt}' for doubt in [size_doubt(fit)] if doubt]
    return '\n'.join(lines) + '\n'


def _picture(fit: ScanFit) -> 'np.ndarray[Any, np.dtype[np.uint8]]':
    curves = [curve[np.isfinite(sigma)] for curve, sigma in zip(fit.left_px, fit.stripes.sigma_px, strict=True)]
    title = f'What is left over along each stripe, its pose set right: {fit.rms_px:.3f} px RMS'
    return strips_picture(title, fit.stripes.names, curves, (~fit.outliers).tolist(), 'px')
