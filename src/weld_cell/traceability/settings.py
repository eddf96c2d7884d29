"""Settings of the records: folder, and data that the cell cannot measure."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, switch, text
from weld_cell.traceability.record import QualityRecord

_TEXTS = ('wps', 'wpqr', 'manufacturer', 'process', 'material', 'filler', 'gas', 'position', 'operator', 'examiner')


@dataclass(frozen=True)
class RecordSettings(Settings):
    """Where each cycle's record is kept, and what a quality department files with it; empty: not known."""

    folder: str = text('out/records', 'folder of the records; empty: none are kept')
    cell: str = text('', 'name of the cell; empty: name of the computer')
    reserve_mb: float = bounded(32.0, 1.0, 4096.0, 'MB', 'room on the disk that is taken before a cycle begins')
    pictures: bool = switch(True, 'keep a picture of the joint type, the seam, the part and the plates')
    wps: str = text('', 'number of the welding procedure specification (ISO 15609-1)')
    wpqr: str = text('', 'number of the record that qualifies it (ISO 15614-1)')
    manufacturer: str = text('', 'who welds')
    process: str = text('', 'number of the process after ISO 4063, for instance "135"')
    material: str = text('', 'parent metal: standard, designation, group after ISO/TR 15608')
    thickness_mm: float = bounded(0.0, 0.0, 1000.0, 'mm', 'of the parent metal; 0: not known')
    filler: str = text('', 'filler metal: standard, designation, diameter')
    gas: str = text('', 'shielding gas after ISO 14175')
    position: str = text('', 'welding position after ISO 6947')
    operator: str = text('', 'who set the cell up')
    examiner: str = text('', 'who approves the weld')

    @property
    def quality(self) -> QualityRecord:
        """What was told beside, as a record keeps it."""
        texts = {name: getattr(self, name) or None for name in _TEXTS}
        return QualityRecord(**texts, thickness_mm=self.thickness_mm or None)
