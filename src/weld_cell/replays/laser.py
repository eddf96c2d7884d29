"""Replay of a laser-sensor bag: joint type, seam points and seam path."""

import json
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from weld_cell.bags.reading import BagReader
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.pipeline import (
    LaserPipeline,
    ReplayResult,
    failures,
    interpolated_stretches,
    open_ends,
    told_type,
    with_broken,
)
from weld_cell.records import SeamPath
from weld_cell.replays.recorded_poses import recorded_poses
from weld_cell.replays.request import Figure, Replayed, ReplayRequest, Verdict
from weld_cell.replays.told_failures import told_failures
from weld_cell.report.replay_page import write_replay_page
from weld_cell.report.replay_results import write_results
from weld_cell.report.run_summary import distances_to_polyline
from weld_cell.settings import PipelineSettings, load_settings
from weld_cell.stations.recorded_scan import RecordingSettings
from weld_cell.wording import counted

TOPIC = 'laser_sensor/image_raw'


def replay_laser(bag: BagReader, topic: str, request: ReplayRequest) -> Replayed:
    """The laser chain over a topic; writes its results."""
    sensor = load_rig(str(request.rig)).laser_sensor
    recording = RecordingSettings(request.start, request.end, request.joint_type)
    pipeline = LaserPipeline(sensor, laser_settings(request), recording)
    pose_at = recorded_poses(bag, sensor, topic)
    with tqdm(total=bag.count(topic), unit='image', disable=request.quiet) as bar:
        result = pipeline.replay(bag.images(topic), pose_at, bar.update)
    result = with_broken(result, bag.broken)
    write_results(result, request.out)
    if request.overlays:
        write_replay_page(result, bag.images(topic), request.out, request.most_overlays, request.quiet)
    return Replayed(_summary(result, request), _verdict(result), laser_figures(result), list(result.other_scans))


def laser_settings(request: ReplayRequest) -> PipelineSettings:
    """Settings of the laser chain, with the model that is asked for."""
    settings = load_settings(request.settings)
    if not request.model:
        return settings
    return replace(settings, joint_type=replace(settings.joint_type, model_file=request.model))


def _verdict(result: ReplayResult) -> Verdict:
    if isinstance(result.decision, WeldCellError):
        return Verdict.NO_TYPE
    return Verdict.NO_PATH if isinstance(result.path, WeldCellError) else Verdict.FOUND


def _summary(result: ReplayResult, request: ReplayRequest) -> str:
    """A few lines for people: the type, the points, what went wrong how often and first where."""
    images, decision, path, scan = result.images, result.decision, result.path, result.scan
    lines = [counted(len(images), 'image')]
    if len(result.sweeps) > 1 and scan.points:
        stamps = [image.stamp_ns for image in images if image.sweep == scan.number]
        begin_s, end_s = ((stamp - images[0].stamp_ns) / 1e9 for stamp in (min(stamps), max(stamps)))
        lines.append(f'scan: {begin_s:.1f} to {end_s:.1f} s, sweep {scan.number + 1} of {len(result.sweeps)}')
    lines.append(f'joint type: {told_type(decision)}')
    lines.append(f'seam points: {scan.points}')
    lines.append(
        f'seam path: {path}'
        if isinstance(path, WeldCellError)
        else f'seam path: {1000 * path.length_m:.1f} mm, {counted(len(path.positions_m), "point")}, '
        f'{path.rejected} rejected'
    )
    lines += open_ends(result) + interpolated_stretches(result)
    lines += told_failures((f'at {image.stamp_ns / 1e9:.3f} s', image.error) for image in images if image.error)
    return '\n'.join([*lines, f'results in {request.out}'])


def laser_figures(result: ReplayResult) -> dict[str, Figure]:
    """The figures of a scan by the columns of a farm's table."""
    images, decision, scan = result.images, result.decision, result.scan
    first_ns = images[0].stamp_ns if images else None
    figures: dict[str, Figure] = {
        'recorded_ns': first_ns,
        'duration_s': (images[-1].stamp_ns - images[0].stamp_ns) / 1e9 if images else 0.0,
        'images': len(images),
        'sweeps': len(result.sweeps),
        'scan_sweep': scan.number,
        'seam_points': scan.points,
        'image_errors': json.dumps({name: len(failed) for name, failed in failures(images).items()}),
    }
    if isinstance(decision, WeldCellError):
        return figures | _refusal(decision)
    figures |= {
        'joint_type': str(decision.joint_type),
        'vote_share': round(decision.share, 6),
        'vote_images': decision.images,
        'vote_counts': json.dumps({str(kind): count for kind, count in sorted(decision.counts.items())}),
        'open_ends': ' '.join(open_ends(result)),
        'interpolated': ' '.join(interpolated_stretches(result)),
        **_sizes(result),
    }
    path = result.path
    return figures | (_refusal(path) if isinstance(path, WeldCellError) else _path_figures(result, path))


def _refusal(error: WeldCellError) -> dict[str, Figure]:
    return {'refusal': type(error).__name__, 'reason': error.message, 'remedy': error.remedy}


def _sizes(result: ReplayResult) -> dict[str, Figure]:
    """Root gap and mismatch over the scan."""
    seen = [image.observation for image in result.images if image.sweep == result.scan.number and image.point]
    gaps_mm = [each.gap_mm for each in seen if each is not None]
    mismatches_mm = [each.mismatch_mm for each in seen if each is not None]
    if not gaps_mm:
        return {}
    return {
        'gap_median_mm': round(float(np.median(gaps_mm)), 4),
        'gap_max_mm': round(float(np.max(gaps_mm)), 4),
        'mismatch_median_mm': round(float(np.median(mismatches_mm)), 4),
    }


def _path_figures(result: ReplayResult, path: SeamPath) -> dict[str, Figure]:
    """The path, and how far its seam points lie from it without as many of the furthest as it rejected."""
    distances_mm = np.sort(1e3 * distances_to_polyline(result.scan.positions_m, path.positions_m))
    kept_mm = distances_mm[: max(1, len(distances_mm) - path.rejected)]
    return {
        'path_points': len(path.positions_m),
        'path_length_mm': round(1e3 * path.length_m, 4),
        'rejected': path.rejected,
        'residual_rms_mm': round(float(np.sqrt(np.mean(kept_mm**2))), 5),
        'residual_p95_mm': round(float(np.percentile(kept_mm, 95)), 5),
        'residual_max_mm': round(float(kept_mm[-1]), 5),
    }
