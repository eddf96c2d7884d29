"""A recording of a whole cycle of the simulated cell, from launch on: what `ros2 bag record` of the README gives."""

import numpy as np
from simulated_cell import SimulatedCell

from weld_cell.bags.writing import open_image_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.records.status import Stage
from weld_cell.seam.settings import PathSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.robot import load_simulated_robot
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.look import FixedSeam
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

URDF, LIMITS = (str(config_file(name)) for name in ('robot/arc_robot.urdf', 'robot/limits.yaml'))
TF_NS = 8_000_000
TOPIC = 'laser_sensor/image_raw'


class RecordedCell(SimulatedCell):
    """A cell that keeps each image, when it was taken, and in which stage."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.images: list[tuple[int, np.ndarray]] = []
        self.stage_of: dict[int, Stage] = {}
        self._render, self.scene = self.scene, self
        self._sight.kept = {}  # each image is wanted, also one that another cell has seen

    def image(self, T_base_tool0, time_s):
        """Stands where the scene stands for the cell's own stages, so that each image is rendered once."""
        pixels = self._render.image(T_base_tool0, time_s)
        self.images.append((self._now_ns, pixels))
        return pixels

    def _take_image(self):
        before = len(self.images)
        super()._take_image()
        if len(self.images) == before:  # the cell does not look while it waits and welds; the camera does
            self.image(self.robot.link_poses(self._now_ns)['tool0'], self._now_ns / 1e9)
        self.stage_of[self._now_ns] = self.stages[-1][0] if self.stages else Stage.IDLE

    @property
    def truth(self):
        return self._render.truth


def record_cycle(joint_type, seed, bag, stop_in=None, idle_images=20):
    """Run a cycle, or one until a stage begins, and write its images and frames as a bag; the cell.

    Args:
        joint_type: Of the workpiece.
        seed: Of the scene.
        bag: Folder to make.
        stop_in: In this stage the cycle is stopped.
        idle_images: Taken at home before the cycle begins.
    """
    rig, robot = load_rig(str(config_file('rig.yaml'))), load_robot(URDF, LIMITS)
    cell = RecordedCell(cell_scene(joint_type, seed), load_simulated_robot(URDF, LIMITS), robot, rig)
    cell.stop_in = stop_in
    for _ in range(idle_images):
        cell.wait(lambda: False, 0.0)
        cell.pause(0.025)
        cell._take_image()
    scan = ScanSettings()
    cycle = CellCycle(cell, robot, rig, FixedSeam(scan), scan, StageLimits(), PathSettings(), TrajectorySettings())
    poses = {}
    follow = cell._take_image

    def take():
        for stamp_ns in range(cell._now_ns - 25_000_000, cell._now_ns + 1, TF_NS):
            poses[stamp_ns] = cell.robot.link_poses(stamp_ns)['tool0']
        poses[cell._now_ns] = cell.robot.link_poses(cell._now_ns)['tool0']
        follow()

    cell._take_image = take
    try:
        cycle.run()
    except Exception:
        if stop_in is None:
            raise
    write_bag(bag, rig.laser_sensor, cell.images, poses)
    return cell


def write_bag(bag, sensor, images, poses):
    """Images (stamp, pixels) and T_base_tool0 by stamp into a new bag, in the order of their stamps."""
    written = sorted(
        [(stamp, 0, pose) for stamp, pose in poses.items()] + [(s, 1, p) for s, p in images],
        key=lambda each: each[:2],
    )
    with open_image_bag(bag, TOPIC, sensor.frame, sensor.camera) as writer:
        writer.transforms(written[0][0], [(sensor.parent, sensor.frame, sensor.T_parent_sensor)], fixed=True)
        for stamp_ns, is_image, content in written:
            if is_image:
                writer.image(stamp_ns, content)
            else:
                writer.transforms(stamp_ns, [('base_link', 'tool0', content)])
