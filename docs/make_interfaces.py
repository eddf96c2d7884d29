"""Makes docs/interfaces.md: topics, services, actions, frames and parameters, asked of the running nodes.

    .venv/bin/python docs/make_interfaces.py                  after a change of a node; about a minute

Each node runs alone with its defaults for a moment; what it says through ROS is the page. No table is typed in.
"""

import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')

import rclpy
import yaml
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import DescribeParameters, GetParameters, ListParameters
from rclpy.action import get_action_server_names_and_types_by_node
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from tf2_ros import Buffer, TransformListener

from weld_cell import nodes
from weld_cell.domain import claim_domain
from weld_cell.templating import render

PAGE = Path(__file__).parent / 'interfaces.md'
TEMPLATE = 'interfaces.md.j2'
PATIENCE_S, SETTLED_S = 300.0, 2.0
OF_ROS = (
    'rosout',
    'parameter_events',
    'describe_parameters',
    'get_parameter',
    'list_parameters',
    'set_parameters',
    'get_type_description',
)
OF_LIFECYCLE = ('change_state', 'get_state', 'get_available_', 'get_transition_graph')
OF_ACTION = '/_action/'
PARAMETERS_OF_ROS = ('qos_overrides.', 'use_sim_time', 'start_type_description_service')
KINDS = {
    ParameterType.PARAMETER_BOOL: ('bool', 'bool_value'),
    ParameterType.PARAMETER_INTEGER: ('int', 'integer_value'),
    ParameterType.PARAMETER_DOUBLE: ('float', 'double_value'),
    ParameterType.PARAMETER_STRING: ('string', 'string_value'),
    ParameterType.PARAMETER_DOUBLE_ARRAY: ('floats', 'double_array_value'),
    ParameterType.PARAMETER_INTEGER_ARRAY: ('ints', 'integer_array_value'),
    ParameterType.PARAMETER_STRING_ARRAY: ('strings', 'string_array_value'),
}
NO_NODES = ('entry', 'bag_player', 'cell_container', 'cell_start')
NEEDED = {'spot_weld_inspector': ['-p', 'spot_weld.bank:=simulated']}
"""What a node does not start without."""
HERE = str(PAGE.parents[1])


def main() -> int:
    """Ask every node, and write the page."""
    domain, claim = claim_domain()
    os.environ['ROS_DOMAIN_ID'] = str(domain)
    rclpy.init()
    asking = rclpy.create_node('make_interfaces')
    topics: dict[str, dict[str, Any]] = {}
    services, actions, frames, parameters = [], [], [], {}
    for name in (module.name for module in pkgutil.iter_modules(nodes.__path__) if module.name not in NO_NODES):
        print(name, flush=True)
        with running(name):
            wait_for(asking, name)
            parameters[name] = _parameters(asking, name)  # a node that answers is made, with all that it offers
            time.sleep(SETTLED_S)
            _ask_topics(asking, name, topics)
            services += _services(asking, name)
            actions += _actions(asking, name)
            frames += _frames(asking, name)
    rclpy.try_shutdown()
    del claim
    tables = {'topics': sorted(topics.items()), 'services': sorted(services), 'actions': actions, 'frames': frames}
    PAGE.write_text(render(TEMPLATE, parameters=parameters, **tables), encoding='utf-8')
    return 0


@contextmanager
def running(name: str) -> Iterator[None]:
    """The node in a process of its own."""
    program = f'import sys; from weld_cell.nodes.entry import {name} as main; sys.exit(main())'
    command = [sys.executable, '-c', program, '--ros-args', *NEEDED.get(name, [])]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)


def wait_for(asking: Node, name: str) -> None:
    """Until the node is there."""
    end_s = time.monotonic() + PATIENCE_S
    while name not in asking.get_node_names():
        if time.monotonic() > end_s:
            raise RuntimeError(f'{name} has not come within {PATIENCE_S:.0f} s')
        time.sleep(0.1)
    time.sleep(SETTLED_S)


def _ask_topics(asking: Node, name: str, topics: dict[str, dict[str, Any]]) -> None:
    ways = {
        'senders': asking.get_publisher_names_and_types_by_node,
        'listeners': asking.get_subscriber_names_and_types_by_node,
    }
    for way, ask in ways.items():
        for topic, kinds in ask(name, '/'):
            if not topic.strip('/').startswith(OF_ROS) and OF_ACTION not in topic:
                told = topics.setdefault(topic.strip('/'), {'senders': [], 'listeners': [], 'qos': '-'})
                told['type'] = kinds[0]
                told[way].append(name)
                if way == 'senders':
                    told['qos'] = _qos(asking, topic)


def _frames(asking: Node, name: str) -> list[tuple[str, str, str]]:
    """What the node says on /tf and /tf_static within a moment."""
    buffer = Buffer()
    listener = TransformListener(buffer, asking)
    time.sleep(SETTLED_S)
    found = yaml.safe_load(buffer.all_frames_as_yaml()) or {}
    listener.unregister()
    return [(frame, told['parent'], name) for frame, told in sorted(found.items())]


def _qos(asking: Node, topic: str) -> str:
    profile = asking.get_publishers_info_by_topic(topic)[0].qos_profile
    words = ['reliable' if profile.reliability == ReliabilityPolicy.RELIABLE else 'best effort']
    return ', '.join(words + ['latched'] * (profile.durability == DurabilityPolicy.TRANSIENT_LOCAL))


def _services(asking: Node, name: str) -> list[tuple[str, str, str]]:
    found = asking.get_service_names_and_types_by_node(name, '/')
    own = [(service.strip('/'), kinds[0]) for service, kinds in found]
    return [
        (service, kind, name)
        for service, kind in own
        if not service.split('/')[-1].startswith(OF_ROS + OF_LIFECYCLE) and OF_ACTION not in service
    ]


def _actions(asking: Node, name: str) -> list[tuple[str, str, str]]:
    """Those that the node offers; where control_msgs is installed."""
    found = get_action_server_names_and_types_by_node(asking, name, '/')
    return [(action.strip('/'), kinds[0], name) for action, kinds in found]


def _parameters(asking: Node, name: str) -> list[dict[str, str]]:
    listed = _call(asking, ListParameters, f'{name}/list_parameters', ListParameters.Request()).result.names
    names = sorted(each for each in listed if not each.startswith(PARAMETERS_OF_ROS))
    request = DescribeParameters.Request(names=names)
    told = _call(asking, DescribeParameters, f'{name}/describe_parameters', request).descriptors
    values = _call(asking, GetParameters, f'{name}/get_parameters', GetParameters.Request(names=names)).values
    return [_row(each, value) for each, value in zip(told, values, strict=True)]


def _row(told: Any, value: Any) -> dict[str, str]:
    kind, field = KINDS[value.type]
    default = getattr(value, field)
    shown = str(list(default) if kind.endswith('s') else default).replace(HERE, '.')
    return {'name': told.name, 'kind': kind, 'default': shown, 'description': told.description}


def _call(asking: Node, kind: type, name: str, request: Any) -> Any:
    client = asking.create_client(kind, name)
    client.wait_for_service(PATIENCE_S)
    answer = client.call_async(request)
    rclpy.spin_until_future_complete(asking, answer, timeout_sec=PATIENCE_S)
    asking.destroy_client(client)
    return answer.result()


if __name__ == '__main__':
    sys.exit(main())
