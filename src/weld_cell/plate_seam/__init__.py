"""The seam between clamped plates in one image of the area camera: located, refined, measured.

The steps in their order, a file each: `denoise`, `edges`, `lines` (the paper's chain) or `ridge` and `profiles`
(sub-pixel), then `fit`, `measure` and `refusals`; `trace` and `survey` compose them. `reduce`, `locate` and `network`
find the regions.
"""

from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.survey import Survey, find_seam, find_seams

__all__ = ['PlateSeamSettings', 'Survey', 'find_seam', 'find_seams']
