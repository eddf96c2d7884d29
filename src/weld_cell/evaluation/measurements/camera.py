"""A real camera in the graph: from the last packet of an image to a listener in another process."""

from weld_cell.evaluation.figures import COUNT, Figure, Measurement, at_most
from weld_cell.evaluation.measurements.units import MILLISECONDS, RATIO

PATH = 'From the last packet of an image, in the process of the camera, to the callback of a listener in another one.'
LOST = 'Images of which a packet was missing; images that were published and not heard.'

CAMERA = Measurement(
    'camera',
    'GigE Vision camera to a listener',
    'python benchmarks/camera.py --images 2000 --rounds 2',
    "Aravis's simulated camera on the loopback interface, 1456x1088 Mono8 at 20 Hz; three ways by turns: rclpy as it "
    'comes, with config/fastdds.xml, and with freed blocks kept as well, as our nodes do.',
    (
        *(
            Figure(
                f'{way}_p50_ms',
                f'camera image to a listener in another process, {words}, p50',
                PATH,
                MILLISECONDS,
                f'ways.{way}.path_ms.p50',
            )
            for way, words in (
                ('plain', 'rclpy as it comes'),
                ('profile', 'with the profile of Fast DDS'),
                ('kept', 'as our nodes do'),
            )
        ),
        Figure(
            'kept_over_plain',
            'camera image to a listener in another process, our nodes over rclpy as it comes, p50',
            PATH,
            RATIO,
            aim=at_most(0.5),
        ),
        Figure(
            'lost_on_link',
            'camera images with missing packets, as our nodes do',
            LOST,
            COUNT,
            'ways.kept.lost_on_link',
            at_most(0),
            total_path='ways.kept.images',
        ),
        Figure(
            'lost_in_ros',
            'camera images lost in ROS, as our nodes do',
            LOST,
            COUNT,
            'ways.kept.lost_in_ros',
            at_most(0),
            total_path='ways.kept.images',
        ),
    ),
    slow=True,
)
