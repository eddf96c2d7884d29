"""Seam tracking while welding: from seam points ahead of the tool to the correction of its path."""

from weld_cell.tracking.looking_ahead import AheadSensor, require_ahead, require_sight, turned_to_look
from weld_cell.tracking.seam_line import SeamLine
from weld_cell.tracking.settings import TrackingSettings
from weld_cell.tracking.tracker import WeldTracker

__all__ = [
    'AheadSensor',
    'SeamLine',
    'TrackingSettings',
    'WeldTracker',
    'require_ahead',
    'require_sight',
    'turned_to_look',
]
