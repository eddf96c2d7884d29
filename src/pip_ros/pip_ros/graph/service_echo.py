"""`ros2 service echo`: what clients and servers with introspection publish of each call."""

import argparse
import math
from typing import Any

from rclpy.qos import qos_profile_services_default
from service_msgs.msg import ServiceEventInfo

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import absolute, add_find_options, spin_until
from pip_ros.graph.plain import Style, dump, to_csv, to_plain
from pip_ros.graph.style_options import add_style_options, chosen_style
from pip_ros.messages import interface_class
from pip_ros.node import command_node, stopped_by_signals

_EVENTS = {
    getattr(ServiceEventInfo, name): name
    for name in ('REQUEST_SENT', 'REQUEST_RECEIVED', 'RESPONSE_SENT', 'RESPONSE_RECEIVED')
}


def echo_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 service echo`."""
    parser.add_argument('service_name', help='service')
    parser.add_argument('service_type', nargs='?', help='its type, if it is not up yet')
    add_style_options(parser)
    add_find_options(parser)


def echo(args: argparse.Namespace) -> int:
    """Print events until Ctrl-C."""
    stop, service = stopped_by_signals(), absolute(args.service_name)
    style = chosen_style(args)
    with command_node(use_sim_time=args.use_sim_time) as node:

        def types() -> list[str]:
            return dict(node.get_service_names_and_types()).get(service, [])

        if not args.service_type and not spin_until(node, types, args.spin_time, stop):
            raise Ros2Error(f"Cannot find type for '{service}'")
        event_type = interface_class(args.service_type or types()[0], 'srv').Event
        topic = f'{service}/_service_event'
        subscription = node.create_subscription(
            event_type,
            topic,
            lambda event: print(_text(event, style, args.csv), flush=True),
            qos_profile_services_default,
        )
        try:
            if not spin_until(node, lambda: stop.is_set() or node.count_publishers(topic), args.spin_time):
                print(
                    f"No publishers on topic '{topic}'; is service introspection on the client or server enabled?",
                    flush=True,
                )
            spin_until(node, stop.is_set, math.inf)
        finally:
            node.destroy_subscription(subscription)
    return 0


def _text(event: Any, style: Style, csv: bool) -> str:
    if csv:
        return to_csv(event, style)
    plain = to_plain(event, style)
    plain['info']['event_type'] = _EVENTS.get(event.info.event_type, event.info.event_type)
    return f'{dump(plain, style)}---'
