"""Every measurement of the repository with its figures: the one place where an aim stands.

`python docs/make_figures.py` runs them and writes docs/figures.md and the README's table; the JSON and the page of an
evaluation have the same figures. To add a measurement, declare it in the file of its subject and name it in
`MEASUREMENTS`.
"""

from weld_cell.evaluation.measurements.calibration import CALIBRATION
from weld_cell.evaluation.measurements.camera import CAMERA
from weld_cell.evaluation.measurements.farm import FARM
from weld_cell.evaluation.measurements.graph import GRAPH, RUN, SOAK
from weld_cell.evaluation.measurements.joint_type import JOINT_TYPE
from weld_cell.evaluation.measurements.parts import PARTS
from weld_cell.evaluation.measurements.plate_seam import PLATE_SEAM, PLATE_SEAM_COMPARISONS
from weld_cell.evaluation.measurements.seam import seam
from weld_cell.evaluation.measurements.speed import REPLAY, SIM_RENDER, STRIPE
from weld_cell.evaluation.measurements.spot_weld import SPOT_WELD
from weld_cell.evaluation.measurements.tracking import TRACKING

__all__ = ['FIGURES', 'JOINT_TYPE', 'MEASUREMENTS']

MEASUREMENTS = (
    JOINT_TYPE,
    seam('seam', '48 hard scans'),
    seam('seam_many', '240 hard scans', '--scenes 40 --seed 2000', in_readme=True),
    seam('seam_nominal', '24 nominal scans', '--nominal --scenes 4', hard=False),
    TRACKING,
    PARTS,
    PLATE_SEAM,
    PLATE_SEAM_COMPARISONS,
    SPOT_WELD,
    CALIBRATION,
    CAMERA,
    STRIPE,
    REPLAY,
    FARM,
    SIM_RENDER,
    GRAPH,
    SOAK,
    RUN,
)

FIGURES = {
    f'{measurement.name}.{figure.name}': figure for measurement in MEASUREMENTS for figure in measurement.figures
}
"""By measurement and name: 'seam_many.rms_mm_straight'."""
