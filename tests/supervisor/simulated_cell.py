"""The supervisor's port over the simulated cell in one process and in simulated time: no ROS, no waiting."""

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.errors import WeldCellError
from weld_cell.geometry.laser_plane import triangulate
from weld_cell.geometry.transforms import transform_points
from weld_cell.joint_type import JointTypeClassifier, JointTypeVote
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.paths import config_file
from weld_cell.records import PartSighting, RobotTrajectory, SeamSource, StripeProfile
from weld_cell.records.status import Stage
from weld_cell.seam.locate import locate_seam, to_base
from weld_cell.seam.scan import seam_path
from weld_cell.seam.settings import PathSettings, SeamSettings
from weld_cell.sim.robot import SimulatedRobot
from weld_cell.sim.scene import Scene
from weld_cell.sim.trajectory_command import TrajectoryCommand
from weld_cell.stripe import StripeSettings, extract_stripe
from weld_cell.supervisor.port import StageStoppedError
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import PLATE, load_procedures
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

PERIOD_NS = 25_000_000


class Sight:
    """Stripes of a scene. Cells whose robots take the same way see the same: it is rendered for the first of them.

    An image hangs on the pose, the time and the noise that was drawn for all images before it. By these a profile is
    kept, and with it the state of the scene's generator, from which a robot that takes another way goes on.
    """

    kept: dict[int, tuple[StripeProfile | WeldCellError, dict]] = {}

    def __init__(self, scene: Scene):
        self._noise = scene._rng.bit_generator
        self._way = hash((scene.truth.positions_m.tobytes(), str(self._noise.state)))

    def profile(self, scene, T_base_tool0, time_s):
        self._way = hash((self._way, T_base_tool0.tobytes(), time_s))
        if self._way not in self.kept:
            pixels = scene.image(T_base_tool0, time_s)
            try:
                seen = extract_stripe(pixels, StripeSettings())
            except WeldCellError as error:
                seen = error
            self.kept[self._way] = seen, self._noise.state
        seen, self._noise.state = self.kept[self._way]
        if isinstance(seen, WeldCellError):
            raise seen.with_traceback(None)
        return seen


class SimulatedCell:
    """Each wait takes images until its condition holds; `stop_after` and `blind` inject trouble."""

    def __init__(self, scene: Scene, robot: SimulatedRobot, model: RobotModel, rig: Rig):
        self.scene, self.robot, self.model, self.rig = scene, robot, model, rig
        self._sight = Sight(scene)
        self.stages: list[tuple[Stage, str]] = []
        self.blind = lambda stage, images: False
        self.skips = lambda stage, now_ns: False
        self.stamps: list[int] = []
        self.stop_in: Stage | None = None
        self.part: PartSighting | None = None
        self.path = self.plate_path = None
        self.trajectory: RobotTrajectory | None = None
        self._now_ns = 1_000_000_000
        self._classifier = JointTypeClassifier.load()
        self._vote = JointTypeVote(JointTypeSettings())
        self._joint_type, self._points, self._images = None, [], 0
        self._profiles: list[tuple[int, np.ndarray]] = []

    def enter(self, stage, note=''):
        self.stages.append((stage, note))

    def now_ns(self):
        return self._now_ns

    def wait(self, condition, timeout_s):
        deadline = self._now_ns + int(timeout_s * 1e9)
        while not condition():
            if self.stop_in is not None and self.stages and self.stages[-1][0] is self.stop_in:
                raise StageStoppedError('stopped')
            if self._now_ns >= deadline:
                return False
            self._now_ns += PERIOD_NS
            self._take_image()
        return True

    def pause(self, duration_s):
        self._now_ns += int(duration_s * 1e9)

    def _take_image(self):
        self._images += 1
        if self.skips(stage := self.stages[-1][0] if self.stages else Stage.IDLE, self._now_ns):
            return  # no image was taken
        self.stamps.append(self._now_ns)
        T_base_tool0 = self.robot.link_poses(self._now_ns)['tool0']
        if stage in (Stage.WELD, Stage.IDLE) or self.blind(stage, self._images):
            return
        sensor = self.rig.laser_sensor
        T_base_sensor = T_base_tool0 @ sensor.T_parent_sensor
        try:
            profile = self._sight.profile(self.scene, T_base_tool0, self._now_ns / 1e9)
            uv = np.column_stack([profile.measured().columns_px, profile.measured().rows_px])
            points = triangulate(sensor.camera, sensor.laser_plane, uv)
            self._profiles = [*self._profiles, (self._now_ns, transform_points(T_base_sensor, points))]
            if self._joint_type is None:
                self._vote.update(self._classifier.classify(profile))
                if self._vote.complete:
                    self._joint_type = self._vote.decision().joint_type
                return
            seen = locate_seam(
                profile, self._joint_type, sensor.camera, sensor.laser_plane, SeamSettings(), self._now_ns
            )
            self._points = [*self._points, to_base(seen, T_base_sensor)]
        except WeldCellError:
            return

    def ready(self):
        return ''

    def robot_state(self):
        return self._now_ns, self.robot_positions()

    def robot_positions(self):
        return self.robot.state_at(self._now_ns).positions_rad

    def move(self, trajectory, start_ns):
        self.robot.follow(
            TrajectoryCommand(
                trajectory.joint_names,
                trajectory.times_s,
                trajectory.positions_rad,
                trajectory.velocities_rad_s,
                trajectory.accelerations_rad_s2,
                start_ns,
            ),
            self._now_ns,
        )

    def halt(self):
        return False

    def require_taken(self):
        return

    def weld_answer(self):
        return None

    def identify_part(self, timeout_s):
        return self.part

    def profile(self):
        return self._profiles[-1] if self._profiles else None

    def profiles(self):
        return self._profiles

    def reset_joint_type(self):
        self._vote.reset()
        self._joint_type = None

    def tell_joint_type(self, joint_type):
        self._joint_type = joint_type

    def complaints(self):
        return 'seam_detector: It sees nothing.'

    def joint_type(self):
        return self._joint_type

    def reset_seam(self, normal):
        self._points, self.stamps = [], []

    def seam_points(self):
        return self._points

    def newest_image_ns(self):
        return self._now_ns

    def images_ns(self):
        return self.stamps

    def late_images(self):
        return 0, 0.0

    def finish_seam(self, timeout_s):
        self.path = seam_path(self._points, self._joint_type, PathSettings())
        return f'{len(self.path.positions_m)} points'

    def seam_path(self):
        return self.path

    def find_plate_seam(self, timeout_s):
        return self.plate_path

    def plan_weld(self, source, timeout_s):
        plate = source is SeamSource.PLATE
        procedure = load_procedures(str(config_file('weld_procedures.yaml')))[PLATE if plate else self._joint_type]
        self.trajectory = plan_weld(
            self.plate_path if plate else self.path,
            procedure,
            self.model,
            self.rig.T_tool0_tool,
            self.robot_positions(),
            TrajectorySettings(),
        )
        return f'{len(self.trajectory.times_s)} points'

    def execute_weld(self, timeout_s):
        self.move(self.trajectory, self._now_ns)
        return self.trajectory, self._now_ns
