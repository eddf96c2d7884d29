"""The codec of statuses: every record there and back, what is on the wire to the letter, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weld_cell.errors import MessageError
from weld_cell.records import JointType, SeamSource
from weld_cell.records.status import (
    CellStatus,
    FailureStatus,
    JointTypeStatus,
    NodeStatus,
    PlateSeamStatus,
    SeamStatus,
    Stage,
    WeldStatus,
)
from weld_cell.ros.statuses import make_status, status_from_message, status_to_message, status_values

SEEN = SeamStatus(
    images_received=7,
    images_processed=6,
    points=5,
    joint_type=JointType.V,
    stamp_ns=1_700_000_000_123_456_789,
    gap_mm=1.23456789,
    mismatch_mm=-0.5,
    ms=2.0,
    seam_px=np.array([[319.52345, 240.0]]),
    break_points_px=np.array([[1.0, 2.0], [3.0, 4.5]]),
)


def wire(status):
    return status_values(status_to_message('name', status))


def test_nothing_to_say_is_an_empty_status():
    assert wire(NodeStatus()) == {} == wire(JointTypeStatus())
    assert status_from_message(NodeStatus, make_status('name', {})) == NodeStatus()
    assert status_from_message(JointTypeStatus, make_status('name', {})).votes is None


@pytest.mark.parametrize(
    ('status', 'said'),
    [
        (CellStatus(Stage.TRACK), {'stage': 'track'}),
        (FailureStatus(5, 'ImageError'), {'stamp_ns': '5', 'error': 'ImageError'}),
        (NodeStatus(trajectories_accepted=2, trajectories_refused=0), {
            'trajectories_accepted': '2', 'trajectories_refused': '0',
        }),
        (WeldStatus('executing', 'dry run', SeamSource.PLATE, 'plate', 9, 12.3456789, 2.0, 10.0, 8.0, 17), {
            'state': 'executing', 'mode': 'dry run', 'seam_source': 'plate', 'procedure': 'plate', 'points': '9',
            'duration_s': '12.3457', 'weld_start_s': '2', 'weld_end_s': '10', 'travel_speed_mm_s': '8',
            'path_stamp_ns': '17',
        }),
        (PlateSeamStatus(3, 0, 1, {'locate': 1.5}, error='PlateSeamAbsentError'), {
            'stamp_ns': '3', 'seams': '0', 'refused': '1', 'ms.locate': '1.5', 'error': 'PlateSeamAbsentError',
        }),
        (
            PlateSeamStatus(
                3,
                2,
                0,
                {'grey': 0.25, 'measure': 30.0},
                number=2,
                length_mm=200.5,
                lengths_mm=np.array([30.0, 200.5]),
                middles_px=np.array([[1.0, 2.0], [3.0, 4.5]]),
            ),
            {
                'stamp_ns': '3', 'seams': '2', 'refused': '0', 'ms.grey': '0.25', 'ms.measure': '30', 'number': '2',
                'length_mm': '200.5', 'lengths_mm': '30.00 200.50', 'middles_px': '1.000 2.000 3.000 4.500',
            },
        ),
        (
            JointTypeStatus(
                joint_type=JointType.LAP,
                images_voted=1,
                margin=0.5,
                ms=1.5,
                votes={JointType.LAP: 5, JointType.FILLER_LAYER: 0},
                features=np.array([1.0, 0.123456789]),
            ),
            {
                'joint_type': 'lap', 'images_voted': '1', 'margin': '0.5', 'ms': '1.5', 'votes.lap': '5',
                'votes.filler_layer': '0', 'features': '1 0.12346',
            },
        ),
        (SEEN, {
            'images_received': '7', 'images_processed': '6', 'points': '5', 'held': '0', 'poses_awaited': '0',
            'joint_type': 'v', 'stamp_ns': '1700000000123456789', 'gap_mm': '1.23457', 'mismatch_mm': '-0.5',
            'ms': '2', 'seam_px': '319.523 240.000', 'break_points_px': '1.000 2.000 3.000 4.500',
        }),
    ],
)  # fmt: skip
def test_on_the_wire_to_the_letter_and_in_order(status, said):
    assert list(wire(status).items()) == list(said.items())


def test_arrays_and_mappings_come_back():
    seen = status_from_message(SeamStatus, status_to_message('seam', SEEN))
    np.testing.assert_allclose(seen.seam_px, SEEN.seam_px, atol=5e-4)
    np.testing.assert_array_equal(seen.break_points_px, SEEN.break_points_px)
    assert (seen.joint_type, seen.stamp_ns, seen.error) == (JointType.V, SEEN.stamp_ns, None)
    votes = {JointType.LAP: 3, JointType.V: 1}
    told = status_from_message(JointTypeStatus, status_to_message('joint_type', JointTypeStatus(votes=votes)))
    assert told.votes == votes and told.images is None


@given(st.integers(0, 2**63 - 1), st.integers(-(2**31), 2**31), st.sampled_from(list(SeamSource)))
def test_whole_numbers_and_words_come_back_as_they_were(stamp_ns, points, source):
    weld = WeldStatus('planned', 'armed', source, 'lap', points, 3.0, 1.0, 2.0, 8.0, stamp_ns)
    assert status_from_message(WeldStatus, status_to_message('weld', weld)) == weld
    node = NodeStatus(started_ns=stamp_ns)
    assert status_from_message(NodeStatus, status_to_message('node', node)) == node


def test_keys_that_a_record_does_not_know_are_left_out():
    assert status_from_message(CellStatus, make_status('cell', {'mood': 'good', 'stage': 'idle'})).stage is Stage.IDLE


@pytest.mark.parametrize(
    ('kind', 'values', 'said'),
    [
        (CellStatus, {}, 'without stage'),
        (CellStatus, {'stage': ''}, 'expected one of idle'),
        (SeamStatus, {'stamp_ns': ''}, 'stamp_ns = "": expected a whole number'),
        (SeamStatus, {'stamp_ns': '1e3'}, 'whole number'),
        (SeamStatus, {'stamp_ns': '٣'}, 'whole number'),
        (SeamStatus, {'points': '9' * 5000}, 'whole number'),
        (SeamStatus, {'gap_mm': 'nan'}, 'finite number'),
        (SeamStatus, {'gap_mm': 'wide'}, 'finite number'),
        (SeamStatus, {'seam_px': '1 2 3'}, 'rows of 2'),
        (SeamStatus, {'seam_px': '1 inf'}, 'finite number'),
        (JointTypeStatus, {'votes.weld': '1'}, 'votes.weld = "weld": expected one of lap'),
        (JointTypeStatus, {'votes.lap': 'many'}, 'votes.lap = "many"'),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(kind, values, said):
    with pytest.raises(MessageError, match=said) as refused:
        status_from_message(kind, make_status('name', values))
    assert refused.value.remedy


def test_values_for_people_become_texts():
    assert status_values(make_status('seam', {'ms': 0.123456789, 'points': 3, 'on': True})) == {
        'ms': '0.123457',
        'points': '3',
        'on': 'True',
    }
