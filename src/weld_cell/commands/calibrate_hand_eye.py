"""`weld_cell calibrate hand-eye`: pose of a camera on the robot's hand, from images of a board with poses."""

import argparse

from weld_cell.calibration.mount import Mount
from weld_cell.commands.board_options import BOARD_EXAMPLES
from weld_cell.commands.mounted_camera import add_mounted_camera_arguments, calibrate_mounted_camera

POSES_HELP = """Poses of tool0 in base_link, in poses.csv beside the images:
  image,x_m,y_m,z_m,qx,qy,qz,qw             or x_mm,y_mm,z_mm
  image,x_mm,y_mm,z_mm,rx_deg,ry_deg,rz_deg  roll, pitch, yaw about fixed x, y, z; a_deg,b_deg,c_deg as KUKA has them;
                                             w_deg,p_deg,r_deg as FANUC; vx_rad,vy_rad,vz_rad a rotation vector as UR
or poses.json or .yaml: [{"image": "1.png", "xyz_m": [...], "quaternion_xyzw": [...]}, ...] with quaternion_wxyz,
rpy_deg, rpy_rad, abc_deg, rotation_vector_rad, or "matrix"; ROS poses (position and orientation with x, y, z, w), a
mapping from image to matrix, OpenCV's matrices. Also read: a matrix of four rows beside each image (007_image.jpg,
007_pose.csv) or in a folder of its own (--poses poses/, by the number in the name), .npy (n, 4, 4), rows of a time
and seven numbers (TUM, EuRoC) for images named by time, and bare rows, one for each image in natural order. What
numbers without a name mean is said by --turns and --unit."""
EXAMPLES = f"""Examples:
  weld_cell calibrate hand-eye photos/ --kind charuco --size 11x8 --pitch-mm 20 --marker-mm 15 \\
      --rig ~/cell/rig.yaml --json hand_eye.json
  weld_cell calibrate hand-eye a_bag --topic /laser_sensor/image_raw --kind chessboard --size 9x6 --pitch-mm 15 \\
      --rig ~/cell/rig.yaml

The board lies still; the robot carries the camera to 15 to 25 places and stands still at each. The hand must turn by
20 degrees or more about two axes, best about three. The camera's intrinsics come from the rig (calibrate them first),
or, where no rig is written, from --camera-info.

{POSES_HELP}

Boards:
{BOARD_EXAMPLES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    add_mounted_camera_arguments(parser, 'laser_sensor')


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, print, and write what was asked for.

    Raises:
        WeldCellError: images and poses do not say where the camera sits, or something cannot be written.
    """
    return calibrate_mounted_camera(arguments, Mount.HAND)
