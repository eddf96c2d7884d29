"""The samples of one frame: interpolation, order, age, two parents."""

import pytest

time_cache = pytest.importorskip('tf2_ros.time_cache', reason='src/pip_ros is not installed; the real tf2_ros is C++')

from tf2_ros import ExtrapolationException  # noqa: E402
from tf2_ros.rigid import Rigid  # noqa: E402

SECOND = 10**9
HALF = 0.5**0.5


def sample(stamp_ns, x=0.0, parent='base', rotation=(0.0, 0.0, 0.0, 1.0)):
    return time_cache.Link(stamp_ns, parent, 'tool', Rigid((x, 0.0, 0.0), rotation))


def cache_of(*samples, cache_ns=10 * SECOND):
    cache = time_cache.TimeCache(cache_ns)
    for each in samples:
        assert cache.insert(each)
    return cache


@pytest.mark.parametrize(
    ('stamps', 'wanted', 'message'),
    [
        ([], 5, 'buffer was cleared'),
        ([], 0, 'buffer was cleared'),
        ([3], 5, 'only time 0.000000003 is in the buffer'),
        ([3, 4], 5, 'into the future.  Requested time 0.000000005 but the latest data is at time 0.000000004'),
        ([7, 8], 5, 'into the past.  Requested time 0.000000005 but the earliest data is at time 0.000000007'),
    ],
)
def test_outside_of_the_samples(stamps, wanted, message):
    with pytest.raises(ExtrapolationException, match=message):
        cache_of(*map(sample, stamps)).at(wanted)


def test_golden_interpolation():
    """A quarter of the way: a quarter of 4 m, and 22.5 of 90 degrees about z, sin and cos of 11.25 degrees."""
    cache = cache_of(sample(1 * SECOND, 0.0), sample(3 * SECOND, 4.0, rotation=(0.0, 0.0, HALF, HALF)))
    between = cache.at(SECOND + SECOND // 2).transform
    assert between.translation == (1.0, 0.0, 0.0)
    assert between.rotation == pytest.approx((0.0, 0.0, 0.19509032201612825, 0.9807852804032304), abs=1e-15)


@pytest.mark.parametrize('order', [[1, 2, 3], [3, 2, 1], [2, 3, 1]])
def test_samples_may_arrive_in_any_order(order):
    cache = cache_of(*(sample(n * SECOND, float(n)) for n in order))
    assert cache.at(SECOND * 5 // 2).transform.translation[0] == 2.5
    assert cache.latest().stamp_ns == 3 * SECOND


def test_time_zero_is_the_latest():
    assert cache_of(sample(1, 1.0), sample(2, 2.0)).at(0).transform.translation[0] == 2.0


def test_age():
    cache = cache_of(sample(1), sample(11), cache_ns=10)
    assert not cache.insert(sample(0))
    assert cache.insert(sample(12)) and cache.at(1).stamp_ns == 1  # tf2 forgets before it takes
    assert cache.insert(sample(13))
    with pytest.raises(ExtrapolationException, match='earliest data is at time 0.000000011'):
        cache.at(1)


def test_repeated_stamp_takes_the_later_word():
    assert cache_of(sample(5, 1.0), sample(5, 2.0)).at(5).transform.translation[0] == 2.0
    assert cache_of(sample(5, 1.0), sample(5, 2.0), sample(5, 1.0)).at(5).transform.translation[0] == 2.0


def test_between_two_parents_the_older_counts():
    cache = cache_of(sample(10, 1.0, parent='base'), sample(20, 2.0, parent='gripper'))
    assert cache.at(15).parent == 'base'
    assert cache.at(15).transform.translation[0] == 1.0
    assert cache.at(20).parent == cache.latest().parent == 'gripper'


def test_static_holds_at_any_time():
    cache = time_cache.StaticCache()
    with pytest.raises(ExtrapolationException):
        cache.at(1)
    cache.insert(sample(5, 1.0))
    cache.insert(sample(3, 2.0))
    assert cache.at(10**18).transform.translation[0] == 2.0
    assert cache.latest().stamp_ns == 0
