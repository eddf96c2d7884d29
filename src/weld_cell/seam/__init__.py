"""The seam: its point in one profile by joint type, and the path that the points make."""

from weld_cell.seam.locate import locate_seam, to_base
from weld_cell.seam.path import fit_seam_path
from weld_cell.seam.prediction import predict_ahead
from weld_cell.seam.scan import seam_path
from weld_cell.seam.settings import PathSettings, SeamSettings

__all__ = ['PathSettings', 'SeamSettings', 'fit_seam_path', 'locate_seam', 'predict_ahead', 'seam_path', 'to_base']
