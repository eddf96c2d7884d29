"""Status, overlay and reset service of a station's node."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import String

from weld_cell.errors import JointTypeError
from weld_cell.records import CameraImage, ImageArray, JointTypeDecision
from weld_cell.records.status import JointTypeStatus
from weld_cell.ros.conversions import image_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.qos import BURST, LATCHED, OVERLAY, publisher
from weld_cell.ros.services import trigger_service
from weld_cell.ros.statuses import status_to_message
from weld_cell.stations.joint_type_vote import Ballot, ballot_status, decision_status

OVERLAY_PERIOD_S = 0.1


class StationTopics:
    """Topics `status` and `overlay` and service `reset` of a station.

    Args:
        node: The node.
        health: Gets the errors of the service.
        prefix: Name before the slash, and of the statuses.
        reset: Makes the station forget; returns a sentence about it.
        latched: Whether status and overlay hold until the next look, for who comes later.

    Attributes:
        overlay: A picture of what was seen.
    """

    def __init__(
        self, node: Node, health: NodeHealth, prefix: str, reset: Callable[[], str], latched: bool = False
    ) -> None:
        self.overlay = OverlayOutput(node, f'{prefix}/overlay', latched)
        self._prefix = prefix
        self._status = publisher(node, DiagnosticStatus, f'{prefix}/status', LATCHED if latched else BURST)
        trigger_service(node, f'{prefix}/reset', health, reset)

    def tell(self, status: Any, level: bytes = DiagnosticStatus.OK, message: str = 'ok') -> None:
        """Publish a record of `weld_cell.records.status`."""
        self._status.publish(status_to_message(self._prefix, status, level, message))


class OverlayOutput:
    """A picture of what a stage saw: as asked for, else while somebody looks and as often as an eye follows.

    Args:
        node: The node.
        topic: Overlay topic.
        latched: Whether the newest picture holds for who comes later.
    """

    def __init__(self, node: Node, topic: str, latched: bool = False) -> None:
        self._publisher = publisher(node, Image, topic, LATCHED if latched else OVERLAY)
        self._next_s = 0.0

    @property
    def watched(self) -> bool:
        """Whether somebody looks."""
        return bool(self._publisher.get_subscription_count() > 0)

    @property
    def wanted(self) -> bool:
        """Whether somebody looks, and the last picture is old enough."""
        return time.monotonic() >= self._next_s and self.watched

    def show(self, draw: Callable[[], ImageArray], image: CameraImage, asked: bool = False) -> None:
        """Draw over an image and publish, if a picture is wanted or was asked for."""
        if asked or self.wanted:
            self._next_s = time.monotonic() + OVERLAY_PERIOD_S
            self._publisher.publish(image_to_message(draw(), image.stamp_ns, image.frame))


class JointTypeTopics(StationTopics):
    """Topics of who votes on the joint type; the latched `joint_type` is empty while it is not known.

    Args:
        node: The node.
        health: Gets the errors of the service, and the votes to show.
        reset: Begins a new vote; returns a sentence about it.
    """

    def __init__(self, node: Node, health: NodeHealth, reset: Callable[[], str]) -> None:
        super().__init__(node, health, 'joint_type', self._reset)
        self._logger, self._health, self._forget = node.get_logger(), health, reset
        self._joint_type = publisher(node, String, 'joint_type', LATCHED)
        self._joint_type.publish(String(data=''))

    def _reset(self) -> str:
        sentence = self._forget()
        self.forget()
        return sentence

    def forget(self) -> None:
        """Publish that the joint type is no longer known."""
        self._joint_type.publish(String(data=''))

    def publish_ballot(self, ballot: Ballot, milliseconds: float) -> None:
        """Publish an image's part in the vote, if it has one.

        Args:
            ballot: The part.
            milliseconds: Processing time of the image.

        Raises:
            JointTypeError: with it the vote ended without a clear winner, and begins again.
        """
        if not ballot.images:
            return
        status = replace(ballot_status(ballot), ms=milliseconds)
        self.tell(status, message=f'voting: {ballot.estimate.joint_type}')
        self._health.values['votes'] = ballot.images
        if ballot.outcome is not None:
            self.publish_outcome(ballot.outcome)

    def publish_outcome(self, outcome: JointTypeDecision | JointTypeError) -> None:
        """Publish what was decided.

        Raises:
            JointTypeError: nothing was.
        """
        if isinstance(outcome, JointTypeError):
            self.tell(JointTypeStatus(), DiagnosticStatus.ERROR, str(outcome))
            raise outcome
        self._joint_type.publish(String(data=str(outcome.joint_type)))
        self.tell(decision_status(outcome), message=str(outcome.joint_type))
        by = f'{outcome.share:.0%} of {outcome.images} images' if outcome.images else 'given'
        self._logger.info(f'{outcome.joint_type} ({by})')
