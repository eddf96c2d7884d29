"""How good the calibrations are."""

from weld_cell.evaluation.figures import Figure, Measurement, Unit, at_least, at_most
from weld_cell.evaluation.measurements.units import MILLIMETRES

PX = Unit('px', 4)
REAL = 'Photographs of other people (../shared/data/calibration); left out where they are not.'
SIMULATED = (
    '200 simulated sets of 20 views each, projected by cv2.projectPoints: 0.1 px noise, the robot off by 0.1 mm and '
    "0.02 degrees about each axis, the line-laser sensor's camera; the median."
)
SCANNED = (
    'Laser plane and hand-eye without a board, 200 simulated sets (50 of the plate), the same errors, the sensor up '
    'to 10 mm and 3 degrees from its drawing on each axis: RMS distance of measured points from the true ones; the '
    'median.'
)
SCANS_COVERED = 'Of x, y and z of the middle of the stripe, over all targets.'
COVERED = 'Of the six numbers of each simulated calibration, how many lie within 1.96 of their standard deviations.'

CALIBRATION = Measurement(
    'calibration',
    'Calibration',
    'weld_cell evaluate calibration',
    'Boards are found, poses read from the files as they came, outliers left out by the calibration itself.',
    (
        Figure('chessboard_rms_px', 'intrinsics of a chessboard, RMS', REAL, PX, aim=at_most(0.145), paper=0.145),
        Figure('chessboard_f', 'the same, focal length', REAL, Unit('px', 2), paper=518.05),
        Figure(
            'chessboard_f_off_percent',
            'the same, how far from the published focal length',
            REAL,
            Unit('%', 2),
            aim=at_most(0.3),
        ),
        Figure(
            'hand_eye_mm', 'hand-eye of a chessboard, from where others agree', REAL, MILLIMETRES, aim=at_most(1.5)
        ),
        Figure(
            'hand_eye_scatter_mm',
            'the same, scatter of the board about each axis',
            REAL,
            MILLIMETRES,
            aim=at_most(3.5),
            paper=4.0,
        ),
        Figure(
            'eye_to_hand_mm', 'eye-to-hand of a tag, from where others agree', REAL, Unit('mm', 1), aim=at_most(15)
        ),
        Figure('sim_hand_eye_mm', 'hand-eye, simulated, shift', SIMULATED, MILLIMETRES, aim=at_most(0.08)),
        Figure('sim_hand_eye_deg', 'hand-eye, simulated, turn', SIMULATED, Unit('degrees', 4), aim=at_most(0.02)),
        Figure(
            'laser_plane_scatter_mm',
            'laser plane over a circle grid, scatter of the stripes',
            REAL,
            MILLIMETRES,
            aim=at_most(1.0),
        ),
        Figure('laser_plane_published_mm', 'the same, how far from the published plane', REAL, MILLIMETRES),
        Figure(
            'sim_scan_mm', 'scans, 20 views, the worse of sphere and step', SCANNED, MILLIMETRES, aim=at_most(0.15)
        ),
        Figure('sim_scan_sphere_mm', 'scans of a sphere, 20 views', SCANNED, MILLIMETRES),
        Figure('sim_scan_step_mm', 'scans of a step, 20 views', SCANNED, MILLIMETRES),
        Figure('sim_scan_plate_mm', 'scans of a plate, 60 views', SCANNED, MILLIMETRES),
        Figure(
            'scan_coverage',
            '95 % intervals of scans that hold the truth',
            SCANS_COVERED,
            Unit('%', 1, 100.0),
            aim=at_least(90),
        ),
        Figure('coverage', '95 % intervals that hold the truth', COVERED, Unit('%', 1, 100.0), aim=at_least(90)),
    ),
    publisher='with the photographs, or by three other methods on them',
)
