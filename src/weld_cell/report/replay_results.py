"""Result files of a replay, sorted and rounded for reproducible output."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from weld_cell.errors import WeldCellError
from weld_cell.pipeline import ReplayResult, interpolated_stretches, open_ends
from weld_cell.stations.scanned_image import ScannedImage

POINT_COLUMNS = (
    'stamp_ns',
    'joint_type',
    'seam_u_px',
    'seam_v_px',
    'gap_mm',
    'mismatch_mm',
    'x_m',
    'y_m',
    'z_m',
    'normal_x',
    'normal_y',
    'normal_z',
    'sweep',
    'error',
    'why',
)
TYPE_FILE, POINTS_FILE, PATH_FILE = 'joint_type.json', 'seam_points.csv', 'seam_path.csv'
PATH_COLUMNS = ('x_m', 'y_m', 'z_m', 'tangent_x', 'tangent_y', 'tangent_z', 'normal_x', 'normal_y', 'normal_z')


def write_results(result: ReplayResult, folder: Path) -> None:
    """Write joint_type.json, seam_points.csv (a row an image) and seam_path.csv into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TYPE_FILE).write_text(json.dumps(_joint_type(result), indent=1) + '\n', encoding='utf-8')
    _write_csv(folder / POINTS_FILE, POINT_COLUMNS, map(_point_row, result.images))
    path_rows: Iterable[Sequence[str]] = ()
    if not isinstance(result.path, WeldCellError):
        path = result.path
        path_rows = (
            _rounded([*p, *t, *n], 9) for p, t, n in zip(path.positions_m, path.tangents, path.normals, strict=True)
        )
    _write_csv(folder / PATH_FILE, PATH_COLUMNS, path_rows)


def _joint_type(result: ReplayResult) -> dict[str, object]:
    decision = result.decision
    path_error = str(result.path) if isinstance(result.path, WeldCellError) else ''
    if isinstance(decision, WeldCellError):
        return {'joint_type': '', 'error': str(decision), 'path_error': path_error}
    counts = {str(joint_type): count for joint_type, count in sorted(decision.counts.items())}
    return {
        'joint_type': str(decision.joint_type),
        'share': round(decision.share, 6),
        'images': decision.images,
        'scale': str(decision.scale),
        'counts': counts,
        'sweep': result.scan.number,
        'path_error': path_error,
        'open_ends': open_ends(result),
        'interpolated': interpolated_stretches(result),
    }


def _point_row(image: ScannedImage) -> Sequence[str]:
    stamp, guess = str(image.stamp_ns), str(image.estimate.joint_type) if image.estimate else ''
    seen, point = image.observation, image.point
    in_image = [''] * 4 if seen is None else _rounded([*seen.seam_px, seen.gap_mm, seen.mismatch_mm], 4)
    in_base = [''] * 6 if point is None else _rounded([*point.position_m, *point.normal], 9)
    error = ['', ''] if image.error is None else [type(image.error).__name__, image.error.message]
    return [stamp, guess, *in_image, *in_base, str(image.sweep), *error]


def _rounded(values: Iterable[float], digits: int) -> list[str]:
    return [f'{value:.{digits}f}' for value in values]


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open('w', newline='', encoding='utf-8') as stream:
        writer = csv.writer(stream, lineterminator='\n')
        writer.writerow(columns)
        writer.writerows(rows)
