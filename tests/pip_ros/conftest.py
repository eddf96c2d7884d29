"""Signals are handled after each test as before: a command of `ros2` that runs in this process takes them over."""

import signal

import pytest


@pytest.fixture(autouse=True)
def signals_as_before():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
