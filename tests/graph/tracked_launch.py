"""The launched cell with a tracked weld, for tests that break it on its way."""

import os
from pathlib import Path

from cell_graph import CONFIG, records_of
from diagnostic_msgs.msg import DiagnosticStatus
from launched_cell import STAGE_S, LaunchedCell
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters, SetParametersAtomically

from weld_cell.records.status import ApprovalState, ApprovalStatus, WeldStatus
from weld_cell.ros.consent_service import consent_request
from weld_cell.ros.qos import RESULT
from weld_cell.ros.statuses import status_from_message

OF_SUPERVISOR = '/**/cell_supervisor:\n  ros__parameters:\n'
PATIENT = '    tracking: {stop_s: 2.0, stale_s: 1.0, max_correction_mm: 1.0}\n    approval: {lease_s: 60.0}\n'
"""Of a machine that does other work meanwhile; and a bound that a workpiece which moves by 3 mm exceeds."""
TRACKED_POINTS = 60  # after the seam is watched, that is before the weld begins


class TrackedCell(LaunchedCell):
    """The launched cell, whose welds are approved and armed here."""

    def __init__(self, graph, folder, *words):
        params = folder / 'cell.yaml'
        text = (CONFIG / 'cell.yaml').read_text()
        assert OF_SUPERVISOR in text
        params.write_text(text.replace(OF_SUPERVISOR, OF_SUPERVISOR + PATIENT))
        graph.listen(DiagnosticStatus, 'cell/approval', latched=True)
        graph.listen(DiagnosticStatus, 'weld/status', RESULT)
        own = 'joint:=fillet', 'track:=true', 'armed:=true', 'approval:=true'
        super().__init__(graph, *own, *words, f'params:={params}')

    def weld(self):
        """A cycle whose weld is armed, and corrected by now; on a busy machine the fifth may be the first of them."""
        for attempts_left in reversed(range(5)):
            self.graph.messages['cell/approval'].clear()
            self.begin('approach')
            if self._is_tracked():
                assert self.weld_status().mode == 'armed'
                return
            assert attempts_left, self.said()
            self.await_fault()

    def _is_tracked(self):
        """Approve and arm; whether the seam is seen ahead of the tool before a fault."""
        self._await('approve')
        if self.stage == 'fault':
            return False
        assert self.graph.wait(self._asked, STAGE_S), self.said()
        plan = str(self._approval().plan)
        self._consent('cell/approve', plan=plan, operator='Anna Berg')
        self._consent('cell/arm', plan=plan, operator='Anna Berg', lease='test')
        self._await('weld')
        points = self.graph.messages['seam/point']
        enough = len(points) + TRACKED_POINTS
        assert self.graph.wait(lambda: len(points) > enough or self.stage == 'fault', STAGE_S), self.said()
        return self.stage == 'weld'

    def _await(self, stage):
        assert self.graph.wait(lambda: self.stage in (stage, 'fault'), STAGE_S), self.said()

    def _approval(self):
        return status_from_message(ApprovalStatus, self.graph.messages['cell/approval'][-1])

    def _asked(self):
        return self.graph.messages['cell/approval'] and self._approval().state is ApprovalState.AWAITED

    def _consent(self, name, **words):
        answer = self.graph.call(name, SetParametersAtomically, consent_request(**words)).result
        assert answer.successful, answer.reason

    def weld_status(self):
        return status_from_message(WeldStatus, self.graph.messages['weld/status'][-1])

    def await_safe_fault(self):
        """The reason of the fault, and the record of the tracking: the robot stands, the arc is disarmed."""
        reason = self.await_fault()
        assert self.graph.wait(lambda: self.weld_status().state == 'disarmed', STAGE_S), self.said()
        assert self.weld_status().mode == 'unarmed'
        records = Path(os.environ['WELD_CELL_RECORDS'])
        assert self.graph.wait(lambda: records_of(records)[-1].reason == reason, STAGE_S)
        record = records_of(records)[-1]
        (seam,) = record.seams
        assert (record.outcome, seam.arc.armed_by, seam.controller.reached) == ('fault', 'Anna Berg', False)
        assert record.stages[-1].stage == 'fault'
        return reason, seam.tracking

    def set_drift(self, kind):
        value = ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=kind)
        self._set('laser_sensor', 'sim_weld.drift', value)

    def refuse(self, on):
        value = ParameterValue(type=ParameterType.PARAMETER_BOOL, bool_value=on)
        self._set('robot_sim', 'drives.refuses', value)

    def _set(self, node, name, value):
        request = SetParameters.Request(parameters=[Parameter(name=name, value=value)])
        (result,) = self.graph.call(f'{node}/set_parameters', SetParameters, request).results
        assert result.successful, result.reason

    def camera(self, transition):
        request = ChangeState.Request(transition=Transition(id=transition))
        assert self.graph.call('laser_sensor/change_state', ChangeState, request).success
