"""Settings of the trajectory stage; those that depend on the joint type are in the weld procedures."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded


@dataclass(frozen=True)
class TrajectorySettings(Settings):
    """How tool poses become a robot trajectory."""

    calibrated_stick_out_mm: float = bounded(
        15.0, 1.0, 50.0, 'mm', 'Stick-out at which frame welding_tool was calibrated to the tip of the wire.'
    )
    node_spacing_mm: float = bounded(
        2.0, 0.2, 20.0, 'mm', 'Distance of the tool poses for which inverse kinematics is solved.'
    )
    sample_period_s: float = bounded(
        0.04, 0.004, 0.2, 's', 'Time between trajectory points; the controller interpolates with quintics.'
    )
    blend_s: float = bounded(
        0.2, 0.02, 2.0, 's', 'Time in which the tool reaches its speed at the start and loses it at the end.'
    )
    takeover_s: float = bounded(
        0.4, 0.05, 2.0, 's', 'Time in which a moving robot blends from its state onto a new path.'
    )
    free_motion_share: float = bounded(
        0.5, 0.05, 1.0, '', 'Share of the speed and acceleration limits that free motions may use.'
    )
    lattice_stations: int = bounded(
        60, 4, 500, '', 'Places along the path at which the turn about the tool axis is searched.'
    )
    turn_step_deg: float = bounded(10.0, 1.0, 45.0, 'deg', 'Step of the searched turn about the tool axis.')
    turn_range_deg: float = bounded(
        180.0, 0.0, 180.0, 'deg', 'Largest turn about the tool axis to either side of "x along the travel".'
    )
    min_limit_margin_deg: float = bounded(
        1.0, 0.0, 30.0, 'deg', 'Smallest distance that a robot joint keeps from its position limits.'
    )
    good_limit_margin_deg: float = bounded(
        30.0, 1.0, 90.0, 'deg', 'Distance from the position limits beyond which there is nothing to gain.'
    )
    min_sigma: float = bounded(0.01, 0.0, 0.5, '', 'Smallest allowed singular value of the tool Jacobian (m, rad).')
    good_sigma: float = bounded(
        0.10, 0.001, 1.0, '', 'Smallest singular value beyond which there is nothing to gain.'
    )
    turn_weight: float = bounded(
        0.3, 0.0, 100.0, '', 'Cost of a whole path welded a half turn away from "x along the travel".'
    )
    motion_weight: float = bounded(0.1, 0.0, 100.0, '1/rad^2', 'Cost of robot joint motion along the path.')
    start_weight: float = bounded(
        0.005, 0.0, 100.0, '1/rad^2', 'Cost of robot joint motion from the start to the first pose.'
    )
