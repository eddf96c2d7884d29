"""Settings of a calibration session: what is calibrated, and with which board."""

from dataclasses import dataclass

from weld_cell.calibration.boards import APRILTAG, CHARUCO, KINDS, Board
from weld_cell.calibration.mount import Mount
from weld_cell.config import Settings, bounded, choice, switch, text

INTRINSICS = 'intrinsics'
CAMERAS = ('laser_sensor', 'mako')


@dataclass(frozen=True)
class CalibrationSettings(Settings):
    """What is calibrated, with which board."""

    what: str = choice(INTRINSICS, (INTRINSICS, *map(str, Mount)), 'What is calibrated.')
    camera: str = choice('laser_sensor', CAMERAS, 'Which camera of the rig.')
    kind: str = choice('charuco', KINDS, 'What is on the board.')
    columns: int = bounded(11, 1, 100, '', 'Inner corners of a chessboard, squares of ChArUco, tags, circles.')
    rows: int = bounded(8, 1, 100, '', 'The same, of a column.')
    pitch_mm: float = bounded(20.0, 0.1, 1000.0, 'mm', 'From square, tag or circle to the next.')
    marker_mm: float = bounded(15.0, 0.1, 1000.0, 'mm', 'Side of a marker or tag.')
    dictionary: str = text('5X5_100', 'Of the markers, as OpenCV names them.')
    first_id: int = bounded(0, 0, 10000, '', 'Of the first marker.')
    resolve_turns: bool = switch(False, 'Take a board that looks the same when turned; the robot says how it lies.')

    def board(self) -> Board:
        """The board.

        Raises:
            ValueError: such a board cannot be.
        """
        marked = self.kind in (CHARUCO, APRILTAG)
        return Board(
            self.kind,
            self.columns,
            self.rows,
            self.pitch_mm / 1000,
            self.marker_mm / 1000 if marked else 0.0,
            self.dictionary if marked else '',
            self.first_id,
        )
