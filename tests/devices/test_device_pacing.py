"""Pacer: an even rate that can be stopped."""

import pytest

from weld_cell.devices.pacing import Pacer
from weld_cell.errors import DeviceLostError


def test_a_stopped_pacer_does_not_wait():
    pacer = Pacer(0.001)
    pacer.start()
    pacer.wait(1.0)
    pacer.stop()
    with pytest.raises(DeviceLostError, match='closed'):
        pacer.wait(2000.0)
