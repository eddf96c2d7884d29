"""Settings of the spot-weld inspection."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice, switch, text

CLASSICAL, NETWORK = 'classical', 'network'
SIMULATED = 'simulated'


@dataclass(frozen=True)
class BankSettings(Settings):
    """How a bank of good welds is made; it is kept in the bank, as images are looked at in the same way."""

    grid: int = bounded(64, 16, 256, 'px', 'side of the square to which each weld is resampled')
    context: float = bounded(1.6, 1.0, 4.0, '', 'half the side of what is looked at, in radii of the weld')
    common_size: bool = switch(
        True,
        'all welds of an image are cut out at their median size, as one electrode made them; a faint one is small',
    )
    place_weight: float = bounded(
        5.0, 0.0, 100.0, '', 'how much the distance from the middle counts, in deviations for a radius; 0: not at all'
    )
    rings: int = bounded(10, 1, 64, '', 'about the middle, of which each has a usual look of its own')
    rotations: int = bounded(4, 1, 72, '', 'turned copies of each good weld')
    vectors: int = bounded(3000, 16, 200_000, '', 'in the bank at most')
    false_alarms: float = bounded(0.01, 1e-6, 0.5, '', 'share of good welds that may be called defective')
    doubtful: float = bounded(0.05, 1e-6, 0.5, '', 'share of good welds that may be called doubtful or defective')


@dataclass(frozen=True)
class SpotWeldSettings(Settings):
    """How an image is inspected."""

    bank: str = text('', "of good welds: a file, or 'simulated', the shipped one of the simulator's welds")
    finder: str = choice(NETWORK, (NETWORK, CLASSICAL), 'what finds the welds: region network, or symmetry')
    features: str = text(CLASSICAL, 'what describes the surface: classical, or an ONNX file; as of the bank')
    most_saturated: float = bounded(
        0.15, 0.0, 1.0, '', 'share of white pixels on the welds from which they are refused'
    )
    least_area: float = bounded(0.002, 0.0, 1.0, '', "smallest piece that is a defect, in areas of the weld's circle")
    millimetres: bool = switch(True, 'tell defects in mm on the work plane; it takes camera_info and the rig')
    above_table_mm: float = bounded(
        0.0, 0.0, 5000.0, 'mm', "height of the welds over the table's top (work_plane.height_m)"
    )
