"""Settings of the seam stage: seam point in a profile, and path through the points."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded


@dataclass(frozen=True)
class SeamSettings(Settings):
    """How the seam point is found in one profile."""

    min_rows: int = bounded(60, 20, 480, 'rows', 'measured stripe rows below which a profile is refused')
    group_rows: int = bounded(5, 2, 16, 'rows', 'rows averaged to one node for the first division into lines')
    max_lines: int = bounded(9, 3, 16, '', 'most straight stretches that a profile is divided into')
    line_penalty: float = bounded(25.0, 1.0, 1000.0, 'sigma^2', 'cost of one more straight stretch')
    noise_floor_mm: float = bounded(0.04, 0.001, 1.0, 'mm', 'height noise of one row below which none is believed')
    merge_mm: float = bounded(0.2, 0.01, 2.0, 'mm', 'stretches nearer than this to one line are pieces of it')
    max_break_mm: float = bounded(6.0, 0.0, 20.0, 'mm', 'longest break between two pieces of one line')
    tolerance_sigma: float = bounded(3.5, 1.0, 10.0, 'sigma', 'a row within this of a line belongs to it')
    min_plate_mm: float = bounded(2.5, 0.5, 30.0, 'mm', 'shortest stretch that counts as a surface or wall')
    corner_margin_mm: float = bounded(
        0.4, 0.0, 5.0, 'mm', 'rows this near to a corner are left out of line fits (the stripe is rounded there)'
    )
    parallel_deg: float = bounded(12.0, 1.0, 45.0, 'deg', 'largest angle between two plates called parallel')
    min_step_mm: float = bounded(1.0, 0.2, 20.0, 'mm', 'lap: smallest step between the plates')
    max_step_mm: float = bounded(30.0, 1.0, 100.0, 'mm', 'lap: largest step between the plates')
    min_gap_mm: float = bounded(0.3, 0.1, 5.0, 'mm', 'butt: smallest root gap that is distinguished from speckle')
    max_gap_mm: float = bounded(8.5, 0.5, 20.0, 'mm', 'butt: largest root gap; a wider one is refused')
    max_notch_mm: float = bounded(8.0, 1.0, 30.0, 'mm', 'splice: widest notch')
    bevel_deg: float = bounded(
        45.0, 5.0, 75.0, 'deg', "splice: angle of the bevels to their plates' surface unless the rows tell another"
    )
    max_mismatch_mm: float = bounded(2.5, 0.1, 20.0, 'mm', 'butt, splice: largest difference in height')
    dim_share: float = bounded(0.3, 0.0, 0.9, '', 'butt: rows dimmer than this part of the plates show no plate')
    edge_lean_deg: float = bounded(
        0.0, 0.0, 30.0, 'deg', "lap: how far the upper plate's edge leans out where it is hidden; 0: cut square"
    )
    max_edge_lean_deg: float = bounded(
        6.0, 0.0, 60.0, 'deg', "lap: lower plates that begin to be seen beyond such an edge's foot lie in shadow"
    )
    max_root_gap_mm: float = bounded(2.5, 0.1, 10.0, 'mm', 'v: largest root gap')
    max_unseen_mm: float = bounded(2.5, 0.1, 20.0, 'mm', 'a seam point further than this from the stripe is refused')
    min_corner_deg: float = bounded(60.0, 20.0, 90.0, 'deg', 'fillet: smallest angle between the plates')
    max_corner_deg: float = bounded(125.0, 90.0, 160.0, 'deg', 'fillet: largest angle between the plates')
    min_groove_deg: float = bounded(35.0, 10.0, 90.0, 'deg', 'v, filler_layer: smallest groove angle')
    max_groove_deg: float = bounded(90.0, 40.0, 140.0, 'deg', 'v, filler_layer: largest groove angle')


@dataclass(frozen=True)
class PathSettings(Settings):
    """How seam points become a path."""

    spacing_mm: float = bounded(2.0, 0.1, 50.0, 'mm', 'distance between neighbouring path points')
    knot_mm: float = bounded(15.0, 5.0, 500.0, 'mm', 'distance between the knots of the smoothing spline')
    outlier_sigma: float = bounded(4.0, 1.0, 20.0, 'sigma', 'points further from the path are left out')
    noise_floor_mm: float = bounded(0.05, 0.001, 1.0, 'mm', 'scatter below which none is believed')
    max_scatter_mm: float = bounded(0.5, 0.01, 10.0, 'mm', 'scatter (robust sigma) at which the path is refused')
    max_gap_mm: float = bounded(40.0, 1.0, 200.0, 'mm', 'longest stretch without a point within a path')
    min_points: int = bounded(10, 4, 10000, '', 'fewest points of a path')
    min_length_mm: float = bounded(10.0, 1.0, 1000.0, 'mm', 'shortest path')
    min_inlier_share: float = bounded(0.33, 0.1, 1.0, '', 'share of the points that must lie on the path')
    min_between_share: float = bounded(
        0.75, 0.0, 1.0, '', 'share of the points on the plates that must lie between its ends'
    )
    max_unread_mm: float = bounded(
        3.0, 0.1, 200.0, 'mm', 'longest stretch of the joint that profiles may show beyond an end of the path'
    )
    predict_from_mm: float = bounded(40.0, 5.0, 500.0, 'mm', 'length of the last stretch used to look ahead')
