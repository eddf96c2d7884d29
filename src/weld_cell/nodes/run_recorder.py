"""Node run_recorder: keeps what the report of a run needs, and ends when the supervisor is done.

In cell.launch.xml its end ends the launch, so that `record:=FOLDER` makes a run that stops by itself.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped, PoseArray, PoseStamped
from nav_msgs.msg import Path
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, Image, JointState, PointCloud2
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.images import write_image
from weld_cell.records.status import (
    CellStatus,
    PartStatus,
    PlateSeamStatus,
    SeamStatus,
    SimulatedWeldStatus,
    Stage,
    WeldStatus,
)
from weld_cell.report.run_record import (
    JOINT_TYPE_PICTURE,
    PART_PICTURE,
    PLATE_PICTURE,
    SEAM_PICTURE,
    RunRecord,
    make_room,
)
from weld_cell.ros.conversions import (
    ns_from_time,
    pixels_from_message,
    points_from_cloud,
    seam_path_from_message,
    trajectory_arrays,
    transform_from_pose,
)
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.follow_trajectory import COMMANDS, SENT_WELDS
from weld_cell.ros.parameters import TRACK, declare
from weld_cell.ros.qos import BURST, IMAGE, LATCHED, LATCHED_INPUT, OVERLAY, RESULT, STATE, subscription
from weld_cell.ros.spin import end_node, run_node
from weld_cell.ros.statuses import status_from_message
from weld_cell.supervisor.port import LAST_STAGES

JOINTS = 6  # of the robot; the record's tables are made for them
ENOUGH_PICTURES = 10  # the last one stays; by then the vote, or the seam, is well under way
PLATE_FIGURES = ('seams', 'length_mm', 'straightness_mm', 'gap_mm', 'gap_least_mm', 'gap_most_mm', 'confidence')
OVERLAYS = {Stage.IDENTIFY: ('joint_type/overlay', JOINT_TYPE_PICTURE), Stage.TRACK: ('seam/overlay', SEAM_PICTURE)}


class RunRecorder(Node):
    """Listens to everything small; to the overlays only until it has one picture of each."""

    def __init__(self) -> None:
        super().__init__('run_recorder')
        self._folder = FilePath(declare(self, 'folder', 'out/run', 'Folder of the record.'))
        make_room(self._folder)
        self._health = NodeHealth(self)
        self._record = RunRecord()
        facts = self._record.facts
        facts.source = declare(self, 'source', '', 'sim, real or bag.')
        facts.joint_type_set = declare(self, 'sim.joint_type', '', 'Joint that the simulation shows.')
        facts.seed = declare(self, 'sim.seed', 0, 'Seed of the simulation.')
        facts.lies = declare(self, 'sim.lies', 'none', 'What the simulated area camera has on the table.')
        facts.seam_source = declare(self, 'seam_source', 'laser', 'Whose seam is welded: laser or plate.')
        facts.track = declare(self, 'track', False, TRACK)
        self._began_s = time.monotonic()
        self._stage = Stage.IDLE
        self._rows: dict[str, list[Any]] = {'points': [], 'latencies': [], 'states': []}
        self._newest = b''
        self._joint_names: tuple[str, ...] = ()
        self._positions: dict[str, float] = {}
        self._images: set[int] = set()
        self._dealt_with: set[int] = set()
        self._followed: set[int] = set()
        self._profiles: dict[int, Any] = {}
        self._found: list[tuple[int, Any, Any]] = []
        self._overlays: dict[str, Any] = {}
        self._pictures: Counter[str] = Counter()
        self._listen()

    def _listen(self) -> None:
        kinds: tuple[tuple[type, str, Callable[[Any], None], Any], ...] = (
            (String, 'joint_type', self._on_joint_type, LATCHED_INPUT),
            (DiagnosticStatus, 'cell/status', self._on_status, LATCHED_INPUT),
            (CameraInfo, 'laser_sensor/camera_info', self._on_camera_info, IMAGE),
            (PointCloud2, 'seam/profile', self._on_profile, RESULT),
            (PointStamped, 'seam/point', self._on_point, BURST),
            (DiagnosticStatus, 'seam/status', self._on_seam_status, BURST),
            (Path, 'seam/path', self._on_path, LATCHED_INPUT),
            (PoseArray, 'weld/tool_path', self._on_tool_path, LATCHED_INPUT),
            (DiagnosticStatus, 'weld/status', self._on_weld_status, RESULT),
            (DiagnosticStatus, 'sim/weld', self._on_sim_weld, LATCHED_INPUT),
            (DiagnosticStatus, 'part/status', self._on_part_status, LATCHED_INPUT),
            (PoseStamped, 'part/pose', self._on_part_pose, LATCHED_INPUT),
            (Image, 'part/overlay', lambda message: self._on_overlay(message, PART_PICTURE), LATCHED),
            (DiagnosticStatus, 'plate_seam/status', self._on_plate_status, LATCHED_INPUT),
            (Path, 'plate_seam/path', self._on_plate_path, LATCHED_INPUT),
            (Image, 'plate_seam/overlay', lambda message: self._on_overlay(message, PLATE_PICTURE), LATCHED),
        )
        for kind, topic, callback, profile in kinds:
            subscription(self, kind, topic, self._health.watched(callback), profile)
        for topic in (COMMANDS, SENT_WELDS):
            subscription(self, JointTrajectory, topic, self._health.watched(self._on_trajectory), STATE, raw=True)
        subscription(self, JointState, 'joint_states', self._health.watched(self._on_joint_states), STATE, raw=True)

    def _on_status(self, message: DiagnosticStatus) -> None:
        stage, note = status_from_message(CellStatus, message).stage, message.message
        if stage is Stage.IDLE and self._stage is not Stage.IDLE:  # it knows nothing of the cycle that we record
            stage, note = Stage.FAULT, f'cell_supervisor was started again in stage {self._stage}; its log says why.'
        changed, self._stage = stage is not self._stage, stage
        seconds = time.monotonic() - self._began_s
        note = '' if note == str(stage) else note
        if not changed and [each[1:] for each in self._record.facts.stages[-1:]] == [(str(stage), note)]:
            return  # only what is missing for the next cycle has changed
        self._record.facts.stages.append((round(seconds, 3), str(stage), note))
        self._record.facts.seconds = round(seconds, 3)
        if changed:
            self._want_pictures()
        if changed and stage is Stage.PLAN:
            self._record.facts.weld_start_ns = 0
            self._rows['states'].clear()
        if self._stage in LAST_STAGES:
            end_node()  # destroy_node writes the record

    def _want_pictures(self) -> None:
        """Overlays are drawn only for who listens: listen in the stage that they show."""
        if self._stage in OVERLAYS:
            topic, picture = OVERLAYS[self._stage]
            watched = self._health.watched(lambda message: self._on_overlay(message, picture))
            self._overlays[topic] = subscription(self, Image, topic, watched, OVERLAY)
        else:
            self._close_overlays()

    def _close_overlays(self) -> None:
        for listener in self._overlays.values():
            self.destroy_subscription(listener)
        self._overlays.clear()

    def _on_overlay(self, message: Image, picture: str) -> None:
        write_image(self._folder / picture, pixels_from_message(message))
        self._pictures[picture] += 1
        if self._pictures[picture] == ENOUGH_PICTURES:
            self._close_overlays()

    def _on_joint_type(self, message: String) -> None:
        self._record.facts.joint_type = message.data or self._record.facts.joint_type

    def _on_camera_info(self, message: CameraInfo) -> None:
        if self._stage is Stage.TRACK:
            self._images.add(ns_from_time(message.header.stamp))

    def _on_profile(self, message: PointCloud2) -> None:
        if self._stage is Stage.TRACK:
            self._profiles[ns_from_time(message.header.stamp)] = points_from_cloud(message)

    def _on_point(self, message: PointStamped) -> None:
        if self._stage is Stage.TRACK:
            stamp_ns = ns_from_time(message.header.stamp)
            self._rows['latencies'].append((self.get_clock().now().nanoseconds - stamp_ns) / 1e6)
            self._rows['points'].append((message.point.x, message.point.y, message.point.z))

    def _on_seam_status(self, message: DiagnosticStatus) -> None:
        seen = status_from_message(SeamStatus, message)
        if seen.stamp_ns is None:
            return
        self._dealt_with.add(seen.stamp_ns)
        if self._stage is Stage.TRACK:
            self._followed.add(seen.stamp_ns)
        if seen.seam_px is not None and seen.break_points_px is not None and self._stage is Stage.TRACK:
            self._found.append((seen.stamp_ns, seen.break_points_px, seen.seam_px))

    def _on_path(self, message: Path) -> None:
        if not message.poses:  # withdrawn, for a new scan
            return
        path = seam_path_from_message(message)
        self._record.path = np.hstack([path.positions_m, path.tangents, path.normals])

    def _on_tool_path(self, message: PoseArray) -> None:
        self._record.tool_path = np.array([(p.position.x, p.position.y, p.position.z) for p in message.poses])

    def _on_weld_status(self, message: DiagnosticStatus) -> None:
        weld, facts = status_from_message(WeldStatus, message), self._record.facts
        facts.weld_window_s = weld.weld_start_s, weld.weld_end_s
        facts.travel_speed_mm_s = weld.travel_speed_mm_s

    def _on_sim_weld(self, message: DiagnosticStatus) -> None:
        self._record.facts.sim_weld = asdict(status_from_message(SimulatedWeldStatus, message))

    def _on_part_status(self, message: DiagnosticStatus) -> None:
        if message.level == DiagnosticStatus.OK:
            seen = status_from_message(PartStatus, message)
            self._record.facts.part, self._record.facts.part_margin = seen.code or '', seen.margin

    def _on_part_pose(self, message: PoseStamped) -> None:
        self._record.T_base_part = transform_from_pose(message.pose)

    def _on_plate_status(self, message: DiagnosticStatus) -> None:
        if message.level == DiagnosticStatus.OK:
            seen = status_from_message(PlateSeamStatus, message)
            self._record.facts.plate_seam = {name: getattr(seen, name) for name in PLATE_FIGURES}

    def _on_plate_path(self, message: Path) -> None:
        self._record.plate_path = np.empty((0, 3))
        if message.poses:
            self._record.plate_path = seam_path_from_message(message).positions_m

    def _on_trajectory(self, raw: bytes) -> None:
        """The weld; where it is tracked the corrections of it are many, and only the last one is read, at the end."""
        if self._stage in (Stage.PLAN, Stage.WELD):
            self._newest = raw
            if self._record.facts.track and self._rows['states']:
                return
            message = deserialize_message(raw, JointTrajectory)
            times, positions, velocities = trajectory_arrays(message)
            if positions.shape[1] != JOINTS:
                raise TrajectoryRejectedError(f'A trajectory for {positions.shape[1]} robot joints, not {JOINTS}.')
            self._record.trajectory = np.column_stack([times, positions, velocities])
            self._joint_names = tuple(message.joint_names)
            stamp_ns = ns_from_time(message.header.stamp)
            self._record.facts.weld_start_ns = stamp_ns or self.get_clock().now().nanoseconds
            self._rows['states'].clear()

    def _on_joint_states(self, raw: bytes) -> None:
        """Of the weld; drivers may send the joints in parts, and in another order than the trajectory has them."""
        if not self._record.facts.weld_start_ns:
            return
        message = deserialize_message(raw, JointState)
        told = dict(zip(message.name, message.position, strict=False))
        self._positions |= told
        wanted = self._joint_names
        if told.keys() & set(wanted) and self._positions.keys() >= set(wanted):
            row = (ns_from_time(message.header.stamp) / 1e9, *(self._positions[name] for name in wanted))
            self._rows['states'].append(row)

    def destroy_node(self) -> None:
        """Write what there is: a run that was interrupted is reported too."""
        record, facts = self._record, self._record.facts
        record.latencies_ms = np.array(self._rows['latencies'], dtype=float)
        record.seam_points = np.array(self._rows['points'], dtype=float).reshape(-1, 3)
        record.joint_states = np.array(self._rows['states'], dtype=float).reshape(-1, 7)
        if self._followed and not self._images & self._dealt_with:
            self._images = self._followed  # the camera's infos do not have the stamps of its images
        facts.images, facts.images_lost = len(self._images), self._lost()
        self._choose_profile()
        facts.trajectory_accepted = self._arrived()
        record.save(self._folder)
        super().destroy_node()

    def _lost(self) -> int:
        """Images of the tracking that the seam stage gave no account of, up to the last one that it did."""
        last = max(self._dealt_with, default=0)
        return len({stamp for stamp in self._images if stamp <= last} - self._dealt_with)

    def _choose_profile(self) -> None:
        """The profile to show: in the middle of those that gave a seam point."""
        shown = [found for found in self._found if found[0] in self._profiles]
        if shown:
            stamp_ns, breaks, seam = shown[len(shown) // 2]
            record = self._record
            record.profile, record.break_points_px, record.seam_px = self._profiles[stamp_ns], breaks, seam

    def _arrived(self) -> bool:
        """Whether the robot came to where the weld trajectory ends."""
        record = self._record
        if not len(record.trajectory) or not len(record.joint_states):
            return False
        goal_rad = deserialize_message(self._newest, JointTrajectory).points[-1].positions
        return bool(np.abs(record.joint_states[-1, 1:] - goal_rad).max() < 2e-3)


def main() -> int:
    """Run the node."""
    return run_node(RunRecorder)
