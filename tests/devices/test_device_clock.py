"""DeviceClock: device stamps brought to the host's clock."""

import numpy as np
import pytest

from weld_cell.devices.device_clock import DeviceClock

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


def test_a_device_that_restarts_its_clock_starts_anew():
    clock = DeviceClock()
    clock.to_host(100_000_000_000, 200_000_000_000)
    assert clock.to_host(0, 200_025_000_000) == 200_025_000_000
    assert clock.offset_ns == 200_025_000_000


@pytest.mark.parametrize('drift_ppm', [-80.0, 0.0, 30.0])
def test_drift_is_told_and_taken_out(drift_ppm):
    """Three minutes at 20 images/s whose delays are 1 ms and, half of the time, up to 8 ms more."""
    generator, clock = np.random.default_rng(2), DeviceClock()
    sent = [200_000_000_000 + 50_000_000 * i for i in range(3600)]
    host = [OFFSET_NS + round((ns - sent[0]) * (1 + drift_ppm * 1e-6)) for ns in sent]
    delays = 1_000_000 + generator.integers(0, 8_000_000, 3600) * generator.integers(0, 2, 3600)
    stamps = [clock.to_host(d, h + int(delay)) for d, h, delay in zip(sent, host, delays, strict=True)]
    late_ns = np.array(stamps) - np.array(host)
    assert abs(late_ns[400:] - 1_000_000).max() < 30_000
    assert clock.drift_ppm == pytest.approx(drift_ppm, abs=0.5)
    assert clock.offset_ns == stamps[-1] - sent[-1]


def test_no_stamp_lies_after_the_arrival():
    generator, clock = np.random.default_rng(5), DeviceClock()
    for i in range(2000):
        arrival_ns = i * PERIOD_NS + OFFSET_NS + int(generator.exponential(3e6))
        assert clock.to_host(i * PERIOD_NS, arrival_ns) <= arrival_ns
