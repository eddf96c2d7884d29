"""Results of many bags as Parquet: one row a bag, and one row a laser image."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from weld_cell.errors import FarmError
from weld_cell.farm.libraries import farm_library
from weld_cell.farm.results import Row
from weld_cell.report.replay_results import POINT_COLUMNS, POINTS_FILE

BAGS_TABLE, IMAGES_TABLE = 'results.parquet', 'images.parquet'
COLUMNS = {
    'bag': 'string',
    'address': 'string',
    'verdict': 'string',
    'joint_type': 'string',
    'vote_share': 'float64',
    'vote_images': 'int64',
    'vote_counts': 'string',
    'images': 'int64',
    'seam_points': 'int64',
    'path_points': 'int64',
    'path_length_mm': 'float64',
    'rejected': 'int64',
    'residual_rms_mm': 'float64',
    'residual_p95_mm': 'float64',
    'residual_max_mm': 'float64',
    'gap_median_mm': 'float64',
    'gap_max_mm': 'float64',
    'mismatch_median_mm': 'float64',
    'open_ends': 'string',
    'interpolated': 'string',
    'refusal': 'string',
    'reason': 'string',
    'remedy': 'string',
    'image_errors': 'string',
    'problems': 'string',
    'sweeps': 'int64',
    'scan_sweep': 'int64',
    'recorded_ns': 'int64',
    'duration_s': 'float64',
    'started': 'string',
    'seconds': 'float64',
    'worker': 'string',
    'host': 'string',
    'rss_mb': 'float64',
    'bytes': 'int64',
    'result': 'string',
    'weld_cell': 'string',
    'python': 'string',
    'bag_blake3': 'string',
    'result_sha256': 'string',
    'job_sha256': 'string',
    'settings_sha256': 'string',
    'rig_sha256': 'string',
    'models_sha256': 'string',
    'source_sha256': 'string',
}
"""Columns of the table of bags and their types; what a bag gives no ground for is null."""
_WORDS = ('joint_type', 'error', 'why')
_WHOLE = ('stamp_ns', 'sweep')
_GROUP_ROWS = 200_000


def write_tables(rows: Sequence[Row], out: Path) -> None:
    """Write results.parquet, and images.parquet where bags of the laser sensor are among them.

    Raises:
        FarmLibraryError: pyarrow is missing.
        FarmError: they cannot be written.
    """
    _replace(out / BAGS_TABLE, lambda path: _write_bags(rows, path))
    points = [(row, file) for row in rows if (file := out / str(row['result']) / POINTS_FILE).is_file()]
    if points:
        _replace(out / IMAGES_TABLE, lambda path: _write_images(points, path))
    else:
        (out / IMAGES_TABLE).unlink(missing_ok=True)


def _write_bags(rows: Sequence[Row], path: Path) -> None:
    arrow, parquet = farm_library('pyarrow'), farm_library('pyarrow.parquet')
    schema = arrow.schema([(name, getattr(arrow, kind)()) for name, kind in COLUMNS.items()])
    table = arrow.Table.from_pylist([{name: row.get(name) for name in COLUMNS} for row in rows], schema)
    parquet.write_table(table, path)


def _write_images(points: Iterable[tuple[Row, Path]], path: Path) -> None:
    """The bag's name before the columns of seam_points.csv; a few bags at a time, so that any number fits in."""
    arrow, parquet = farm_library('pyarrow'), farm_library('pyarrow.parquet')
    kinds = {name: _kind_of(name, arrow) for name in POINT_COLUMNS}
    schema = arrow.schema([('bag', arrow.string()), *kinds.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        gathered, count = [], 0
        for row, file in points:
            gathered.append(_images_of(str(row['bag']), file, kinds, schema))
            count += len(gathered[-1])
            if count > _GROUP_ROWS:
                writer.write_table(arrow.concat_tables(gathered))
                gathered, count = [], 0
        if gathered:
            writer.write_table(arrow.concat_tables(gathered))


def _images_of(bag: str, file: Path, kinds: dict[str, Any], schema: Any) -> Any:
    arrow, csv = farm_library('pyarrow'), farm_library('pyarrow.csv')
    options = csv.ConvertOptions(column_types=kinds, null_values=[''], strings_can_be_null=True)
    table = csv.read_csv(file, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)
    return table.add_column(0, 'bag', arrow.array([bag] * len(table), arrow.string())).cast(schema)


def _kind_of(column: str, arrow: Any) -> Any:
    if column in _WORDS:
        return arrow.string()
    return arrow.int64() if column in _WHOLE else arrow.float64()


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """A reader sees the old table or the new one."""
    new = path.with_name(f'.{path.name}.new')
    try:
        write(new)
        new.replace(path)
    except OSError as error:
        remedy = 'Free space, then run the same command again: finished bags are kept.'
        raise FarmError(f'{path}: cannot be written ({error.strerror or error}).', remedy) from error
    finally:
        new.unlink(missing_ok=True)
