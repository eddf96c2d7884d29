"""The figures of a run in words, with unit, sign and aim, for its page; summary.json names the same for programs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from weld_cell.evaluation.figures import Aim, Figure, MeasuredFigure, Measurement, Unit, at_most, measured
from weld_cell.evaluation.measurements import FIGURES
from weld_cell.evaluation.measurements.units import MILLISECONDS, PERCENT
from weld_cell.records import SeamSource
from weld_cell.report.run_summary import END_TOLERANCE_MM, SEAM_TOLERANCE_MM

MILLIMETRES, DEGREES, SECONDS = Unit('mm', 2), Unit('degrees', 2), Unit('s', 1)
SHARE = Unit('%', 1, 100.0)
ALONG = f'More than 0: the path is too long there; less: too short. Up to {END_TOLERANCE_MM:g} mm are allowed.'
AHEAD = 'While the sensor saw the seam ahead of the wire.'
UNSEEN = 'On the last stretch, where the sensor has left the seam.'
SMALL = Unit('mm', 3)
WORDS = (
    *('simulated', 'seam_source', 'joint_type', 'joint_type_truth', 'part', 'part_truth', 'part_place_mm'),
    *('part_turn_deg', 'trajectory_accepted', 'last_stage', 'note'),
)
"""Of a summary, what is told in words: by `words_of`, or by the verdict."""
SPANS = {
    'fill_gap_mm': ('Root gap along the seam', 'mm'),
    'fill_travel_speed_mm_s': ('Travel speed chosen', 'mm/s'),
    'fill_wire_feed_m_min': ('Wire feed chosen', 'm/min'),
    'fill_weave_width_mm': ('Weave width chosen', 'mm'),
}
"""Label and unit of what has a least and a greatest value along the seam."""


def _aim(name: str) -> Aim | None:
    return FIGURES[name].aim


def _section(title: str, *figures: Figure) -> Measurement:
    return Measurement(title.lower().replace(' ', '_'), title, 'weld_cell run', '', figures)


SECTIONS = (
    _section(
        'Seam against the truth',
        Figure('seam_rms_mm', 'Distance of the seam path from the true seam, RMS', '', SMALL),
        Figure(
            'seam_max_mm', 'The same, largest', 'More ends the run as failed.', SMALL, aim=at_most(SEAM_TOLERANCE_MM)
        ),
        Figure('seam_start_error_mm', 'Start of the path, along the seam', ALONG, MILLIMETRES),
        Figure('seam_end_error_mm', 'End of the path, along the seam', ALONG, MILLIMETRES),
    ),
    _section(
        'Part',
        Figure('part_margin', 'Lead over the next best part', '0 is a close call.', Unit('', 3)),
        Figure('part_error_mm', 'Position of the part, distance from the truth', '', MILLIMETRES),
        Figure('part_error_deg', 'Rotation of the part, difference from the truth', '', DEGREES),
    ),
    _section(
        'Seam between the plates',
        Figure('plate_seams', 'Seams that the area camera saw', ''),
        Figure('plate_refused', 'Places where a seam was uncertain and refused', ''),
        Figure('plate_length_mm', 'Length', '', MILLIMETRES),
        Figure('plate_length_truth_mm', 'True length', '', MILLIMETRES),
        Figure('plate_straightness_mm', 'Largest deviation from a straight line', '', SMALL),
        Figure('plate_gap_mm', 'Gap between the plates, median', '', MILLIMETRES),
        Figure('plate_gap_least_mm', 'Gap where it is narrowest', '', MILLIMETRES),
        Figure('plate_gap_most_mm', 'Gap where it is widest', '', MILLIMETRES),
        Figure('plate_gap_truth_mm', 'True gap, median', '', MILLIMETRES),
        Figure('plate_seen_share', 'Share of the seam that was seen', 'The rest is bridged.', SHARE),
        Figure('plate_scatter_mm', 'Scatter of the measured points about the seam', '', SMALL),
        Figure('plate_confidence', 'Confidence', 'From 0 to 1.', Unit('', 2)),
        Figure('plate_path_rms_mm', 'Distance of the path from the true seam, RMS', '', SMALL),
        Figure('plate_path_max_mm', 'The same, largest', '', SMALL, aim=at_most(SEAM_TOLERANCE_MM)),
    ),
    _section(
        'Images',
        Figure('images', 'Images of the laser sensor while the seam was followed', ''),
        Figure(
            'images_lost',
            'Images lost',
            'The seam stage gave no account of them.',
            aim=_aim('graph.images_lost'),
            total_path='images',
        ),
        Figure('latency_p50', 'Image stamp to seam point, median', '', MILLISECONDS, 'latency_ms.p50'),
        Figure(
            'latency_p99',
            'The same, 99 % are faster',
            'The aim is for an idle machine.',
            MILLISECONDS,
            'latency_ms.p99',
            _aim('graph.latency_p99_ms'),
        ),
    ),
    _section(
        'Weld',
        Figure('trajectory_points', 'Points of the trajectory', ''),
        Figure(
            'tcp_speed_error_pct',
            'Tool speed, largest deviation from the procedure or from what was chosen',
            'From the joint states, without the ends of the weld.',
            replace(PERCENT, decimals=3),
            aim=_aim('run.tcp_speed_error_pct'),
        ),
        Figure('weld_done_share', 'Share of the weld that was done', '', SHARE),
        Figure('seconds', 'Duration of the run', '', SECONDS),
    ),
    _section(
        'Tracking while welding',
        Figure('tool_rms_mm', 'Wire from the true seam, RMS', AHEAD, SMALL, aim=_aim('tracking.rms_mm_curved')),
        Figure('tool_worst_mm', 'The same, largest', AHEAD, SMALL, aim=_aim('tracking.worst_mm')),
        Figure('tool_blind_rms_mm', 'At the end of the seam, RMS', UNSEEN, SMALL),
        Figure('tool_blind_worst_mm', 'The same, largest', UNSEEN, SMALL),
        Figure('uncorrected_rms_mm', 'The same weld without correction, RMS', '', SMALL),
        Figure('uncorrected_worst_mm', 'The same, largest', '', SMALL),
        Figure('correction_max_mm', 'Largest correction', '', MILLIMETRES),
        Figure('correction_p50', 'Image to corrected motion, median', '', MILLISECONDS, 'correction_latency_ms.p50'),
        Figure(
            'correction_p99',
            'The same, 99 % are faster',
            'The aim is for an idle machine.',
            MILLISECONDS,
            'correction_latency_ms.p99',
            _aim('tracking.latency_p99'),
        ),
        Figure('seen_p50', 'Of it, image stamp to seam point, median', '', MILLISECONDS, 'seam_point_age_ms.p50'),
        Figure('seen_p99', 'The same, 99 % are faster', '', MILLISECONDS, 'seam_point_age_ms.p99'),
        Figure('work_p50', 'Of it, correction, median', '', MILLISECONDS, 'correction_work_ms.p50'),
        Figure('work_p99', 'The same, 99 % are faster', '', MILLISECONDS, 'correction_work_ms.p99'),
        Figure('points', 'Seam points that were used', ''),
        Figure('outliers', 'Seam points left out as outliers', 'Spatter, for instance.'),
        Figure('late', 'Seam points left out as too late', ''),
        Figure('lost_s', 'Time without sight of the stripe', '', SECONDS),
    ),
    _section(
        'Adaptive fill',
        Figure('fill_places', 'Places along the seam for which values were chosen', ''),
        Figure(
            'fill_measured',
            'Of them, by the gap that was measured while welding',
            'The others by the gap of the scan.',
            total_path='fill_places',
        ),
        Figure('fill_gap_rms_mm', 'Root gap against the true one, RMS', '', SMALL),
    ),
)


def figure_sections(summary: Mapping[str, Any]) -> list[tuple[str, tuple[MeasuredFigure, ...]]]:
    """Title and figures of each section that the run has figures for."""
    content = {name: value for name, value in summary.items() if not isinstance(value, list)}
    if not content['images']:
        content = {name: value for name, value in content.items() if not name.startswith('images')}
    return [(each.title, found) for each in SECTIONS if (found := measured(each, content))]


def words_of(summary: Mapping[str, Any]) -> dict[str, str]:
    """What of a run is no single number, by its label."""
    told = {'Welded along': _source(summary)} if summary['trajectory_accepted'] else {}
    if summary['joint_type'] or summary['joint_type_truth']:
        told['Joint type'] = _against_truth(summary, 'joint_type')
    if 'part' in summary:
        told['Part'] = _against_truth(summary, 'part')
    if 'part_place_mm' in summary:
        x, y, z = summary['part_place_mm']
        told['Part lies at'] = (
            f'x {x:.1f}, y {y:.1f}, z {z:.1f} mm in base_link, turned by {summary["part_turn_deg"]:.2f} degrees'
        )
    for name, (label, unit) in SPANS.items():
        if name in summary:
            told[label] = f'{summary[name][0]:.2f} to {summary[name][1]:.2f} {unit}'
    told['Weld motion'] = 'followed to its end' if summary['trajectory_accepted'] else 'not followed to its end'
    return told


def _source(summary: Mapping[str, Any]) -> str:
    if summary['seam_source'] == SeamSource.PLATE:
        return 'the seam that the area camera saw'
    return 'the seam that the laser sensor scanned'


def _against_truth(summary: Mapping[str, Any], name: str) -> str:
    told, true = summary[name] or 'none', summary[f'{name}_truth']
    return f'{told} (true: {true})' if true else str(told)
