"""What the simulated cell tells of a cycle, as the nodes of the graph would."""

import numpy as np

from weld_cell.records import SeamSource
from weld_cell.records.status import JointTypeStatus, SpotWeldStatus, WeldStatus
from weld_cell.supervisor.cycle_journal import CycleFiles, CycleJournal
from weld_cell.supervisor.evidence import SeamEvidence
from weld_cell.traceability.settings import RecordSettings
from weld_cell.traceability.store import RecordStore


class CellEvidence:
    """Implements `weld_cell.supervisor.evidence.Evidence` over a `SimulatedCell`."""

    def __init__(self, cell):
        self._cell = cell
        self.pictures = {'seam': np.zeros((4, 6), np.uint8)}

    def cycle_begins(self):
        pass

    def seam_begins(self):
        pass

    def seam(self):
        cell = self._cell
        told = cell.joint_type()
        joint = None if told is None else JointTypeStatus(decided=told, share=0.9, images={told: 36})
        weld = None
        if cell.trajectory is not None:
            times = cell.trajectory.times_s
            name = str(told)
            window = float(times[1]), float(times[-2])
            weld = WeldStatus(
                'planned', 'dry run', SeamSource.LASER, name, len(times), float(times[-1]), *window, 8.0, 1
            )
        points = cell.seam_points()
        sizes = {point.stamp_ns: (point.gap_mm, 0.1) for point in points[1:]}  # of the first one nothing was told
        return SeamEvidence(joint, cell.path, points, sizes, weld=weld)

    def part(self):
        return None

    def spot_welds(self):
        return [SpotWeldStatus(1, 1, 10.0, 10.0, 5.0, 0.4, 'good', 0, 0.0)]

    def take_pictures(self):
        taken, self.pictures = self.pictures, {}
        return taken


def journal_of(cell, folder, rig_file, procedures_file, **settings):
    """A journal of a cycle of a `SimulatedCell`."""
    files = CycleFiles(str(rig_file), str(procedures_file), 'voted', SeamSource.LASER)
    store, told = RecordStore(folder, 1.0), RecordSettings(**settings)
    return CycleJournal(store, told, files, CellEvidence(cell), 'simulated')
