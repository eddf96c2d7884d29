"""Which topics and services are recorded or played."""

import argparse
import re
from dataclasses import dataclass

from pip_ros.bag.info import is_service_event

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
        if excluded or (self.exclude_regex and self.exclude_regex.search(name)):
            return False
        return chosen or bool(self.regex and self.regex.search(name))
