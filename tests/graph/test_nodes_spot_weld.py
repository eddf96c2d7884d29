"""spot_weld_inspector over the simulated area camera: map, mask, report and picture; what it refuses, and says so."""

import numpy as np
import pytest
from cell_graph import CONFIG, needs_ros2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

from weld_cell.calibration.rig import load_rig
from weld_cell.records.status import SpotWeldsStatus, SpotWeldStatus
from weld_cell.ros.conversions import ns_from_time, pixels_from_message
from weld_cell.ros.qos import OVERLAY
from weld_cell.ros.statuses import status_from_message, status_values
from weld_cell.sim.area_layouts import area_cell_scene
from weld_cell.sim.panel_on_fixture import panel_under

pytestmark = pytest.mark.graph

RIG = load_rig(str(CONFIG / 'rig.yaml'))
SEED = 3
TOPICS = {'spot_weld/anomaly_map': Image, 'spot_weld/defect_mask': Image, 'spot_weld/report': DiagnosticArray}
SETTINGS = {'spot_weld__bank': 'simulated', 'spot_weld__above_table_mm': 901.2}


def listen(graph):
    for topic, kind in TOPICS.items():
        graph.listen(kind, topic)
    graph.listen(DiagnosticStatus, 'spot_weld/status')
    graph.listen(Image, 'spot_weld/overlay', OVERLAY)
    graph.listen(DiagnosticArray, '/diagnostics')


def connected(graph):
    statuses = [s for m in graph.messages['/diagnostics'] for s in m.status if s.name == 'mako_camera']
    return bool(statuses) and status_values(statuses[-1]).get('connected') == 'True'


def start(graph, **parameters):
    listen(graph)
    graph.start('hand_eye_tf')
    words = {'device__backend': 'sim', 'device__rate_hz': 2.0, 'sim__lies': 'panel', 'sim__seed': SEED}
    graph.start('mako_camera', free_running=True, **words)
    graph.start('spot_weld_inspector', **(SETTINGS | parameters))
    assert graph.wait(lambda: connected(graph))
    assert graph.wait(lambda: inspect(graph).success)


def inspect(graph):
    return graph.call('spot_weld/inspect')


def newest_stamps(graph):
    """Of what was told last, by each topic."""
    stamps = {ns_from_time(graph.messages[topic][-1].header.stamp) for topic in TOPICS if graph.messages[topic]}
    told = graph.messages['spot_weld/status']
    return stamps | {status_from_message(SpotWeldsStatus, told[-1]).stamp_ns} if told else set()


def set_parameter(graph, name, value):
    request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
    return graph.call('spot_weld_inspector/set_parameters', SetParameters, request).results[0]


def test_every_weld_of_a_panel_is_reported_mapped_and_drawn_and_a_refusal_withdraws_the_report(graph):
    start(graph)
    answer = inspect(graph)
    assert answer.success and 'good' in answer.message and 'defective' in answer.message, answer.message
    assert graph.wait(lambda: all(graph.messages[topic] for topic in TOPICS) and len(newest_stamps(graph)) == 1)
    report = graph.messages['spot_weld/report'][-1]
    welds = [status_from_message(SpotWeldStatus, status) for status in report.status]
    truths = panel_under(SEED, RIG).truths(area_cell_scene('panel', SEED, RIG))
    assert len(welds) == len(truths) and [weld.number for weld in welds] == list(range(1, len(welds) + 1))
    for weld in welds:
        assert min(np.hypot(*(truth.centre_px - [weld.u_px, weld.v_px])) for truth in truths) < weld.radius_px
    bad = [weld for weld in welds if weld.verdict == 'defective']
    assert bad and all(weld.defect_mm2 > 0.0 for weld in bad if weld.defects)
    assert {s.level for s in report.status if s.message == 'defective'} == {DiagnosticStatus.ERROR}
    heat, mask = (graph.messages[f'spot_weld/{name}'][-1] for name in ('anomaly_map', 'defect_mask'))
    assert (heat.encoding, mask.encoding) == ('32FC1', 'mono8')
    values = np.frombuffer(heat.data, np.float32).reshape(1088, 1456)
    shown = pixels_from_message(mask)
    assert set(np.unique(shown)) == {0, 255} and values[shown == 255].min() > 0.5 and values.min() == 0.0
    told = graph.messages['spot_weld/status'][-1]
    status = status_from_message(SpotWeldsStatus, told)
    assert told.level == DiagnosticStatus.ERROR and status.defective == len(bad)
    picture = pixels_from_message(graph.wait_for('spot_weld/overlay')[-1])
    assert picture.shape == (1088, 1456, 3) and (picture == (40, 40, 255)).all(axis=2).any()

    assert set_parameter(graph, 'spot_weld_find.least_diameter_px', 90.0).successful
    answer = inspect(graph)
    assert not answer.success and 'No spot weld in view' in answer.message and 'Remedy' in answer.message
    assert graph.wait(lambda: not graph.messages['spot_weld/report'][-1].status)
    assert graph.wait(lambda: 'error' in status_values(graph.messages['spot_weld/status'][-1]))
    told = graph.messages['spot_weld/status'][-1]
    assert told.level == DiagnosticStatus.WARN and status_values(told)['error'] == 'SpotWeldAbsentError'
    assert not set_parameter(graph, 'spot_weld.finder', 'guess').successful
    assert graph.call('spot_weld/reset').success


def test_without_a_bank_the_node_ends_and_says_how_to_make_one(graph):
    graph.start('spot_weld_inspector')
    code, output = graph.ended('spot_weld_inspector')
    assert code == 1 and 'No bank' in output and 'spot-weld bank' in output and 'Traceback' not in output


@needs_ros2
def test_the_launch_file_starts_a_cell_that_inspects(graph):
    graph.listen(DiagnosticArray, 'spot_weld/report')
    graph.ros2('inspect', 'launch', 'weld_cell', 'inspect.launch.xml', 'source:=sim', f'seed:={SEED}')
    assert graph.wait(lambda: graph.node.count_publishers('spot_weld/report')), graph.output('inspect')
    assert graph.wait(lambda: graph.call('mako/trigger').success and inspect(graph).success), graph.output('inspect')
    assert graph.wait(lambda: any(len(message.status) == 30 for message in graph.messages['spot_weld/report']))
