"""Command lines as the tests of ros2cli and rosbag2 (Jazzy) have them, and what the real tools answer.

Names, values and words are ours; what is expected is what those tests expect. `GRAPH` is a node script that offers
what the lines ask for. Rows that pip_ros does not answer say so in `named`: the words by which it tells it.
"""

from typing import NamedTuple

GRAPH = """
import sys
import threading
import time

import rclpy
from geometry_msgs.msg import TwistStamped
from rclpy.action import ActionServer
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.service_introspection import ServiceIntrospectionState
from std_msgs.msg import String
from test_msgs.action import Fibonacci
from test_msgs.msg import Arrays, BoundedSequences, Defaults, UnboundedSequences
from test_msgs.srv import BasicTypes

rclpy.init()
executor = SingleThreadedExecutor()


def node(name, **options):
    made = rclpy.create_node(name, **options)
    executor.add_node(made)
    return made


def repeat(owner, topic, message, period_s=0.1):
    publisher = owner.create_publisher(type(message()), topic, 10)
    owner.create_timer(period_s, lambda: publisher.publish(message()))


def echo(request, response):
    for name in request.get_fields_and_field_types():
        setattr(response, name, getattr(request, name))
    return response


def count_up(goal):
    numbers = [0, 1]
    for _ in range(goal.request.order - 1):
        numbers.append(numbers[-1] + numbers[-2])
        goal.publish_feedback(Fibonacci.Feedback(sequence=numbers))
    goal.succeed()
    return Fibonacci.Result(sequence=numbers)


def stamped():
    message = TwistStamped()
    message.header.stamp = station.get_clock().now().to_msg()
    return message


station = node('station')
number = iter(range(10**9))
repeat(station, 'words', lambda: String(data=f'word: {next(number)}'))
repeat(station, '_secret', lambda: String(data='psst'))
repeat(station, 'rows', Arrays)
repeat(station, 'open_rows', UnboundedSequences)
repeat(station, 'bounded_rows', BoundedSequences)
repeat(station, 'plain', Defaults)
repeat(station, 'speed', stamped)
station.create_subscription(String, 'heard', lambda message: print(message.data, flush=True), 10)
server = ActionServer(station, Fibonacci, 'fibonacci', count_up)

desk = node('desk', namespace='ns')
desk.create_service(BasicTypes, 'echo', echo)
desk.create_service(BasicTypes, '_echo', echo)
watched = desk.create_service(BasicTypes, 'watched', echo)
watched.configure_introspection(
    desk.get_clock(), QoSProfile(depth=10), ServiceIntrospectionState.CONTENTS
)
client = desk.create_client(BasicTypes, 'watched')
desk.create_timer(0.3, lambda: client.call_async(BasicTypes.Request(int32_value=42)))

values = node('values', namespace='foo', start_parameter_services=True)
for name, value in {
    'bool_param': True,
    'bool_array_param': [False, True],
    'double_param': 1.25,
    'foo.bar.text': 'deep',
    'int_param': 42,
    'text': 'hello',
}.items():
    values.declare_parameter(name, value)
values.declare_parameter('free', 5, rclpy.node.ParameterDescriptor(dynamic_typing=True))

lives = [LifecycleNode('machine'), LifecycleNode('_machine')]
for life in lives:
    executor.add_node(life)
twins = [node('twin'), node('twin')]
print('ready', flush=True)
executor.spin()
"""

BUILT_IN = ('describe_parameters', 'get_parameters', 'list_parameters', 'set_parameters')


class Row(NamedTuple):
    """A command line and its answer.

    Attributes:
        line: What stands behind `ros2`; {tmp} is a folder of the test's own.
        lines: Regular expressions that the lines of standard output match, one each, in this order.
        exact: There are no other lines.
        code: Exit code.
        error: Regular expression found in standard error; nothing may stand there if empty.
        endless: It runs until Ctrl-C, which comes when all lines have been seen.
        stdin: What is piped into it.
        named: What it says instead of doing it, where pip_ros does not.
    """

    line: str
    lines: tuple[str, ...] = ()
    exact: bool = True
    code: int = 0
    error: str = ''
    endless: bool = False
    stdin: str = ''
    named: str = ''


def _shown(line: str, *lines: str, **others: object) -> Row:
    return Row(line, lines, **others)  # type: ignore[arg-type]


def _some(line: str, *lines: str, **others: object) -> Row:
    return Row(line, lines, exact=False, **others)  # type: ignore[arg-type]


def _runs(line: str, *lines: str) -> Row:
    return Row(line, lines, exact=False, endless=True)


def _fails(line: str, error: str, *lines: str, code: int = 1) -> Row:
    return Row(line, lines, code=code, error=error)


def _missing(line: str, named: str, code: int = 1) -> Row:
    return Row(line, code=code, named=named)


TOPICS = (
    '/bounded_rows',
    '/heard',
    '/open_rows',
    '/parameter_events',
    '/plain',
    '/rosout',
    '/rows',
    '/speed',
    '/words',
)
_SPREAD = r'\tmin: \d+\.\d{3}s max: \d+\.\d{3}s std dev: \d+\.\d{5}s window: \d+'
_END_POINT = (
    'Node name: station',
    'Node namespace: /',
    'Topic type: std_msgs/msg/String',
    'Topic type hash: RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18',
    'Endpoint type: PUBLISHER',
    r'GID: [\w.]+',
    'QoS profile:',
    '  Reliability: RELIABLE',
    r'  History \(Depth\): \w+',
    '  Durability: VOLATILE',
    '  Lifespan: Infinite',
    '  Deadline: Infinite',
    '  Liveliness: AUTOMATIC',
    '  Liveliness lease duration: Infinite',
)
_ARRAYS = [
    f"{name}_values: '<array type: {kind}\\[3\\]>'"
    for name, kind in [
        ('bool', 'boolean'),
        ('byte', 'octet'),
        ('char', 'uint8'),
        ('float32', 'float'),
        ('float64', 'double'),
        ('int64', 'int64'),
        ('string', 'string'),
        ('basic_types', 'test_msgs/msg/BasicTypes'),
    ]
]
_QOS = '--keep-alive 0.1 --qos-durability transient_local --qos-reliability reliable'

TOPIC = [
    _some('topic list', *TOPICS),
    _some('topic list --include-hidden-topics', '/_secret', *TOPICS),
    _some('topic --include-hidden-topics list', '/_secret', *TOPICS),
    _some(
        'topic list -t',
        r'/plain \[test_msgs/msg/Defaults\]',
        r'/speed \[geometry_msgs/msg/TwistStamped\]',
        r'/words \[std_msgs/msg/String\]',
    ),
    _some(
        'topic list -v',
        'Published topics:',
        r' \* /rows \[test_msgs/msg/Arrays\] 1 publisher',
        r' \* /words \[std_msgs/msg/String\] 1 publisher',
        '',
        'Subscribed topics:',
        r' \* /heard \[std_msgs/msg/String\] 1 subscriber',
        '',
    ),
    _some('topic list -v', r' \* /rosout \[rcl_interfaces/msg/Log\] \d+ publishers'),
    _some('topic list -c', r'1\d'),  # ten, and for a while those of processes that were killed before
    _shown('topic info /words', 'Type: std_msgs/msg/String', 'Publisher count: 1', 'Subscription count: 0'),
    _shown(
        'topic info -v /words',
        'Type: std_msgs/msg/String',
        '',
        'Publisher count: 1',
        '',
        *_END_POINT,
        '',
        'Subscription count: 0',
        '',
    ),
    _fails('topic info /nowhere', "^Unknown topic '/nowhere'$"),
    _shown('topic type /words', 'std_msgs/msg/String'),
    Row('topic type /_secret', code=1),
    _shown('topic --include-hidden-topics type /_secret', 'std_msgs/msg/String'),
    _shown('topic find rcl_interfaces/msg/Log', '/rosout'),
    _shown('topic find rcl_interfaces/msg/NoSuchType'),
    _shown('topic find -c test_msgs/msg/Arrays', '1'),
    _runs('topic echo /words', r"data: 'word: \d+'", '---', r"data: 'word: \d+'"),
    _runs('topic echo --no-str /words', r"data: '<string length: <\d+>>'", '---'),
    _runs('topic echo --csv /plain', r"True,b'2',100,1.125,1.125,-50,200,-1000,2000,-30000,60000,-40000000,50000000"),
    _runs('topic echo --no-arr /rows', *_ARRAYS, 'alignment_check: 0', '---'),
    _runs(
        'topic echo --no-arr /open_rows',
        "bool_values: '<sequence type: boolean, length: 0>'",
        "bool_values_default: '<sequence type: boolean, length: 3>'",
        'alignment_check: 0',
        '---',
    ),
    _runs(
        'topic echo --no-arr /bounded_rows',
        r"bool_values: '<sequence type: boolean\[3\], length: 0>'",
        r"string_values_default: '<sequence type: string\[3\], length: 3>'",
        '---',
    ),
    _runs('topic echo --truncate-length 4 /words', r'data: word\.\.\.', '---'),
    _runs('topic echo /rows --field alignment_check', '0', '---'),
    _runs('topic echo /speed --field twist.angular', 'x: 0.0', 'y: 0.0', 'z: 0.0', '---'),
    _runs('topic echo /rows --field bool_values', r'\[False, False, False\]', '---'),
    _fails(
        'topic echo /rows --field no_such', "^Invalid field 'no_such': 'Arrays' object has no attribute 'no_such'"
    ),
    _fails('topic echo /rows --field /', "^Invalid field '/': 'Arrays' object has no attribute '/'"),
    _fails('topic echo /rows --field .', r"^Invalid field value '\.'"),
    _fails(
        'topic echo /nobody', '^Could not determine the type for the passed topic', 'WARNING: topic .*published yet'
    ),
    _runs('topic echo /words std_msgs/String', r"data: 'word: \d+'", '---'),
    _runs(
        'topic echo --qos-reliability best_effort --qos-durability volatile /words std_msgs/String', "data: 'word.*"
    ),
    _runs('topic echo --no-lost-messages /words std_msgs/msg/String', "data: 'word.*"),
    _runs("topic echo --filter m.data!='' /words std_msgs/String", "data: 'word.*"),
    _shown("topic echo --timeout 0.5 --filter m.data=='no' /words std_msgs/String"),
    _runs('topic echo --raw /words std_msgs/msg/String', r"b'\\x00\\x01\\x00\\x00.*word: .*'", '---'),
    _shown('topic echo --once /words std_msgs/msg/String', r"data: 'word: \d+'", '---'),
    _shown('topic echo --flow-style --once /words', r"data: 'word: \d+'", '---'),
    _some(
        'topic echo --flow-style --once /rows', r'bool_values: \[false, false, false\]', 'alignment_check: 0', '---'
    ),
    _some('topic echo -i --once /words', r'received_timestamp: \d+', '---', r"data: 'word: \d+'", '---'),
    _shown('topic echo --timeout 0.3 /silent std_msgs/msg/String'),
    _shown('topic echo --once --timeout 0.3 /silent std_msgs/msg/String'),
    _fails('topic echo /words std_msgs/msg/NoSuch', '^The passed message type is invalid'),
    _runs('topic delay /speed', r'average delay: \d+\.\d{3}', _SPREAD),
    _runs('topic hz /words', r'average rate: (9\.[3-9]|10\.[0-7])\d+', _SPREAD),
    _runs('topic hz -w 5 /words', r'average rate: \d+\.\d+', r'.*window: 5'),
    _runs('topic hz --filter int(m.data.split()[-1])%2==0 /words', r'average rate: (4\.[6-9]|5\.[0-4])\d+', _SPREAD),
    _runs(
        'topic bw /plain',
        r'Subscribed to \[/plain\]',
        r'\d+ B/s from \d+ messages',
        r'\tMessage size mean: \d{2} B min: \d{2} B max: \d{2} B',
    ),
    _runs(
        f'topic pub {_QOS} -r 20 /heard std_msgs/msg/String {{data:foo}}',
        'publisher: beginning loop',
        r"publishing #1: std_msgs.msg.String\(data='foo'\)",
        '',
    ),
    _shown(
        f'topic pub --once {_QOS} /heard std_msgs/msg/String {{data:bar}}',
        '(Waiting for at least 1 matching.*)?publisher: beginning loop',
        r"publishing #1: std_msgs.msg.String\(data='bar'\)",
        '',
    ),
    _runs(
        f'topic pub -p 2 -r 20 {_QOS} /heard std_msgs/msg/String {{data:fizz}}',
        'publisher: beginning loop',
        r"publishing #2: std_msgs.msg.String\(data='fizz'\)",
        '',
        r"publishing #4: std_msgs.msg.String\(data='fizz'\)",
    ),
    _shown(
        'topic pub -t 3 -r 20 -w 0 /unheard std_msgs/String {data:hello}',
        'publisher: beginning loop',
        *(line for n in (1, 2, 3) for line in (rf"publishing #{n}: std_msgs.msg.String\(data='hello'\)", '')),
    ),
    _some(
        'topic pub -t 2 -r 20 --max-wait-time-secs 20 /heard std_msgs/String {data:hello}',
        'publisher: beginning loop',
        'publishing #2: .*',
    ),
    _fails(
        'topic pub -t 5 --max-wait-time-secs 0.3 /unheard std_msgs/String {data:hello}',
        '^Timed out waiting for subscribers: Expected 1 sub',
        'Waiting for at least 1 matching.*',
    ),
    _some(
        'topic pub --once -w 2 --max-wait-time-secs 0.3 /heard std_msgs/msg/String {data:hi}',
        'Waiting for at least 2 matching.*',
        code=1,
        error='Expected 2 sub.* but only got 1',
    ),
    _fails(
        'topic pub --max-wait-time-secs 1 /unheard std_msgs/String {data:hello}',
        '--max-wait-time-secs option is only effective with --wait-matching-subscriptions, --once or --times',
    ),
    _shown(
        'topic pub --stdin -1 -w 0 /unheard std_msgs/String',
        'publisher: beginning loop',
        r"publishing #1: std_msgs.msg.String\(data='in'\)",
        '',
        stdin='data: in',
    ),
    _some(
        'topic pub -1 -w 0 /unheard geometry_msgs/msg/TwistStamped {header:auto}',
        r'publishing #1: .*stamp=builtin_interfaces.msg.Time\(sec=\d{9,}, .*',
    ),
    _fails(
        'topic pub /unheard std_msgs/msg/String text', '^The passed value needs to be a dictionary in YAML format'
    ),
    _fails('topic pub /unheard std_msgs/msg/String {colour:1}', "^Failed to populate field: .*'colour'"),
    _fails('topic pub /unheard no_such/msg/Type', '^The passed message type is invalid'),
    _fails('topic pub -r 0 /a std_msgs/msg/String', 'error: argument -r/--rate: ', code=2),
    _fails('topic pub', 'error: the following arguments are required: topic_name, message_type', code=2),
    _fails('topic hz -w 0 /a', 'error: argument .*value must be a positive integer', code=2),
    _fails('topic sing', "error: argument .*invalid choice: 'sing'", code=2),
    _some('topic', 'usage: ros2 topic .*'),
    _some('topic --help', 'usage: ros2 topic .*'),
]

_CALL = (
    r'requester: making request: test_msgs.srv.BasicTypes_Request\(.*int32_value={0}, .*',
    '',
    'response:',
    r'test_msgs.srv.BasicTypes_Response\(.*int32_value={0}, .*',
    '',
)
_EVENT = (
    r'  stamp:',
    r'    sec: \d+',
    r'    nanosec: \d+',
    r"  client_gid: '<array type: uint8\[16\]>'",
    r'  sequence_number: \d+',
)

SERVICE = [
    _some('service list', '/ns/desk/describe_parameters', '/ns/echo'),
    _some(
        'service list --include-hidden-services', '/ns/_echo', *(f'/ns/desk/{name}' for name in BUILT_IN), '/ns/echo'
    ),
    _some(
        'service list -t',
        r'/ns/desk/get_parameters \[rcl_interfaces/srv/GetParameters\]',
        r'/ns/echo \[test_msgs/srv/BasicTypes\]',
    ),
    _shown('service list -c', r'\d\d'),
    _shown('service find test_msgs/srv/BasicTypes', '/ns/echo', '/ns/watched'),
    _shown('service find --include-hidden-services test_msgs/srv/BasicTypes', '/ns/_echo', '/ns/echo', '/ns/watched'),
    _shown('service find -c test_msgs/srv/BasicTypes', '2'),
    _shown('service find no_type'),
    _shown('service type /ns/echo', 'test_msgs/srv/BasicTypes'),
    Row('service type /ns/nothing', code=1),
    _shown('service info /ns/watched', 'Type: test_msgs/srv/BasicTypes', 'Clients count: 1', 'Services count: 1'),
    _fails('service info /ns/nothing', "^Unknown service '/ns/nothing'$"),
    _shown('service call /ns/echo test_msgs/srv/BasicTypes', *(line.format(0) for line in _CALL)),
    _shown(
        'service call /ns/echo test_msgs/srv/BasicTypes {int32_value:-1,string_value:bazbar}',
        *(line.format(-1) for line in _CALL),
    ),
    _shown(
        'service call --stdin /ns/echo test_msgs/BasicTypes',
        *(line.format(7) for line in _CALL),
        stdin='int32_value: 7',
    ),
    _runs(
        'service call -r 10 /ns/echo test_msgs/srv/BasicTypes {int32_value:1}',
        *(line.format(1) for line in _CALL * 2),
    ),
    _fails('service call /ns/echo test_msgs/srv/NoSuch', '^The passed service type is invalid'),
    _fails('service call /ns/echo test_msgs/srv/BasicTypes {colour:1}', "^Failed to populate field: .*'colour'"),
    _runs(
        'service echo /ns/watched --no-arr',
        'info:',
        '  event_type: RESPONSE_SENT',
        *_EVENT,
        r"request: '<sequence type: test_msgs/srv/BasicTypes_Request\[1\], length: 0>'",
        r"response: '<sequence type: test_msgs/srv/BasicTypes_Response\[1\], length: 1>'",
        '---',
    ),
    _fails('service echo /ns/nothing', "^Cannot find type for '/ns/nothing'"),
]

_NODE = (
    '  Subscribers:',
    '    /heard: std_msgs/msg/String',
    '  Publishers:',
    '    /parameter_events: rcl_interfaces/msg/ParameterEvent',
    '    /rows: test_msgs/msg/Arrays',
    '  Service Servers:',
    r'    /station/describe_parameters: rcl_interfaces/srv/DescribeParameters',
    '  Service Clients:',
    '  Action Servers:',
    '    /fibonacci: test_msgs/action/Fibonacci',
    '  Action Clients:',
)

NODE = [
    _shown(
        'node list', '/foo/values', '/machine', '/ns/desk', '/station', '/twin', '/twin', error='share an exact name'
    ),
    _some('node list -a', '/_machine', '/foo/values', error='share an exact name'),
    _shown('node list -c', '6'),
    _shown('node list -c -a', r'[78]'),  # with the node of the command, or without
    _some('node info /station', '/station', *_NODE),
    _fails('node info /_machine', "^Unable to find node '/_machine'$"),
    _some('node info /_machine --include-hidden', '/_machine', '  Service Servers:'),
    _some('node info /twin', '/twin', error='There are 2 nodes in the graph with the exact name "/twin"'),
    _fails('node info', 'error: the following arguments are required: node_name', code=2),
]

_FIRST = ('- configure \\[1\\]', '\tStart: unconfigured', '\tGoal: configuring')
_SHUTDOWN = ('- shutdown \\[5\\]', '\tStart: unconfigured', '\tGoal: shuttingdown')
_ALL = (*_FIRST, r'- transition_success \[10\]', r'- activate \[3\]', r'- transition_error \[62\]')

LIFECYCLE = [
    _shown('lifecycle list machine', *_FIRST, *_SHUTDOWN),
    _some('lifecycle list machine -a', *_ALL),
    _fails('lifecycle list _machine -a', '^Node not found$'),
    _some('lifecycle list --include-hidden-nodes _machine -a', *_ALL),
    _shown('lifecycle nodes', '/machine'),
    _shown('lifecycle nodes -a', '/_machine', '/machine'),
    _shown('lifecycle nodes -c', '1'),
    _shown('lifecycle nodes -a -c', '2'),
    _fails(
        'lifecycle set /machine fly',
        r'^Unknown transition requested, available ones are:\n- configure \[1\]\n- shutdown \[5\]$',
    ),
    _fails('lifecycle set /nobody configure', '^Node not found$'),
    _fails('lifecycle set /_machine configure', '^Node not found$'),
    _fails('lifecycle get /nobody', '^Node not found$'),
    _fails('lifecycle get /_machine', '^Node not found$'),
    _shown('lifecycle get --include-hidden-nodes /_machine', r'unconfigured \[1\]'),
    _shown('lifecycle get /machine', r'unconfigured \[1\]'),
    _shown('lifecycle get', r'/machine: unconfigured \[1\]'),
    _shown('lifecycle set --include-hidden-nodes /_machine configure', 'Transitioning successful'),
    _shown('lifecycle get --include-hidden-nodes /_machine', r'inactive \[2\]'),
    _shown('lifecycle set --include-hidden-nodes /_machine activate', 'Transitioning successful'),
    _shown('lifecycle set --include-hidden-nodes /_machine deactivate', 'Transitioning successful'),
    _shown('lifecycle set --include-hidden-nodes /_machine 2', 'Transitioning successful'),
    _shown('lifecycle set --include-hidden-nodes /_machine shutdown', 'Transitioning successful'),
    _shown('lifecycle get --include-hidden-nodes /_machine', r'finalized \[4\]'),
]

_GOAL = ('Waiting for an action server to become available...', 'Sending goal:', '     order: 4', '')
_ACCEPTED = (r'Goal accepted with ID: [0-9a-f]+', '')
_RESULT = ('Result:', '    sequence:', '- 0', '- 1', '- 1', '- 2', '- 3', '', 'Goal finished with status: SUCCEEDED')

ACTION = [
    _shown('action list', '/fibonacci'),
    _shown('action list -t', r'/fibonacci \[test_msgs/action/Fibonacci\]'),
    _shown('action list -c', '1'),
    _shown('action info /nothing', 'Action: /nothing', 'Action clients: 0', 'Action servers: 0'),
    _shown('action info /fibonacci', 'Action: /fibonacci', 'Action clients: 0', 'Action servers: 1', '    /station'),
    _some('action info -t /fibonacci', r'    /station \[test_msgs/action/Fibonacci\]'),
    _shown('action info -c /fibonacci', 'Action: /fibonacci', 'Action clients: 0', 'Action servers: 1'),
    _shown('action type /fibonacci', 'test_msgs/action/Fibonacci'),
    _shown('action send_goal /fibonacci test_msgs/action/Fibonacci {order:4}', *_GOAL, *_ACCEPTED, *_RESULT),
    _some(
        'action send_goal -f /fibonacci test_msgs/action/Fibonacci {order:4}',
        *_GOAL,
        'Feedback:',
        '    sequence:',
        '- 0',
        *_RESULT,
    ),
    _fails('action send_goal /fibonacci test_msgs/action/NoSuch {order:4}', '^The passed action type is invalid'),
]

PARAM = [
    _fails('param list nobody', '^Node not found$'),
    _fails('param list foo/nobody', '^Node not found$'),
    _some(
        'param list /foo/values', '  bool_array_param', '  bool_param', '  double_param', '  foo.bar.text', '  text'
    ),
    _shown('param list /foo/values --filter bool.*', '  bool_array_param', '  bool_param'),
    _shown('param list /foo/values --filter int.* --param-type', r'  int_param \(type: integer\)'),
    _shown('param list /foo/values --param-prefixes foo', '  foo.bar.text'),
    _shown('param get /foo/values int_param', 'Integer value is: 42'),
    _shown('param get /foo/values bool_array_param', r'Boolean values are: \[False, True\]'),
    _shown('param get --hide-type /foo/values text', 'hello'),
    _fails('param get /foo/values no_such', '^Parameter not set'),
    _some('param describe /foo/values int_param', 'Parameter name: int_param', '  Type: integer', '  Constraints:'),
    _shown('param set /foo/values int_param 43', 'Set parameter successful'),
    _shown('param delete /foo/values free', 'Deleted parameter successfully'),
    Row('param delete /foo/values int_param', error='^Deleting parameter failed'),
    _some(
        'param dump /foo/values', '/foo/values:', '  ros__parameters:', '    foo:', '      bar:', '        text: deep'
    ),
    _fails('param dump nobody', '^Node not found$'),
    _fails('param load', 'error: the following arguments are required: node_name, parameter_file', code=2),
    _fails('param load some_node', 'error: the following arguments are required: parameter_file', code=2),
    _fails('param load nobody {tmp}/values.yaml', '^Node not found$'),
    _fails('param load /foo/values {tmp}/no_such.yaml', 'No such file or directory'),
    _fails('param load nobody no_such --timeout 1', '^Node not found$'),
    _fails('param load nobody no_such --timeout 0.2', "argument --timeout: invalid int value: '0.2'", code=2),
    _shown('param load /foo/values {tmp}/values.yaml --timeout 3', 'Set parameter text successful'),
    _shown('param get --hide-type /foo/values text', 'bye'),
    _fails(
        'param load /foo/values {tmp}/any.yaml --no-use-wildcard', 'does not contain (selected|any valid) parameters'
    ),
    _shown('param load /foo/values {tmp}/any.yaml', 'Set parameter text successful'),
    _shown('param get --hide-type /foo/values text', 'wild'),
]

INTERFACE = [
    _some(
        'interface list',
        'Messages:',
        '    test_msgs/msg/BasicTypes',
        'Services:',
        '    test_msgs/srv/Empty',
        'Actions:',
    ),
    _some('interface list -m', 'Messages:', '    test_msgs/msg/Strings'),
    _some('interface list -s', 'Services:', '    test_msgs/srv/Arrays'),
    _some('interface list -a', 'Actions:', '    test_msgs/action/Fibonacci'),
    _fails('interface package nothing', "^Unknown package 'nothing'$"),
    _some(
        'interface package test_msgs', 'test_msgs/action/Fibonacci', 'test_msgs/msg/Constants', 'test_msgs/srv/Empty'
    ),
    _some('interface package test_msgs -m', 'test_msgs/msg/BasicTypes'),
    _shown(
        'interface package test_msgs -s', 'test_msgs/srv/Arrays', 'test_msgs/srv/BasicTypes', 'test_msgs/srv/Empty'
    ),
    _some('interface package test_msgs -a', 'test_msgs/action/Fibonacci'),
    _some('interface packages', 'test_msgs'),
    _some('interface packages -m', 'test_msgs'),
    _some('interface packages -s', 'test_msgs'),
    _some('interface packages -a', 'test_msgs'),
    _shown('interface proto std_msgs/msg/String', r'"data: \'\'', '"'),
    _shown('interface proto --no-quotes std_msgs/msg/String', "data: ''", ''),
    _some('interface proto test_msgs/action/Fibonacci', '"order: 0'),
    _some(
        'interface show std_msgs/msg/Header', '# Standard metadata.*', 'builtin_interfaces/Time stamp', '\tint32 sec'
    ),
    _some(
        'interface show std_msgs/msg/Header --all-comments', 'builtin_interfaces/Time stamp', '\t# .*', '\tint32 sec'
    ),
    _shown(
        'interface show std_msgs/msg/Header --no-comments',
        'builtin_interfaces/Time stamp',
        '\tint32 sec',
        '\tuint32 nanosec',
        'string frame_id',
    ),
    _some('interface show test_msgs/srv/BasicTypes', 'bool bool_value', '---', 'bool bool_value'),
    _shown('interface show std_srvs/srv/SetBool --no-comments', 'bool data', '---', 'bool success', 'string message'),
    _shown(
        'interface show test_msgs/action/Fibonacci --no-comments',
        'int32 order',
        '---',
        r'int32\[\] sequence',
        '---',
        r'int32\[\] sequence',
    ),
    _fails('interface show nothing/msg/String', "^Unknown package 'nothing'"),
    _fails('interface show test_msgs/msg/NoSuchType', r"^Could not find the interface '.*NoSuchType\.idl'"),
    _fails('interface show String', "^Invalid name 'String'. Expected three parts separated by '/'"),
    _some('interface show -', 'bool bool_value', 'float64 float64_value', stdin='test_msgs/msg/BasicTypes\n'),
]

PACKAGE = [
    _some('pkg list', 'rclpy', 'std_msgs', 'test_msgs'),
    _shown('pkg prefix std_msgs', '/.*'),
    _shown('pkg prefix --share std_msgs', '/.*/share/std_msgs'),
    _fails('pkg prefix nothing', '^Package not found$'),
    _some('pkg xml std_msgs', '<package format="3">', '  <name>std_msgs</name>'),
    _shown('pkg xml -t version std_msgs', r'\d+\.\d+\.\d+'),
    _fails('pkg xml -t no_such std_msgs', '^XML tag not found$'),
    _fails('pkg xml nothing', '^Package not found$'),
    _some('pkg executables weld_cell', 'weld_cell joint_type'),
    _fails('pkg executables nothing', "^Package 'nothing' not found"),
    _fails('run nothing node', "^Package 'nothing' not found"),
    _fails('run weld_cell no_such', "'no_such' not found"),
]

OTHER = [
    _some('', 'usage: ros2 .*'),
    _shown('daemon status', 'The daemon is not running'),
    _shown('daemon stop', 'The daemon is not running'),
    _fails('no_such_command', "error: argument .*invalid choice: 'no_such_command'", code=2),
]

BAG = [
    _shown('bag info --topic-name {bag}', '/a', '/b'),
    _some('bag info {bag}', 'Files:             .*', 'Messages:          6'),
    _some('bag info -v {bag}', 'Messages:          6'),
    _fails('bag info {tmp}/no_such', "error: argument bag_path: Bag path '.*no_such' does not exist!", code=2),
    _fails('bag reindex {bag}/metadata.yaml', 'Must specify a bag directory'),
    _fails('bag play --rate 0 {bag}', r'error: argument -r/--rate: 0 is not in the valid range \(> 0.0\)', code=2),
    _fails('bag play --start-offset -1 {bag}', 'error: argument --start-offset: .*less than zero', code=2),
    _fails('bag play --qos-profile-overrides-path {tmp}/no_such.yaml {bag}', "can't open", code=2),
    _fails('bag record -a -o {tmp}/r --qos-profile-overrides-path {tmp}/no_such.yaml', "can't open", code=2),
    _fails(
        'bag record -a -o {tmp}/r --qos-profile-overrides-path {tmp}/half.yaml',
        r'^\[ERROR\] \[ros2bag\]: .*Time overrides must include both',
    ),
    _fails('bag record', r'^\[ERROR\] \[ros2bag\]: Need to specify at least one option out of --all, --all-topics'),
    _fails('bag record -a -o {bag}', r"^\[ERROR\] \[ros2bag\]: Output folder '.*' already exists\."),
    _fails('bag record --exclude-regex x --topics /a -o {tmp}/r', '--exclude-regex argument requires either --all'),
    _fails(
        'bag record --exclude-topics /a --topics /b -o {tmp}/r', '--exclude-topics argument requires either --all'
    ),
    _fails(
        'bag record --exclude-topic-types a/msg/B --topics /b -o {tmp}/r',
        '--exclude-topic-types argument requires either --all',
    ),
    _fails('bag record --exclude-services /a --topics /b -o {tmp}/r', '--exclude-services argument requires either'),
    _fails('bag record -a --compression-format zstd -o {tmp}/r', 'compression format without a compression mode'),
    _fails('bag record -a --use-sim-time --no-discovery -o {tmp}/r', '--use-sim-time and --no-discovery both set'),
    _fails(
        'bag record -a --max-bag-size 1 -o {tmp}/r',
        r'Invalid bag splitting size given\. Please provide a value greater than',
    ),
    _some('bag record --help', 'usage: ros2 bag record .*'),
]

MISSING = [
    _missing('doctor', 'ros2 doctor is not supported by pip_ros'),
    _missing('doctor hello', 'ros2 doctor is not supported by pip_ros'),
    _missing('wtf', 'ros2 wtf is not supported by pip_ros'),
    _missing('multicast send', 'ros2 multicast is not supported by pip_ros'),
    _missing('component types', 'ros2 component is not supported by pip_ros'),
    _missing('security create_keystore x', 'ros2 security is not supported by pip_ros'),
    _missing('daemon start', 'pip_ros has no daemon'),
    _missing('pkg create new_package', 'ros2 pkg create is not supported by pip_ros'),
    _missing('bag burst {bag}', 'ros2 bag burst is not supported by pip_ros'),
    _missing('bag list storage', 'ros2 bag list is not supported by pip_ros'),
    _missing('bag record -a --snapshot-mode -o {tmp}/r', '--snapshot-mode is not supported by pip_ros'),
    _missing('bag play --publish-service-requests {bag}', '--publish-service-requests is not supported by pip_ros'),
]

ANSWERED = [*TOPIC, *SERVICE, *NODE, *LIFECYCLE, *ACTION, *PARAM, *INTERFACE, *PACKAGE, *OTHER, *BAG]
