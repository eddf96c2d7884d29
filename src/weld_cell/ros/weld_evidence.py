"""Data of a cycle from the graph, for its record. Messages are stored as received and read at the end.

Callbacks run in the thread that spins; what another thread reads is replaced whole and never changed in place.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import String

from weld_cell.errors import WeldCellError
from weld_cell.records import FloatArray, ImageArray, SeamPath
from weld_cell.records.status import (
    JointTypeStatus,
    PartStatus,
    PlateSeamStatus,
    SpotWeldStatus,
    Stage,
    WeldStatus,
)
from weld_cell.ros.conversions import pixels_from_message, seam_path_from_message, transform_from_pose
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.qos import BURST, LATCHED_INPUT, OVERLAY, RESULT, subscription
from weld_cell.ros.seam_input import SeamInput
from weld_cell.ros.statuses import status_from_message
from weld_cell.supervisor.evidence import SeamEvidence

ENOUGH_PICTURES = 10
"""The last one stays; by then the vote, or the seam, is well under way."""
OVERLAYS = {Stage.IDENTIFY: ('joint_type/overlay', 'joint_type'), Stage.TRACK: ('seam/overlay', 'seam')}
LOOKED_AT = {'part/overlay': 'part', 'plate_seam/overlay': 'plate_seam', 'spot_weld/overlay': 'spot_welds'}
OF_A_SEAM = ('joint_type/status', 'seam/path', 'weld/status')


class WeldEvidence:
    """Implements `weld_cell.supervisor.evidence.Evidence`.

    Args:
        node: The node that listens.
        health: Gets what is wrong with messages.
        scan: Has the seam points.
        pictures: Whether pictures are wanted.
    """

    def __init__(self, node: Node, health: NodeHealth, scan: SeamInput, pictures: bool) -> None:
        self._node, self._health, self._scan = node, health, scan
        self._messages: dict[str, Any] = {}
        self._images: dict[str, Image] = {}
        self._listeners: list[Any] = []
        self._left = 0
        self._stage = Stage.IDLE
        keep = self._keep
        topics: tuple[tuple[type, str, Callable[[Any], None], Any], ...] = (
            (DiagnosticStatus, 'joint_type/status', self._on_joint_type, BURST),
            (DiagnosticStatus, 'weld/status', keep('weld/status'), RESULT),
            (DiagnosticStatus, 'part/status', keep('part/status'), LATCHED_INPUT),
            (DiagnosticStatus, 'plate_seam/status', keep('plate_seam/status'), LATCHED_INPUT),
            (DiagnosticArray, 'spot_weld/report', keep('spot_weld/report'), RESULT),
            (PoseStamped, 'part/pose', keep('part/pose'), LATCHED_INPUT),
            (Path, 'seam/path', keep('seam/path'), LATCHED_INPUT),
            (Path, 'plate_seam/path', keep('plate_seam/path'), LATCHED_INPUT),
        )
        for kind, topic, callback, profile in topics:
            subscription(node, kind, topic, health.watched(callback), profile)
        if pictures:
            subscription(node, String, 'cell/stage', health.watched(self._on_stage), LATCHED_INPUT)
            for topic, name in LOOKED_AT.items():
                self._listen_to_pictures(topic, name, LATCHED_INPUT)

    def _keep(self, topic: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            self._messages = {**self._messages, topic: message}

        return keep

    def _on_joint_type(self, message: DiagnosticStatus) -> None:
        """Sent for each image; only what the vote has decided is kept."""
        if any(value.key == 'decided' for value in message.values):
            self._messages = {**self._messages, 'joint_type/status': message}

    def _listen_to_pictures(self, topic: str, name: str, profile: Any) -> Any:
        def keep(message: Image) -> None:
            self._images = {**self._images, name: message}
            self._left -= 1
            if self._left == 0:
                self._close_pictures()

        return subscription(self._node, Image, topic, self._health.watched(keep), profile)

    def _close_pictures(self) -> None:
        for listener in self._listeners:
            self._node.destroy_subscription(listener)
        self._listeners.clear()

    def _on_stage(self, message: String) -> None:
        """Overlays are drawn only for subscribers: subscribe in the stage that they show, until there are enough.

        The stage is received by topic, as in any other node, so that the spinning thread makes all subscriptions.
        """
        stage, before = Stage(message.data), self._stage
        self._stage = stage
        if stage is before:
            return
        self._close_pictures()
        if stage in OVERLAYS:
            self._left = ENOUGH_PICTURES
            self._listeners.append(self._listen_to_pictures(*OVERLAYS[stage], OVERLAY))

    # What the journal asks

    def cycle_begins(self) -> None:
        """See Evidence."""
        self._messages, self._images = {}, {}

    def seam_begins(self) -> None:
        """See Evidence."""
        self._messages = {topic: message for topic, message in self._messages.items() if topic not in OF_A_SEAM}

    def seam(self) -> SeamEvidence:
        """See Evidence."""
        return SeamEvidence(
            self._status(JointTypeStatus, 'joint_type/status'),
            self._path('seam/path'),
            self._scan.points,
            self._scan.sizes,
            self._status(PlateSeamStatus, 'plate_seam/status'),
            self._path('plate_seam/path'),
            self._status(WeldStatus, 'weld/status'),
        )

    def _status(self, kind: type[Any], topic: str) -> Any:
        return self._read(topic, lambda message: status_from_message(kind, message))

    def _read(self, topic: str, read: Callable[[Any], Any]) -> Any:
        """The contents of a topic's newest message; None without one, or where it cannot be read (reported)."""
        message = self._messages.get(topic)
        try:
            return None if message is None else read(message)
        except WeldCellError as error:
            self._health.report(error)
            return None

    def _path(self, topic: str) -> SeamPath | None:
        found: SeamPath | None = self._read(
            topic, lambda message: seam_path_from_message(message) if message.poses else None
        )
        return found

    def part(self) -> tuple[PartStatus, FloatArray | None] | None:
        """See Evidence."""
        status = self._status(PartStatus, 'part/status')
        pose = self._read('part/pose', lambda message: transform_from_pose(message.pose))
        return None if status is None else (status, pose)

    def spot_welds(self) -> Sequence[SpotWeldStatus]:
        """See Evidence."""
        welds: Sequence[SpotWeldStatus] | None = self._read(
            'spot_weld/report', lambda report: [status_from_message(SpotWeldStatus, each) for each in report.status]
        )
        return welds or []

    def take_pictures(self) -> Mapping[str, ImageArray]:
        """See Evidence."""
        images, self._images = self._images, {}
        pictures = {}
        for name, message in images.items():
            try:
                pictures[name] = pixels_from_message(message)
            except WeldCellError as error:
                self._health.report(error)
        return pictures
