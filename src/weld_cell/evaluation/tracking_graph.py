"""How well welds are tracked in the running graph: each a `weld_cell run --track`, in real time, against its truth.

Scanned, planned and welded by the nodes, with spatter and arc light, on a workpiece that moves by 3 mm. Beside the
corrected weld stands the same one as it was planned. Latency is from an image's stamp to the time at which the
course that it has changed takes over. On a busy machine it is that of its other work: the load before each weld
stands beside it, and the processor time that the weld took.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weld_cell.errors import DeviceNotFoundError
from weld_cell.records import JointType
from weld_cell.report.run_record import SUMMARY_FILE, TRACKING_PICTURE
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.drift import KINDS

FOLDER = Path('out/tracking_graph')
OF_THE_RUN = (
    *('tool_rms_mm', 'tool_worst_mm', 'tool_blind_rms_mm', 'uncorrected_rms_mm', 'uncorrected_worst_mm'),
    *('tcp_speed_error_pct', 'correction_max_mm', 'correction_latency_ms', 'seam_point_age_ms', 'correction_work_ms'),
    *('points', 'outliers', 'late', 'lost_s', 'last_stage', 'note'),
)
"""Of a run's summary.json."""
NONE_MS: dict[str, float | None] = {'p50': None, 'p99': None}
STRAIGHT_M = 1e-9  # a seam whose chord is shorter than its length by more is curved


@dataclass(frozen=True)
class GraphWeld:
    """One weld in the running graph.

    Attributes:
        joint_type: Of the workpiece.
        drift: How it moved.
        seed: Of the simulated cell.
        curved: Whether its seam is bent.
        load: Of the machine before it: processes that wanted to run, over the last minute.
        processor_s: That all nodes took.
        said: Of its summary.json, `OF_THE_RUN`; None for what it does not say.
        picture: Correction along the seam; None where the weld was not begun.
    """

    joint_type: JointType
    drift: str
    seed: int
    curved: bool
    load: float
    processor_s: float
    said: dict[str, Any]
    picture: Path | None

    @property
    def name(self) -> str:
        """For people."""
        return f'{self.joint_type} {self.seed}'

    @property
    def done(self) -> bool:
        """Whether it came to its end."""
        return bool(self.said['last_stage'] == 'done')

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        beside = {'curved': self.curved, 'load': round(self.load, 1), 'processor_s': round(self.processor_s, 1)}
        return {'drift': self.drift, 'seed': self.seed, **beside, **self.said}


@dataclass(frozen=True, eq=False)
class GraphTrackingEvaluation:
    """Welds of several joint types.

    Attributes:
        welds: Each of them.
        seed: Of the first ones.
        arc: Dial of spatter and arc light.
        seconds: What it took.
    """

    welds: tuple[GraphWeld, ...]
    seed: int
    arc: float
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The figures, ready for JSON: the worst of the welds that came to their end."""
        done = [weld for weld in self.welds if weld.done]
        return {
            'rms_mm_straight': _most([weld for weld in done if not weld.curved], 'tool_rms_mm'),
            'rms_mm_curved': _most([weld for weld in done if weld.curved], 'tool_rms_mm'),
            'worst_mm': _most(done, 'tool_worst_mm'),
            'blind_rms_mm': _most(done, 'tool_blind_rms_mm'),
            'uncorrected_rms_mm': _most(done, 'uncorrected_rms_mm'),
            'uncorrected_worst_mm': _most(done, 'uncorrected_worst_mm'),
            'speed_error_pct': _most(done, 'tcp_speed_error_pct'),
            'latency_ms': _most_ms(done, 'correction_latency_ms'),
            'seam_point_age_ms': _most_ms(done, 'seam_point_age_ms'),
            'correction_work_ms': _most_ms(done, 'correction_work_ms'),
            'welded': len(done),
            'total': len(self.welds),
            'stopped': {weld.name: weld.said['note'] for weld in self.welds if not weld.done},
            'welds': {weld.name: weld.as_dict() for weld in self.welds},
            'cores': os.cpu_count(),
            'arc': self.arc,
            'seed': self.seed,
            'seconds': round(self.seconds, 1),
        }


def evaluate_tracking_graph(
    joint_types: Iterable[JointType] = tuple(JointType),
    drifts: Iterable[str] = KINDS,
    runs_per_joint: int = 1,
    seed: int = 1,
    arc: float = 0.6,
    folder: Path = FOLDER,
    params: Path | None = None,
    progress: Callable[[GraphWeld], object] = lambda weld: None,
) -> GraphTrackingEvaluation:
    """Weld in the running graph, one weld after the other.

    Args:
        joint_types: Which types.
        drifts: Ways of moving, which take turns.
        runs_per_joint: Of each type, with successive seeds.
        seed: Of the first run of each type.
        arc: Dial of spatter and arc light, 0 to 1.
        folder: The runs are kept in its folders.
        params: Parameter file, as of `weld_cell run`.
        progress: Gets each weld.

    Raises:
        ValueError: no runs, or the arc lies outside 0 to 1.
        DeviceNotFoundError: there is no ROS 2 here.
    """
    if runs_per_joint < 1:
        raise ValueError(f'runs_per_joint: expected at least 1, got {runs_per_joint}')
    if not 0.0 <= arc <= 1.0:
        raise ValueError(f'arc: expected 0 to 1, got {arc}')
    if shutil.which('ros2') is None:
        raise DeviceNotFoundError('The command "ros2" was not found.', 'Run "make run", or source your ROS 2.')
    began, kinds, welds = time.perf_counter(), list(drifts), []
    for number in range(runs_per_joint):
        for which, joint_type in enumerate(joint_types):
            drift = kinds[(which + number) % len(kinds)]
            welds.append(graph_weld(joint_type, drift, seed + number, arc, folder, params))
            progress(welds[-1])
    return GraphTrackingEvaluation(tuple(welds), seed, arc, time.perf_counter() - began)


def graph_weld(
    joint_type: JointType, drift: str, seed: int, arc: float, folder: Path, params: Path | None = None
) -> GraphWeld:
    """One `weld_cell run --track`; what it wrote stays in a folder of its own."""
    out = folder / f'{joint_type}_{seed}'
    words = ['run', '--track', '--joint', str(joint_type), '--drift', drift, '--seed', str(seed), '--arc', f'{arc:g}']
    words += ['--out', str(out), *(['--params', str(params)] if params else [])]
    load, before_s = os.getloadavg()[0], _processor_s()
    (out / SUMMARY_FILE).unlink(missing_ok=True)
    ended = subprocess.run(
        [sys.executable, '-m', 'weld_cell.cli', *words], capture_output=True, text=True, check=False
    )
    took_s = _processor_s() - before_s
    said = said_of(out / SUMMARY_FILE, ended.stderr.strip().rpartition('\n')[2])
    picture = out / TRACKING_PICTURE
    curve = cell_scene(joint_type, seed).workpiece.curve
    curved = bool(curve.length_m - curve.chord_m > STRAIGHT_M)
    return GraphWeld(joint_type, drift, seed, curved, load, took_s, said, picture if picture.exists() else None)


def said_of(summary: Path, otherwise: str) -> dict[str, Any]:
    """What the summary.json of a run says of its weld; where there is none, why."""
    if not summary.exists():
        return dict.fromkeys(OF_THE_RUN) | {'note': otherwise or 'The run has left no summary.'}
    run = json.loads(summary.read_text(encoding='utf-8'))
    return {name: run.get(name) for name in OF_THE_RUN}


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _most(welds: list[GraphWeld], name: str) -> float | None:
    return max((weld.said[name] for weld in welds if weld.said[name] is not None), default=None)


def _most_ms(welds: list[GraphWeld], name: str) -> dict[str, float | None]:
    rows: list[dict[str, float | None]] = [weld.said[name] or NONE_MS for weld in welds]
    return {part: max((ms for row in rows if (ms := row[part]) is not None), default=None) for part in NONE_MS}
