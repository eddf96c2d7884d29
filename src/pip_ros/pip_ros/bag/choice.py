"""Which topics and services are recorded or played."""

import argparse
import re
from dataclasses import dataclass

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node

from pip_ros.bag.info import is_service_event
from pip_ros.errors import Ros2Error

SERVICE_EVENTS = '/_service_event'


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression from an option's value."""
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f'{text!r} is no regular expression: {error}') from error


@dataclass(frozen=True)
class Choice:
    """What is chosen; an excluded topic or service is not, whatever chooses it.

    Attributes:
        topics: Names of topics.
        types: Types of topics.
        services: Names of services, without /_service_event.
        all_topics: Every topic.
        all_services: Every service.
        regex: Also whatever has a name with this in it.
        exclude_topics, exclude_types, exclude_services, exclude_regex: The same, left out.
        regex_of_topics: Expressions match whole names of topics, also of those with a service's events; else they
            are searched in names of topics and services.
    """

    topics: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    all_topics: bool = False
    all_services: bool = False
    regex: re.Pattern[str] | None = None
    exclude_topics: frozenset[str] = frozenset()
    exclude_types: frozenset[str] = frozenset()
    exclude_services: frozenset[str] = frozenset()
    exclude_regex: re.Pattern[str] | None = None
    regex_of_topics: bool = False

    def takes(self, topic: str, type_name: str) -> bool:
        """Whether a topic, or the service whose events it carries, is chosen."""
        name = topic
        if is_service_event(topic, type_name):
            name = topic.removesuffix(SERVICE_EVENTS)
            chosen = self.all_services or name in self.services
            excluded = name in self.exclude_services
        else:
            chosen = self.all_topics or name in self.topics or type_name in self.types
            excluded = name in self.exclude_topics or type_name in self.exclude_types
        if excluded or self._matches(self.exclude_regex, topic, name):
            return False
        return chosen or self._matches(self.regex, topic, name)

    def _matches(self, regex: re.Pattern[str] | None, topic: str, name: str) -> bool:
        if regex is None:
            return False
        return bool(regex.fullmatch(topic) if self.regex_of_topics else regex.search(name))


def expanded(node: Node, name: str) -> str:
    """The full name of a topic or service that the user gave, in the namespace of a node.

    Raises:
        Ros2Error: it is no name.
    """
    try:
        return str(node.resolve_topic_name(name, only_expand=True))
    except rclpy_implementation.RCLError as error:
        raise Ros2Error(str(error)) from error
