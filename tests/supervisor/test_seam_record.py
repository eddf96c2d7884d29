"""What is kept of a seam, against numbers that a person can check."""

import numpy as np
import pytest

from weld_cell.records import JointType, SeamPath, SeamPoint, SeamSource
from weld_cell.records.status import JointTypeStatus, PlateSeamStatus
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.evidence import SeamEvidence
from weld_cell.supervisor.seam_record import distances_along, joint_record, path_records

UP = np.array([0.0, 0.0, 1.0])


def straight(length_m=0.1):
    positions = np.column_stack([np.arange(0.0, length_m + 1e-9, 0.002), np.zeros(51), np.zeros(51)])
    return SeamPath(positions, np.tile([1.0, 0.0, 0.0], (51, 1)), np.tile(UP, (51, 1)), 0.002, length_m, 0)


def points(*places):
    return [SeamPoint(np.array(place), UP, k, 0.0) for k, place in enumerate(places)]


def test_nothing_told_is_nothing_kept():
    assert path_records(SeamEvidence(), SeamSource.LASER, PathSettings()) == (None, None)
    assert path_records(SeamEvidence(), SeamSource.PLATE, PathSettings()) == (None, None)
    assert joint_record(None, 'voted') is None
    assert path_records(SeamEvidence(path=straight()), SeamSource.LASER, PathSettings())[0].residual_rms_mm is None


def test_points_are_measured_along_the_path_and_from_it():
    along_m, from_m = distances_along(np.array([[0.0305, 0.0003, 0.0004], [-0.001, 0.0, 0.0]]), straight())
    assert along_m == pytest.approx([0.0305, -0.001]) and from_m == pytest.approx([0.0005, 0.0])


def test_an_outlier_is_told_and_left_out_of_the_residuals():
    """Residuals of 0.05 mm and one of 38 mm: 4 sigma are 4 x 0.05 mm, the noise floor."""
    near = [(0.01 * k, 0.00005, 0.0) for k in range(1, 10)]
    seen = SeamEvidence(path=straight(), points=points(*near, (0.05, 0.0, 0.038)), sizes={0: (0.2, -0.1)})
    path, along = path_records(seen, SeamSource.LASER, PathSettings())
    assert (path.points, path.outliers) == (10, 1)
    assert path.residual_rms_mm == path.residual_max_mm == 0.05 and path.length_mm == 100.0
    assert along.along_mm[0] == 10.0 and along.gap_mm == (0.2, *(None,) * 9) and along.mismatch_mm[0] == -0.1
    assert max(along.residual_mm) == 38.0


def test_a_plate_seam_has_the_scatter_of_its_readings():
    told = PlateSeamStatus(1, 1, 0, {}, scatter_mm=0.03)
    path, along = path_records(SeamEvidence(plate=told, plate_path=straight()), SeamSource.PLATE, PathSettings())
    assert (path.source, path.residual_rms_mm, path.residual_max_mm, path.points) == ('plate', 0.03, None, None)
    assert along is None


def test_a_joint_type_that_was_given_was_not_voted():
    told = JointTypeStatus(decided=JointType.LAP, share=0.8, images={JointType.LAP: 32, JointType.V: 8})
    voted = joint_record(told, 'voted')
    assert voted.voted and voted.share == 0.8 and [each.images for each in voted.counts] == [32, 8]
    assert not joint_record(told, 'lap').voted and joint_record(None, 'lap').joint_type == 'lap'
