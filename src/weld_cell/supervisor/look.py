"""Nominal seams of a cycle: from the settings, a part's job, or the plates in the area camera's image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from weld_cell.errors import PartError
from weld_cell.geometry.transforms import rotate_vectors, transform_points
from weld_cell.records import FloatArray, JobSeam, PartSighting, SeamSource
from weld_cell.records.status import Stage
from weld_cell.supervisor.port import PartCellPort, PlateCellPort
from weld_cell.supervisor.poses import NominalSeam, seam_between
from weld_cell.supervisor.settings import ScanSettings

JobOf = Callable[[str], Sequence[JobSeam]]
"""The seams of a part, by its code; raises PartError where there is no such part."""


class Look(Protocol):
    """Finds the seams of a cycle."""

    @property
    def stage(self) -> Stage | None:
        """The stage of the cycle in which it looks; None where there is nothing to look at."""

    @property
    def source(self) -> SeamSource:
        """Along whose path is welded: what the laser scans, or what the look itself has found."""

    def seams(self) -> list[NominalSeam]:
        """The seams in the order of welding, at least one.

        Raises:
            WeldCellError: they cannot be told.
        """


@dataclass(frozen=True)
class FixedSeam:
    """The one seam of the settings: the workpiece is clamped where it always is."""

    scan: ScanSettings
    stage: Stage | None = None
    source: SeamSource = SeamSource.LASER

    def seams(self) -> list[NominalSeam]:
        """See `Look`.

        Raises:
            ValueError: start and end coincide, or the normal is parallel to the seam.
        """
        scan = self.scan
        return [seam_between(np.array(scan.start_m), np.array(scan.end_m), np.array(scan.normal))]


@dataclass(frozen=True)
class PartLook:
    """The seams of the part that lies on the table.

    Attributes:
        port: The cell.
        job_of: The jobs of the known parts.
        expected: Code of the part that must lie there; empty: any that has a job.
        timeout_s: How long the camera may take.
        stage: See `Look`.
        source: See `Look`.
    """

    port: PartCellPort
    job_of: JobOf
    expected: str
    timeout_s: float
    stage: Stage | None = Stage.LOOK
    source: SeamSource = SeamSource.LASER

    def seams(self) -> list[NominalSeam]:
        """See `Look`.

        Raises:
            PartError: another part than the expected one, or one without a job.
            WeldCellError: the camera sees no part that it knows for sure.
        """
        part = self.port.identify_part(self.timeout_s)
        if self.expected and part.code != self.expected:
            raise PartError(
                f'The part on the table is {part.code}; {self.expected} is expected.',
                f'Lay {self.expected} down, or name the other one (parameter look.expected_part).',
            )
        job = self.job_of(part.code)
        if not job:
            raise PartError(
                f'Part {part.code} has no job: nothing says where it is to be welded.',
                f'Write its seams into job: of config/parts/{part.code}/part.yaml.',
            )
        seams = [_on_table(seam, part) for seam in job]
        self.port.enter(Stage.LOOK, f'{part.code} at {_place(part)}, {len(seams)} seam{"s"[: len(seams) > 1]}')
        return seams


@dataclass(frozen=True)
class PlateLook:
    """The seam between the plates that are clamped under the area camera.

    Attributes:
        port: The cell.
        source: Whether it is welded as it was seen, or scanned by the laser before.
        timeout_s: How long the camera may take.
        stage: See `Look`.
    """

    port: PlateCellPort
    source: SeamSource
    timeout_s: float
    stage: Stage | None = Stage.LOOK

    def seams(self) -> list[NominalSeam]:
        """See `Look`: from the seam's start straight to its end.

        Raises:
            WeldCellError: the camera sees no seam for sure.
        """
        path = self.port.find_plate_seam(self.timeout_s)
        start, end = path.positions_m[0], path.positions_m[-1]
        self.port.enter(Stage.LOOK, f'a seam of {1000 * path.length_m:.1f} mm, from {_mm(start)} to {_mm(end)} mm')
        return [seam_between(start, end, path.normals[0])]


def _on_table(seam: JobSeam, part: PartSighting) -> NominalSeam:
    """A seam of the job where the part lies."""
    ends = transform_points(part.T_base_part, np.array([seam.start_m, seam.end_m]))
    return seam_between(ends[0], ends[1], rotate_vectors(part.T_base_part, seam.normal), seam.joint_type)


def _place(part: PartSighting) -> str:
    turn_deg = np.degrees(np.arctan2(part.T_base_part[1, 0], part.T_base_part[0, 0]))
    return f'{_mm(part.T_base_part[:3, 3])} mm, turned by {turn_deg:.2f} deg'


def _mm(point_m: FloatArray) -> str:
    """x and y of a point for people."""
    x_mm, y_mm, _ = 1000 * point_m
    return f'({x_mm:.1f}, {y_mm:.1f})'
