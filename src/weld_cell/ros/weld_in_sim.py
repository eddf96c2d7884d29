"""What a weld does to the simulated workpiece: it moves, spatter flies, and the arc's light is seen."""

from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node

from weld_cell.config import Settings, bounded, choice
from weld_cell.records.status import CellStatus, SimulatedWeldStatus, Stage, WeldStatus
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.qos import LATCHED, LATCHED_INPUT, RESULT, publisher, subscription
from weld_cell.ros.statuses import status_from_message, status_to_message
from weld_cell.ros.weld_states import EXECUTING, START_DELAY_NS
from weld_cell.sim.camera import SimulatedLaserCamera
from weld_cell.sim.drift import KINDS, drift_of_cell
from weld_cell.sim.scene import Scene

STILL = 'none'


@dataclass(frozen=True)
class SimulatedWeldSettings(Settings):
    """What happens while the simulated workpiece is welded."""

    drift: str = choice(
        STILL, (STILL, *KINDS), 'How the workpiece moves: heat, a clamp that slips, a bend that opens.'
    )
    drift_mm: float = bounded(3.0, 0.0, 3.0, 'mm', 'How far it moves.')
    arc: float = bounded(0.0, 0.0, 1.0, '', 'Dial of spatter and of the light of the arc.')
    opens_mm: float = bounded(0.0, 0.0, 2.0, 'mm', 'By how much a root gap becomes wider at the end of the seam.')


class WeldInSim:
    """Informs a simulated camera of the welds of its cell, and publishes how the workpiece moves (`sim/weld`).

    With each cycle a new workpiece like the one before lies there.

    Args:
        node: The camera's; the parameters `sim_weld.*` are declared as its own.
        health: Gets what is wrong with messages.
        seed: Of the cell.
    """

    def __init__(self, node: Node, health: NodeHealth, seed: int) -> None:
        self._node, self._seed = node, seed
        self._settings = SettingsParameters(node, 'sim_weld', SimulatedWeldSettings(), live=True)
        self._camera: SimulatedLaserCamera | None = None
        self._length_m = 0.0
        self._weld_status = publisher(node, DiagnosticStatus, 'sim/weld', LATCHED)
        subscription(node, DiagnosticStatus, 'weld/status', health.watched(self._on_weld), RESULT)
        subscription(node, DiagnosticStatus, 'cell/status', health.watched(self._on_stage), LATCHED_INPUT)

    def over(self, scene: Scene, camera: SimulatedLaserCamera) -> SimulatedLaserCamera:
        """The camera that sees it."""
        self._camera, self._length_m = camera, scene.truth.length_m
        return camera

    def _on_stage(self, message: DiagnosticStatus) -> None:
        if self._camera is not None and status_from_message(CellStatus, message).stage is Stage.IDLE:
            self._camera.start_anew(lambda scene, _: scene.renew())

    def _on_weld(self, message: DiagnosticStatus) -> None:
        weld, settings = status_from_message(WeldStatus, message), self._settings.settings
        if self._camera is None or weld.state != EXECUTING:
            return
        now_ns = self._node.get_clock().now().nanoseconds
        began_ns = now_ns + START_DELAY_NS + round(1e9 * weld.weld_start_s)
        lasts_s = weld.weld_end_s - weld.weld_start_s
        moves = settings.drift, settings.drift_mm, self._seed, self._length_m, lasts_s, settings.opens_mm
        drift = drift_of_cell(*moves)
        self._camera.schedule(began_ns, lambda scene, time_s: scene.begin_weld(time_s, settings.arc, drift))
        self._camera.schedule(began_ns + round(1e9 * lasts_s), lambda scene, _: scene.end_weld())
        dials = settings.drift, settings.drift_mm, settings.arc, settings.opens_mm
        told = SimulatedWeldStatus(began_ns, lasts_s, *dials)
        self._weld_status.publish(status_to_message('sim/weld', told))
