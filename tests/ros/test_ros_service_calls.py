"""Calls of Trigger services whose first answer is lost: its server had not yet discovered the client."""

import threading
import time

import pytest
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import SingleThreadedExecutor
from rclpy.task import Future
from std_srvs.srv import Trigger

from weld_cell.ros.service_calls import ServiceCalls, ServiceRefusedError

PATIENCE_S = 60.0


def wait(condition, timeout_s):
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Server:
    """A service that answers from the given request on."""

    def __init__(self, make_node, answers_from):
        self.requests = 0
        self._answers_from, self._never = answers_from, Future()
        server, client = make_node('server'), make_node('client')
        server.create_service(Trigger, 'work', self._answer, callback_group=ReentrantCallbackGroup())
        self.calls = ServiceCalls(client, ['work'], wait)
        self._executor = SingleThreadedExecutor()
        for node in (server, client):
            self._executor.add_node(node)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()
        assert wait(lambda: not self.calls.missing(['work']), PATIENCE_S)

    async def _answer(self, _, response):
        self.requests += 1
        if self.requests < self._answers_from:
            await self._never
        response.success, response.message = True, f'request {self.requests}'
        return response

    def close(self):
        self._executor.shutdown()
        self._thread.join()


@pytest.fixture
def server(make_node):
    servers = []

    def make(answers_from):
        servers.append(Server(make_node, answers_from))
        return servers[-1]

    yield make
    for each in servers:
        each.close()


def test_a_service_that_may_run_twice_is_asked_again_where_no_answer_is_received(server):
    made = server(answers_from=2)
    assert made.calls.call('work', PATIENCE_S, attempts=120) == 'request 2'


def test_a_service_that_may_not_run_twice_is_asked_once(server):
    made = server(answers_from=2)
    with pytest.raises(ServiceRefusedError, match='work did not answer within 1 s'):
        made.calls.call('work', 1.0)
    assert made.requests == 1
