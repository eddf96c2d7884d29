"""`ros2 bag info`: what is in a bag."""

import time

from pip_ros.bag.reading import Bag, Topic

_INDENT = ' ' * 19
_SERVICE_EVENTS = '/_service_event'
_EVENT_TYPE = '_Event'
_REQUESTS = (0, 1)  # ServiceEventInfo.REQUEST_SENT and REQUEST_RECEIVED


def is_service_event(topic: str, type_name: str) -> bool:
    """Whether a topic carries what a service's ends tell of their calls."""
    return topic.endswith(_SERVICE_EVENTS) and '/srv/' in type_name and type_name.endswith(_EVENT_TYPE)


def describe_bag(bag: Bag, with_service_events: bool = False) -> str:
    """The text that `ros2 bag info` prints.

    Args:
        bag: The open bag.
        with_service_events: Of services, how many requests and responses.
    """
    topics = [
        f'Topic: {topic.name} | Type: {topic.type} | Count: {topic.count} | '
        f'Serialization Format: {topic.serialization}'
        for topic in bag.topics.values()
        if not _has_service_events(topic)
    ]
    services = [
        f'Service: {topic.name.removesuffix(_SERVICE_EVENTS)} | Type: {topic.type.removesuffix(_EVENT_TYPE)} | '
        f'{_calls(bag, topic) if with_service_events else f"Event Count: {topic.count}"} | '
        f'Serialization Format: {topic.serialization}'
        for topic in bag.topics.values()
        if _has_service_events(topic)
    ]
    rows = [
        ('Files', f'\n{_INDENT}'.join(file.name for file in bag.files)),
        ('Bag size', _size(sum(file.stat().st_size for file in bag.files))),
        ('Storage id', bag.storage),
        ('ROS Distro', bag.ros_distro),
        ('Duration', f'{_seconds(bag.duration_ns)}s'),
        ('Start', _date(bag.start_ns)),
        ('End', _date(bag.start_ns + bag.duration_ns)),
        ('Messages', str(sum(topic.count for topic in bag.topics.values() if not _has_service_events(topic)))),
        ('Topic information', f'\n{_INDENT}'.join(topics)),
        ('Service', str(len(services))),
        ('Service information', f'\n{_INDENT}  '.join(services)),
    ]
    problems = [f'Damaged: {problem}' for problem in bag.problems]
    return '\n'.join(['', *(f'{name + ":":<18} {value}' for name, value in rows), *problems])


def _has_service_events(topic: Topic) -> bool:
    return is_service_event(topic.name, topic.type)


def _calls(bag: Bag, topic: Topic) -> str:
    """Numbers of requests and responses; a call that both ends tell of counts once."""
    calls: dict[bool, set[bytes]] = {True: set(), False: set()}
    for _, _, data in bag.messages([topic.name], 0):
        # CDR of ServiceEventInfo: header (4), event type (1 and padding to 4), stamp (8), client (16), number (8).
        calls[data[4] in _REQUESTS].add(bytes(data[16:40]))
    return f'Request Count: {len(calls[True])} | Response Count: {len(calls[False])}'


def _size(count: float) -> str:
    units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
    index = 0
    while count >= 1024 and index < len(units) - 1:
        count, index = count / 1024, index + 1
    return f'{count:.{1 if index else 0}f} {units[index]}'


def _seconds(nanoseconds: int) -> str:
    return f'{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}'


def _date(nanoseconds: int) -> str:
    local = time.localtime(nanoseconds // 10**9)
    return f'{time.strftime("%b %e %Y %H:%M:%S", local)}.{nanoseconds % 10**9:09d} ({_seconds(nanoseconds)})'
