"""Data of one run, written by the node run_recorder and read by the report."""

import json
import tempfile
import zlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from weld_cell.errors import ConfigurationError
from weld_cell.records import FloatArray, SeamSource
from weld_cell.report.page import PAGE

FACTS_FILE, ARRAYS_FILE = 'run.json', 'run.npz'
JOINT_TYPE_PICTURE, SEAM_PICTURE, PART_PICTURE = 'joint_type.png', 'seam.png', 'part.png'
PLATE_PICTURE = 'plate_seam.png'
PROFILE_PICTURE, PATH_PICTURE, TRAJECTORY_PICTURE = 'profile.png', 'seam_path.png', 'trajectory.png'
PLATE_PATH_PICTURE = 'plate_path.png'
TRACKING_PICTURE, FILL_PICTURE = 'tracking.png', 'adaptive_fill.png'
RECORDS = 'records'
"""Folder of the records of all cycles, within that of `weld_cell run`."""
SUMMARY_FILE = 'summary.json'
RUN_FILES = (
    *(FACTS_FILE, ARRAYS_FILE, SUMMARY_FILE, PAGE),
    *(JOINT_TYPE_PICTURE, SEAM_PICTURE, PART_PICTURE, PLATE_PICTURE),
    *(PROFILE_PICTURE, PATH_PICTURE, TRAJECTORY_PICTURE, PLATE_PATH_PICTURE),
    *(TRACKING_PICTURE, FILL_PICTURE),
)
"""All that a run and its page leave in their folder."""

_RECORD_ONE = 'Record one: weld_cell run, or ros2 launch weld_cell cell.launch.xml record:=FOLDER'


def _no_rows(columns: int) -> FloatArray:
    return np.empty((0, columns))


@dataclass
class RunFacts:
    """Plain facts of a run.

    Attributes:
        source: sim, real or bag.
        joint_type_set: The joint that the simulation was asked for; empty outside of it.
        seed: Seed of the simulation.
        stages: [seconds since the start, stage, note] in order.
        joint_type: As voted; empty if it was not.
        images: Images that the laser sensor published while the seam was followed.
        images_lost: Of these, how many the seam stage gave no account of.
        trajectory_accepted: Whether the robot followed the weld trajectory to its end.
        weld_window_s: Start and end of the weld within the trajectory, at its travel speed.
        travel_speed_mm_s: The procedure's.
        weld_start_ns: When the robot began the weld trajectory.
        seconds: From the start to the last stage.
        lies: What the simulated area camera has on the table.
        part: Code of the part that was told; empty without one.
        part_margin: By how much the next best part was worse; None without one.
        seam_source: Whose seam is welded: laser or plate.
        plate_seam: What was told of the seam between plates, by the names of PlateSeamStatus; empty without one.
        track: Whether the weld was tracked.
        sim_weld: How the simulated workpiece moved while it was welded, by the names of SimulatedWeldStatus; empty
            where it was not told.
    """

    source: str = ''
    joint_type_set: str = ''
    seed: int = 0
    stages: list[tuple[float, str, str]] = field(default_factory=list)
    joint_type: str = ''
    images: int = 0
    images_lost: int = 0
    trajectory_accepted: bool = False
    weld_window_s: tuple[float, float] = (0.0, 0.0)
    travel_speed_mm_s: float = 0.0
    weld_start_ns: int = 0
    seconds: float = 0.0
    lies: str = 'none'
    part: str = ''
    part_margin: float | None = None
    seam_source: str = 'laser'
    plate_seam: dict[str, float] = field(default_factory=dict)
    track: bool = False
    sim_weld: dict[str, Any] = field(default_factory=dict)


@dataclass
class RunRecord:
    """Facts and recorded rows of a run.

    Attributes:
        facts: See `RunFacts`.
        latencies_ms: (n,) image stamp to arrival of the seam point.
        seam_points: (n, 3) in base_link, m, of the tracking.
        path: (n, 9) positions (m), tangents, normals of the seam path in base_link.
        profile: (n, 3) a profile from the middle of the scan, in its optical frame, m.
        break_points_px: (k, 2) its break points in the image.
        seam_px: (m, 2) its seam point in the image, m = 1; 0 without one.
        trajectory: (n, 13) time (s), positions (rad), velocities (rad/s) of the weld trajectory.
        tool_path: (n, 3) positions of the planned tool path in base_link, m.
        joint_states: (n, 7) time (s, node clock) and positions (rad) while the robot welds.
        T_base_part: (4, 4) where the part was told to lie; (0, 4) without one.
        plate_path: (n, 3) the seam between plates as the area camera saw it, in base_link, m.
    """

    facts: RunFacts = field(default_factory=RunFacts)
    latencies_ms: FloatArray = field(default_factory=lambda: np.empty(0))
    seam_points: FloatArray = field(default_factory=lambda: _no_rows(3))
    path: FloatArray = field(default_factory=lambda: _no_rows(9))
    profile: FloatArray = field(default_factory=lambda: _no_rows(3))
    break_points_px: FloatArray = field(default_factory=lambda: _no_rows(2))
    seam_px: FloatArray = field(default_factory=lambda: _no_rows(2))
    trajectory: FloatArray = field(default_factory=lambda: _no_rows(13))
    tool_path: FloatArray = field(default_factory=lambda: _no_rows(3))
    joint_states: FloatArray = field(default_factory=lambda: _no_rows(7))
    T_base_part: FloatArray = field(default_factory=lambda: _no_rows(4))
    plate_path: FloatArray = field(default_factory=lambda: _no_rows(3))

    @property
    def welded_path(self) -> FloatArray:
        """(n, 3) the seam path of the source that was welded, in base_link, m."""
        path: FloatArray = self.plate_path if self.facts.seam_source == SeamSource.PLATE else self.path[:, :3]
        return path

    def save(self, folder: Path) -> None:
        """Write run.json and run.npz into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FACTS_FILE).write_text(json.dumps(asdict(self.facts), indent=1) + '\n', encoding='utf-8')
        arrays = {name: value for name, value in vars(self).items() if name != 'facts'}
        np.savez_compressed(folder / ARRAYS_FILE, **arrays)


def make_room(folder: Path) -> None:
    """A folder for a run, without the files of an earlier one; whatever else lies there stays.

    Raises:
        ConfigurationError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in RUN_FILES:
            (folder / name).unlink(missing_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ConfigurationError(
            f'{folder}: cannot be written ({error.strerror}).', 'Name a folder of yours.'
        ) from error


def load_record(folder: Path) -> RunRecord:
    """Read the record of a run.

    Raises:
        ConfigurationError: there is no folder, it holds no record, or one that is damaged; names the file.
    """
    if not folder.exists():
        raise ConfigurationError(f'There is no run at {folder}.', 'Check the path. ' + _RECORD_ONE)
    missing = [name for name in (FACTS_FILE, ARRAYS_FILE) if not (folder / name).is_file()]
    if missing:
        raise ConfigurationError(
            f'{folder} holds no record of a run: {" and ".join(missing)} missing.',
            f'Give the folder of a run. {_RECORD_ONE}',
        )
    return RunRecord(_load_facts(folder / FACTS_FILE), **_load_arrays(folder / ARRAYS_FILE))


def _load_facts(file: Path) -> RunFacts:
    try:
        return RunFacts(**json.loads(file.read_text(encoding='utf-8')))
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(file) from error


def _load_arrays(file: Path) -> dict[str, FloatArray]:
    names = {known.name for known in fields(RunRecord)} - {'facts'}
    try:
        with np.load(file) as arrays:
            if not names.issuperset(arrays.files):
                raise _damaged(file)
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise _damaged(file) from error


def _damaged(file: Path) -> ConfigurationError:
    return ConfigurationError(
        f'{file} is damaged, has another version, or is not readable: it is not a record of a run.', _RECORD_ONE
    )
