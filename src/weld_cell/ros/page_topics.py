"""Topics for the operator page, published to its board a few times a second."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PointStamped, PoseArray
from nav_msgs.msg import Path
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.operator_page.acts import reasons
from weld_cell.operator_page.board import Board
from weld_cell.records import FloatArray
from weld_cell.records.status import ApprovalState, ApprovalStatus, CellStatus, PartStatus, SeamStatus, WeldStatus
from weld_cell.ros.conversions import ns_from_time
from weld_cell.ros.diagnostics import NodeHealth, status_name
from weld_cell.ros.newest import Newest
from weld_cell.ros.parameters import declare_file
from weld_cell.ros.qos import LATCHED, RESULT, STATE, WATCHED, subscription
from weld_cell.ros.statuses import status_from_message, status_values
from weld_cell.trajectory.robot_model import BASE_LINK, FLANGE_LINK
from weld_cell.trajectory.urdf import Chain, parse_chain

SILENT_S = 6.0
FORGOTTEN_S = 600.0
MOST_POINTS = 400
SILENT = 3
"""The level STALE of diagnostic_msgs."""
OF_SCAN = ('approach', 'identify', 'track', 'finish')


class PageTopics:
    """Keeps the board up to date; `update` is called by a timer of the node.

    Args:
        node: The page's node.
        health: Gets what is wrong with messages.
        board: What is shown.
        missing: The services of the supervisor that nobody offers.
    """

    def __init__(self, node: Node, health: NodeHealth, board: Board, missing: Callable[[], list[str]]) -> None:
        self._node, self._health, self._board, self._missing = node, health, board, missing
        self._rig_file = declare_file(node, 'rig_file', 'rig.yaml', 'Calibrated rig, for the tool in the picture')
        self._nodes: dict[str, tuple[DiagnosticStatus, float]] = {}
        self._cell: DiagnosticStatus | None = None
        self._approval: tuple[ApprovalStatus, float] | None = None
        self._chain: Chain | None = None
        self._tip: FloatArray | None = None
        self._points: list[list[float]] = []
        listen = health.watched
        subscription(node, DiagnosticStatus, 'cell/status', listen(self._on_cell), LATCHED)
        subscription(node, DiagnosticStatus, 'cell/approval', listen(self._on_approval), LATCHED)
        subscription(node, DiagnosticStatus, 'weld/status', listen(self._on_weld), RESULT)
        subscription(node, DiagnosticArray, '/diagnostics', listen(self._on_diagnostics), STATE)
        subscription(node, String, 'robot_description', listen(self._on_robot), LATCHED)
        subscription(node, String, 'joint_type', listen(self._on_joint_type), LATCHED)
        subscription(node, Path, 'seam/path', listen(self._on_path), LATCHED)
        subscription(node, PoseArray, 'weld/tool_path', listen(self._on_tool_path), LATCHED)
        subscription(node, DiagnosticStatus, 'part/status', listen(self._on_part), LATCHED)
        self._joints = Newest(node, JointState, 'joint_states', WATCHED)
        self._seam = Newest(node, DiagnosticStatus, 'seam/status', WATCHED)
        self._point = Newest(node, PointStamped, 'seam/point', WATCHED)

    @property
    def stage(self) -> str | None:
        """The stage that the cell is in; None where it is not published."""
        stage: str | None = self._board.section('cell').get('stage')
        return stage

    def update(self) -> None:
        """Bring the board up to date; what only a person sees is left out while nobody watches."""
        watched = self._board.watchers > 0
        for each in (self._joints, self._seam, self._point):
            each.listen(watched)
        self._put_cell()
        self._put_nodes()
        cell, approval = self._board.section('cell'), self._board.section('approval')
        self._board.put('acts', dict(reasons(cell, approval)))
        if watched:
            with self._health.watch():
                self._put_robot()
                self._put_seam()
                self._put_points()

    # The cell

    def _on_cell(self, message: DiagnosticStatus) -> None:
        self._cell = message

    def _on_approval(self, message: DiagnosticStatus) -> None:
        self._approval = status_from_message(ApprovalStatus, message), time.monotonic()

    def _heard(self, name: str) -> bool:
        """Whether a node of this cell is alive, by its diagnostics."""
        told = self._nodes.get(status_name(self._node, name))
        return told is None or time.monotonic() - told[1] < SILENT_S

    def _put_cell(self) -> None:
        here = self._node.count_publishers('cell/status') > 0 and self._heard('cell_supervisor')
        if not here or self._cell is None:
            self._board.put('cell', {'stage': None, 'note': '', 'level': SILENT})
            self._board.put('approval', {'state': str(ApprovalState.NONE)})
            return
        status = status_from_message(CellStatus, self._cell)
        stage = str(status.stage)
        if stage == 'approach' and self._board.section('cell').get('stage') != stage:
            self._points = []
        note = '' if self._cell.message == stage else self._cell.message
        missing = ', '.join([*filter(None, [status.missing]), *self._missing()])
        self._board.put('cell', {'stage': stage, 'note': note, 'level': self._cell.level[0], 'missing': missing})
        if self._approval is not None:
            self._board.put('approval', _approval(*self._approval))

    def _on_weld(self, message: DiagnosticStatus) -> None:
        weld = status_from_message(WeldStatus, message)
        self._board.put(
            'weld',
            {
                'state': weld.state,
                'mode': weld.mode,
                'plan': str(weld.plan_ns or 0),
                'procedure': weld.procedure,
                'duration_s': weld.duration_s,
                'weld_s': [weld.weld_start_s, weld.weld_end_s],
                'length_mm': weld.travel_speed_mm_s * (weld.weld_end_s - weld.weld_start_s),
                'speed_mm_s': weld.travel_speed_mm_s,
            },
        )

    def _on_joint_type(self, message: String) -> None:
        self._board.put('joint_type', {'name': message.data})

    def _on_part(self, message: DiagnosticStatus) -> None:
        part = status_from_message(PartStatus, message)
        self._board.put('part', {'code': part.code, 'parts': part.parts, 'note': message.message})

    # The nodes

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        now_s = time.monotonic()
        for status in message.status:
            self._nodes[status.name] = status, now_s

    def _put_nodes(self) -> None:
        now_s = time.monotonic()
        self._nodes = {name: told for name, told in self._nodes.items() if now_s - told[1] < FORGOTTEN_S}
        rows = [_node(status, now_s - heard_s) for status, heard_s in self._nodes.values()]
        self._board.put('nodes', {'nodes': sorted(rows, key=lambda row: str(row['name']))})

    # The scene

    def _on_robot(self, message: String) -> None:
        self._chain = parse_chain(message.data, BASE_LINK, FLANGE_LINK, 'robot_description')
        try:
            self._tip = load_rig(self._rig_file).T_tool0_tool
        except WeldCellError as error:
            self._tip = None
            self._health.report(error)

    def _put_robot(self) -> None:
        message = self._joints.take()
        if message is None or self._chain is None:
            return
        positions = dict(zip(message.name, message.position, strict=False))
        names = [joint.name for joint in self._chain.joints]
        if not all(math.isfinite(positions.get(name, math.nan)) for name in names):
            return
        frames = self._chain.frames(np.array([positions[name] for name in names]))
        places = [[0.0, 0.0, 0.0], *frames[:, :3, 3].tolist()]
        if self._tip is not None:
            places.append((frames[-1] @ self._tip)[:3, 3].tolist())
        degrees = [round(math.degrees(positions[name]), 1) for name in names]
        self._board.put(
            'robot', {'places_m': _rounded(places), 'positions_deg': degrees, 'tool': self._tip is not None}
        )

    def _put_seam(self) -> None:
        message = self._seam.take()
        if message is None:
            return
        seam = status_from_message(SeamStatus, message)
        self._board.put(
            'seam',
            {
                'points': seam.points,
                'gap_mm': seam.gap_mm,
                'mismatch_mm': seam.mismatch_mm,
                'ms': seam.ms,
                'note': '' if message.level == DiagnosticStatus.OK else message.message,
            },
        )

    def _put_points(self) -> None:
        message = self._point.take()
        if message is not None and self.stage in OF_SCAN:
            self._points = [*self._points, *_rounded([[message.point.x, message.point.y, message.point.z]])][
                -MOST_POINTS:
            ]
        self._board.put('points', {'points_m': self._points})

    def _on_path(self, message: Path) -> None:
        places = [[each.pose.position.x, each.pose.position.y, each.pose.position.z] for each in message.poses]
        self._board.put('path', {'points_m': _rounded(places)})

    def _on_tool_path(self, message: PoseArray) -> None:
        places = [[pose.position.x, pose.position.y, pose.position.z] for pose in message.poses]
        plan = str(ns_from_time(message.header.stamp))
        self._board.put('tool_path', {'points_m': _rounded(_thinned(places)), 'plan': plan})


def _approval(status: ApprovalStatus, heard_s: float) -> dict[str, Any]:
    """As the page shows it; seconds are whole ones, so that a section changes once in each."""
    left_s = None if status.expires_in_s is None else status.expires_in_s - (time.monotonic() - heard_s)
    return {
        'state': str(status.state),
        'plan': str(status.plan),
        'mode': status.mode,
        'left_s': None if left_s is None else max(math.ceil(left_s), 0),
        'approved_by': status.approved_by,
        'armed_by': status.armed_by,
        'note': status.note or '',
    }


def _node(status: DiagnosticStatus, silent_s: float) -> dict[str, Any]:
    silent = silent_s > SILENT_S
    return {
        'name': status.name,
        'level': SILENT if silent else status.level[0],
        'message': 'has fallen silent' if silent else status.message,
        'values': {} if silent else status_values(status),
    }


def _rounded(places: list[list[float]]) -> list[list[float]]:
    """To a tenth of a millimetre; what is not finite is left out."""
    return [[round(x, 4) for x in place] for place in places if all(map(math.isfinite, place))]


def _thinned(places: list[list[float]]) -> list[list[float]]:
    """A long sequence decimated, with its last element."""
    step = max(1, len(places) // MOST_POINTS)
    return places if step == 1 else [*places[::step], places[-1]]
