"""DeviceClock: device stamps brought to the host's clock."""

import numpy as np
import pytest

from weld_cell.devices.pacing import DeviceClock, Pacer
from weld_cell.errors import DeviceLostError

PERIOD_NS = 25_000_000
OFFSET_NS = 7_000_000_000


def test_the_first_image_is_stamped_with_its_arrival():
    assert DeviceClock().to_host(5, 1_000) == 1_000


def test_transport_delays_do_not_reach_the_stamps():
    """Device period 25 ms, delays 1 to 9 ms: once the shortest delay was seen, stamps are as even as the device's."""
    clock = DeviceClock()
    delays = 1_000_000 + np.random.default_rng(1).integers(0, 8_000_000, 300)
    delays[20] = 1_000_000
    stamps = [clock.to_host(i * PERIOD_NS, i * PERIOD_NS + OFFSET_NS + int(d)) for i, d in enumerate(delays)]
    assert set(np.diff(stamps[20:])) == {PERIOD_NS}
    assert stamps[20] == 20 * PERIOD_NS + OFFSET_NS + 1_000_000


def test_drift_is_followed_within_the_window():
    clock = DeviceClock(window=40)
    drift = 1 + 50e-6
    stamps = [clock.to_host(i * PERIOD_NS, round(i * PERIOD_NS * drift)) for i in range(4000)]
    assert abs(stamps[-1] - 3999 * PERIOD_NS * drift) < 40 * PERIOD_NS * 60e-6


def test_a_device_that_restarts_its_clock_starts_anew():
    clock = DeviceClock()
    clock.to_host(100_000_000_000, 200_000_000_000)
    assert clock.to_host(0, 200_025_000_000) == 200_025_000_000


def test_a_stopped_pacer_does_not_wait():
    pacer = Pacer(0.001)
    pacer.start()
    pacer.wait(1.0)
    pacer.stop()
    with pytest.raises(DeviceLostError, match='closed'):
        pacer.wait(2000.0)
