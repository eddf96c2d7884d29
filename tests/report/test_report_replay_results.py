"""The result files of a replay, to the last character."""

import numpy as np
import pytest
from replayed import replayed

from weld_cell.errors import JointTypeError, SeamError, SeamPathError
from weld_cell.records import JointType, JointTypeDecision, JointTypeEstimate, SeamObservation, SeamPath, SeamPoint
from weld_cell.report.replay_results import PATH_COLUMNS, POINT_COLUMNS, write_results
from weld_cell.stations.joint_type_vote import Ballot
from weld_cell.stations.scanned_image import ScannedImage

ESTIMATE = JointTypeEstimate(JointType.LAP, {JointType.LAP: 5}, 0.5, np.zeros(7))
BALLOT = Ballot(ESTIMATE, 1)
OBSERVATION = SeamObservation(
    JointType.LAP,
    np.array([100.12346, 200.0]),
    np.empty((0, 2)),
    np.zeros(3),
    np.array([0.0, 0.0, 1.0]),
    0.0,
    -3.0,
    np.empty((0, 3)),
    2,
)
POINT = SeamPoint(np.array([1.0, -0.1, 0.2]), np.array([0.0, 0.0, 1.0]), 2)
DECISION = JointTypeDecision(JointType.LAP, 2 / 3, {JointType.LAP: 2, JointType.BUTT: 1}, 3)
PATH = SeamPath(
    np.array([[1.0, 0.0, 0.2], [1.0, 0.002, 0.2]]),
    np.array([[0.0, 1.0, 0.0]] * 2),
    np.array([[0.0, 0.0, 1.0]] * 2),
    0.002,
    0.002,
    0,
)


def written(result, folder):
    write_results(result, folder)
    return [(folder / name).read_text() for name in ('joint_type.json', 'seam_points.csv', 'seam_path.csv')]


def test_nothing_seen(tmp_path):
    error = JointTypeError('No image.', 'Look.')
    joint_type, points, path = written(replayed([], error, error), tmp_path)
    assert joint_type == (
        '{\n "joint_type": "",\n "error": "No image. Remedy: Look.",\n "path_error": "No image. Remedy: Look."\n}\n'
    )
    assert points == ','.join(POINT_COLUMNS) + '\n'
    assert path == ','.join(PATH_COLUMNS) + '\n'


def test_a_row_an_image_however_far_it_came(tmp_path):
    images = [
        ScannedImage(1, error=SeamError('x')),
        ScannedImage(2, ballot=BALLOT, observation=OBSERVATION, point=POINT),
        ScannedImage(3, ballot=BALLOT, observation=OBSERVATION, error=SeamError('y')),
    ]
    joint_type, points, path = written(replayed(images, DECISION, PATH), tmp_path)
    assert points.splitlines()[1:] == [
        '1,,,,,,,,,,,,0,SeamError,x',
        '2,lap,100.1235,200.0000,0.0000,-3.0000,1.000000000,-0.100000000,0.200000000,0.000000000,0.000000000,'
        '1.000000000,0,,',
        '3,lap,100.1235,200.0000,0.0000,-3.0000,,,,,,,0,SeamError,y',
    ]
    assert path.splitlines()[2].startswith('1.000000000,0.002000000,0.200000000,0.000000000,1.000000000')
    assert '"share": 0.666667' in joint_type and '"path_error": ""' in joint_type
    assert joint_type.index('"butt": 1') < joint_type.index('"lap": 2')


@pytest.mark.parametrize('path', [PATH, SeamPathError('too few')])
def test_the_same_result_the_same_bytes(tmp_path, path):
    result = replayed([ScannedImage(2, ballot=BALLOT, observation=OBSERVATION, point=POINT)], DECISION, path)
    assert written(result, tmp_path / 'a') == written(result, tmp_path / 'b')
