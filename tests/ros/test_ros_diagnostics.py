"""NodeHealth: level and message by what went right and wrong."""

import pytest
from diagnostic_msgs.msg import DiagnosticStatus

from weld_cell.errors import DeviceLostError, SeamError, StripeAbsentError
from weld_cell.ros.diagnostics import NodeHealth

LOST = DeviceLostError('gone', 'plug it in')


@pytest.mark.parametrize(
    ('events', 'level'),
    [
        ([], DiagnosticStatus.OK),
        ([None], DiagnosticStatus.OK),
        ([LOST], DiagnosticStatus.ERROR),
        ([LOST, None], DiagnosticStatus.WARN),
        ([StripeAbsentError('dark')], DiagnosticStatus.WARN),
    ],
)
def test_level(make_node, events, level):
    health = NodeHealth(make_node())
    for error in events:
        with health.watch():
            if error:
                raise error
    assert health.status().level == level


def test_an_image_that_shows_no_stripe_is_no_line_of_the_log(make_node, monkeypatch):
    node, logged = make_node(), []
    for severity in ('warning', 'error'):
        monkeypatch.setattr(node.get_logger(), severity, logged.append)
    health = NodeHealth(node)
    health.report(StripeAbsentError('the bare table'))
    health.report(SeamError('the bare table'))
    assert logged == [] and health.status().level == DiagnosticStatus.WARN
    health.report(LOST)
    assert len(logged) == 1


def test_the_message_holds_the_remedy_until_something_succeeds(make_node):
    health = NodeHealth(make_node())
    health.report(LOST)
    health._publish()
    assert 'plug it in' in health.status().message
    assert health.status().level == DiagnosticStatus.ERROR
    health.succeeded()
    health._publish()
    assert health.status().level == DiagnosticStatus.OK


def test_other_errors_are_not_swallowed(make_node):
    health = NodeHealth(make_node())
    with pytest.raises(KeyError), health.watch():
        raise KeyError('a bug')


def test_watched_callbacks_live_on(make_node):
    health = NodeHealth(make_node())
    seen = []

    def callback(message):
        seen.append(message)
        raise LOST

    guarded = health.watched(callback)
    guarded(1)
    guarded(2)
    assert seen == [1, 2]
