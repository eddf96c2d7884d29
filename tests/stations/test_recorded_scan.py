"""Sweeps of a sensor: where one ends, what is kept back, and which of them is the scan."""

import numpy as np
import pytest

from weld_cell.errors import SeamPathError
from weld_cell.records import JointType, JointTypeDecision
from weld_cell.stations.recorded_scan import RecordedScan, RecordingSettings, Sweep
from weld_cell.stations.sweeps import MOST_OPEN, RiseWatch, SweepDivider

DECISION = JointTypeDecision(JointType.V, 1.0, {JointType.V: 40}, 40)
NO_PATH = SeamPathError('a hole')


def divided(places_mm):
    """The number of the sweep of each item, in order."""
    divider, found = SweepDivider(), []
    for item, place in enumerate(np.asarray(places_mm, float)):
        found += divider.put(item, np.append(place, 0.0) / 1e3)
    found += divider.flush()
    assert [item for _, item in found] == list(range(len(places_mm)))
    return [number for number, _ in found]


def along(*stops, step=0.6):
    """Places (n, 2) in mm on the way from stop to stop."""
    return np.concatenate(
        [
            np.linspace(a, b, 1 + round(np.hypot(*np.subtract(b, a)) / step))
            for a, b in zip(stops, stops[1:], strict=False)
        ]
    )


def test_nothing_is_divided():
    assert divided(np.empty((0, 2))) == []


def test_a_sensor_that_rests_and_goes_on_makes_one_sweep():
    way = np.concatenate([along((0, 0), (30, 0)), np.tile((30.0, 0.2), (400, 1)), along((30, 0), (90, 4))])
    assert set(divided(way)) == {0}


def test_a_curve_makes_one_sweep():
    turn = np.linspace(0.0, np.pi / 2, 300)
    assert set(divided(200 * np.column_stack([np.sin(turn), 1 - np.cos(turn)]))) == {0}


@pytest.mark.parametrize('step', [0.1, 0.6, 3.0])
def test_a_way_back_belongs_to_no_scan_and_the_turns_to_what_follows(step):
    way = along((0, 0), (25, 0), (-35, 0), (200, 0), step=step)
    numbers = np.array(divided(way))
    assert numbers.tolist() == sorted(numbers) and set(numbers) == {0, 1, 2}
    assert np.abs(way[numbers == 1][0] - (25, 0)).max() <= 0.4 + step
    assert np.abs(way[numbers == 2][0] - (-35, 0)).max() <= 0.4 + step


def test_a_step_aside_is_no_turn_and_a_long_one_is():
    assert set(divided(along((0, 0), (20, 0), (20, 3), (40, 3)))) == {0}
    assert set(divided(along((0, 0), (20, 0), (20, 12), (40, 12)))) == {0, 1, 2}


def test_a_sensor_that_rests_beside_its_way_keeps_little_back():
    divider, kept, most = SweepDivider(), 0, 0
    for place in [*along((0, 0), (20, 0)), *np.tile((20.0, 3.0), (1000, 1))]:
        kept += 1 - len(divider.put(None, np.append(place, 0.0) / 1e3))
        most = max(most, kept)
    assert most <= MOST_OPEN + 1


def test_plates_rise_over_the_table_and_a_bump_does_not():
    watch = RiseWatch()
    assert not any(watch.update(depth) for depth in [0.325] * 20 + [0.3] * 2 + [0.325] * 5)
    assert [watch.update(0.3) for _ in range(3)] == [False, False, True]


def sweep(number, length_mm, height_mm, path=NO_PATH):
    count = round(length_mm / 0.6)
    positions = np.column_stack([np.linspace(0, length_mm, count), np.zeros(count), np.full(count, height_mm)]) / 1e3
    return Sweep(number, count, positions, np.tile((0.0, 0.0, 1.0), (count, 1)), DECISION, path)


def found(*sweeps):
    scan = RecordedScan.__new__(RecordedScan)
    scan.sweeps = list(sweeps)
    return scan.found().number


@pytest.mark.parametrize(
    ('sweeps', 'number'),
    [
        ([sweep(0, 0, 0)], 0),
        ([sweep(0, 25, 0), sweep(1, 200, 0), sweep(2, 60, 0)], 1),
        ([sweep(0, 80, 0), sweep(1, 105, -25)], 0),  # the table below
        ([sweep(0, 80, 0), sweep(1, 3, 40)], 0),  # a hand above: too few points for a joint
    ],
)
def test_the_sweep_that_saw_the_most_of_a_seam_is_the_scan_with_or_without_a_path(sweeps, number):
    assert found(*sweeps) == number


@pytest.mark.parametrize('wrong', [{'start_s': -1.0}, {'end_s': 5.0, 'start_s': 5.0}, {'joint_type': 'weld'}])
def test_a_part_of_a_recording_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).split('_')[0]):
        RecordingSettings(**wrong)
