"""Options that the calibrations by scans share: images, poses, target, laser colour."""

import argparse

from tqdm import tqdm

from weld_cell.calibration.rig import LaserSensorCalibration, load_rig
from weld_cell.calibration.scans.model import Sensor, Stripes
from weld_cell.calibration.scans.views import stack_views
from weld_cell.commands.recorded_views import PosedImages, read_posed_images
from weld_cell.errors import CalibrationError, ImageError, StripeError
from weld_cell.laser_scans import followed_deg, stripe_view
from weld_cell.paths import config_file
from weld_cell.stripe import StripeSettings
from weld_cell.stripe.turning import HORIZONTAL_DEG, VERTICAL_DEG

COLOURS = ('red', 'green', 'blue')


def add_colour_argument(parser: argparse.ArgumentParser) -> None:
    """--laser-colour."""
    parser.add_argument('--laser-colour', default='red', choices=COLOURS, help='in colour images (default: red)')


def rig_sensor(arguments: argparse.Namespace) -> LaserSensorCalibration:
    """The laser sensor of the rig file that is named, or of the installed one."""
    return load_rig(str(arguments.rig or config_file('rig.yaml'))).laser_sensor


def believed(sensor: LaserSensorCalibration) -> Sensor:
    """Hand-eye and laser plane as the rig file has them."""
    return Sensor(sensor.T_parent_sensor, sensor.laser_plane)


def scanned_stripes(
    arguments: argparse.Namespace, sensor: LaserSensorCalibration, target: str, size_m: float
) -> tuple[Stripes, PosedImages, list[str]]:
    """The stripes that show the target, what they come from, and why other images do not count.

    Raises:
        CalibrationError: none shows it, or an image has another size than the sensor's.
    """
    source, views, missed = read_posed_images(arguments), [], []
    settings = StripeSettings(laser_colour=arguments.laser_colour)
    poses = source.poses.transforms
    for (name, image), pose in tqdm(list(zip(source.images, poses, strict=True)), unit='image'):
        try:
            if isinstance(image, ImageError):
                raise image
            _require_size(name, image.shape, sensor)
            view = stripe_view(name, image, pose, target, sensor.camera, believed(sensor), size_m, settings)
        except (StripeError, ImageError) as error:
            missed.append(f'{name}: {error.message}')
        else:
            views.append(view)
    if not views:
        raise _nothing(source, missed, target, sensor)
    return stack_views(views, sensor.camera), source, missed


def _require_size(name: str, shape: tuple[int, ...], sensor: LaserSensorCalibration) -> None:
    if (shape[1], shape[0]) != sensor.camera.size_px:
        width, height = sensor.camera.size_px
        raise CalibrationError(
            f'{name} has {shape[1]} x {shape[0]} px, the intrinsics are for {width} x {height}.',
            'Name the rig file of this sensor with --rig; calibrate its intrinsics at the size that it sends.',
        )


def _nothing(source: PosedImages, missed: list[str], target: str, sensor: LaserSensorCalibration) -> CalibrationError:
    first = missed[0] if missed else 'there are no images'
    along = {VERTICAL_DEG: 'along the columns', HORIZONTAL_DEG: 'along the rows'}
    angle_deg = followed_deg(sensor.laser_plane)
    return CalibrationError(
        f'None of {len(source.images)} images shows the stripe on the {target}; of the first: {first}',
        'Switch the laser on, hold the sensor over the target, and set the exposure so that the stripe is bright. '
        f'By the laser plane of the rig file the stripe runs {along.get(angle_deg, "aslant")} of the image: correct '
        'A and B of the plane in rig.yaml if the sensor is mounted otherwise.',
    )
