"""Node joint_type: which joint the stripe shows, voted over the first second of images."""

import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import String

from weld_cell.errors import JointTypeError
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings, JointTypeVote
from weld_cell.records import CameraImage, JointTypeDecision, JointTypeEstimate
from weld_cell.report.overlays import draw_joint_type
from weld_cell.ros.diagnostics import NodeHealth, make_status
from weld_cell.ros.image_input import ImageInput, OverlayOutput
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.qos import LATCHED, RESULT, publisher
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.stripe import StripeSettings, extract_stripe


class JointTypeNode(Node):
    """Votes from the first image with a stripe, and again after each `joint_type/reset`.

    While the type is unknown, the latched `joint_type` is an empty string. After the decision images are looked
    at only while somebody watches the overlay.
    """

    def __init__(self) -> None:
        super().__init__('joint_type')
        self._health = NodeHealth(self)
        self._stripe = SettingsParameters(self, 'stripe', StripeSettings(), live=True)
        self._settings = SettingsParameters(self, 'joint_type', JointTypeSettings()).settings
        self._classifier = JointTypeClassifier.load(settings=self._settings)
        self._vote = JointTypeVote(self._settings)
        self._decision: JointTypeDecision | None = None
        self._joint_type = publisher(self, String, 'joint_type', LATCHED)
        self._status = publisher(self, DiagnosticStatus, 'joint_type/status', RESULT)
        self._overlay = OverlayOutput(self, 'joint_type/overlay')
        self._input = ImageInput(self, 'laser_sensor/image_raw', self._health, self._on_image, self._decide_at_end)
        trigger_service(self, 'joint_type/reset', self._health, self._reset)
        self._reset()

    def _reset(self) -> str:
        self._vote.reset()
        self._decision = None
        self._joint_type.publish(String(data=''))
        return 'The vote starts with the next image.'

    def _on_image(self, image: CameraImage, frame: str) -> None:
        if self._decision is not None and not self._overlay.wanted:
            return
        begin = time.perf_counter()
        profile = extract_stripe(image.pixels, self._stripe.settings)
        estimate = self._classifier.classify(profile)
        milliseconds = 1e3 * (time.perf_counter() - begin)
        if self._decision is None:
            self._count(estimate, milliseconds)
        self._overlay.show(
            lambda: draw_joint_type(image.pixels, profile, estimate, self._decision), image.stamp_ns, frame
        )

    def _count(self, estimate: JointTypeEstimate, milliseconds: float) -> None:
        self._vote.update(estimate)
        values = _estimate_values(estimate, self._vote.images, milliseconds)
        self._status.publish(make_status('joint_type', values, message=f'voting: {estimate.joint_type}'))
        self._health.values.update(self._input.counts(), votes=self._vote.images)
        if self._vote.complete:
            self._decide()

    def _decide(self) -> None:
        """Publish the winner; a vote without a clear one is reported and starts again.

        Raises:
            JointTypeError: the vote has no clear winner.
        """
        try:
            self._decision = self._vote.decision()
        except JointTypeError as error:
            self._vote.reset()
            self._status.publish(make_status('joint_type', {}, DiagnosticStatus.ERROR, str(error)))
            raise
        decision = self._decision
        self._joint_type.publish(String(data=str(decision.joint_type)))
        self._status.publish(make_status('joint_type', _decision_values(decision), message=f'{decision.joint_type}'))
        self.get_logger().info(f'{decision.joint_type} ({decision.share:.0%} of {decision.images} images)')

    def _decide_at_end(self) -> bool:
        if self._decision is None and self._vote.images:
            self._decide()
        return True


def _estimate_values(estimate: JointTypeEstimate, votes: int, milliseconds: float) -> dict[str, Any]:
    """Key-value pairs of joint_type/status for one image."""
    return {
        'joint_type': estimate.joint_type,
        'images_voted': votes,
        'margin': estimate.margin,
        'ms': milliseconds,
        **{f'votes.{name}': count for name, count in estimate.votes.items()},
        'features': ' '.join(f'{value:.5g}' for value in estimate.features),
    }


def _decision_values(decision: JointTypeDecision) -> dict[str, Any]:
    """Key-value pairs of joint_type/status for the decision."""
    return {
        'decided': decision.joint_type,
        'share': decision.share,
        'images_voted': decision.images,
        **{f'images.{name}': count for name, count in decision.counts.items()},
    }


def main() -> int:
    """Run the node."""
    return run_node(JointTypeNode)
