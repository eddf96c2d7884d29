"""Settings of the tracking stage."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, switch


@dataclass(frozen=True)
class TrackingSettings(Settings):
    """How the tool follows a seam that moves while it is welded."""

    max_correction_mm: float = bounded(5.0, 0.1, 20.0, 'mm', 'A correction beyond this stops the weld.')
    max_rate_mm_s: float = bounded(4.0, 0.1, 20.0, 'mm/s', 'No correction changes faster than this.')
    takeover_s: float = bounded(0.12, 0.04, 2.0, 's', 'Time in which the tool moves onto a corrected path.')
    lead_s: float = bounded(0.005, 0.0, 0.5, 's', 'How far ahead in time a corrected path takes effect.')
    action_period_s: float = bounded(
        0.1, 0.0, 1.0, 's', 'Minimum time between corrections by action, whose goals cost more than messages.'
    )
    hold_s: float = bounded(0.08, 0.02, 2.0, 's', 'How long the correction is extrapolated without the stripe.')
    stop_s: float = bounded(
        0.3,
        0.05,
        5.0,
        's',
        'Time without the stripe, or without the answer to a correction (action), after which the weld is stopped.',
    )
    stale_s: float = bounded(0.25, 0.03, 2.0, 's', 'A seam point older than this no longer corrects anything.')
    point_noise_mm: float = bounded(0.05, 0.005, 1.0, 'mm', 'Standard deviation of a seam point.')
    outlier_mm: float = bounded(
        0.4,
        0.05,
        5.0,
        'mm',
        'A seam point further than this from its prediction is rejected as spatter or arc light.',
    )
    misread_gap_mm: float = bounded(
        0.5, 0.05, 10.0, 'mm', 'A root gap that differs more from the scanned one is misread at one of its sides.'
    )
    drift_mm_s: float = bounded(0.5, 0.01, 5.0, 'mm/s', 'Typical drift speed of a workpiece.')
    drift_memory_s: float = bounded(1.5, 0.1, 60.0, 's', 'Time constant over which a drift keeps its speed.')
    max_look_ahead_mm: float = bounded(
        100.0, 10.0, 500.0, 'mm', 'Largest permitted look-ahead distance of the sensor.'
    )
    seen_above_mm: float = bounded(
        15.0, 0.0, 50.0, 'mm', "Height above the seam that must be in the sensor's view, for the walls of a groove."
    )
    seen_beside_mm: float = bounded(
        8.0, 0.0, 50.0, 'mm', "Width to each side of the seam that must be in the sensor's view."
    )
    adaptive_fill: bool = switch(
        False, 'Speed, weave and wire feed follow root gap and mismatch, by the table of the weld procedure.'
    )
    fill_window_mm: float = bounded(
        10.0, 2.0, 100.0, 'mm', 'Length of the seam over which the median of root gap and mismatch is taken.'
    )
    fill_acceleration_mm_s2: float = bounded(
        4.0, 0.1, 100.0, 'mm/s^2', 'The speed along the seam changes no faster than this.'
    )
