"""What the stages hand to each other: frozen records, every field with shape, unit and frame.

Conventions (REP-103, REP-105): SI units inside; a name that ends in ``_px``, ``_mm`` or ``_deg`` says that it
is not. Pixels are (u, v) = (column, row), the centre of the top left pixel is (0, 0). ``T_a_b`` is a 4x4
matrix that takes coordinates in frame b into frame a. Optical frames look along +z, x right, y down.
Stamps are integer nanoseconds of the node clock at the acquisition of the image.
"""

from weld_cell.records.area_image import JobSeam, PartMatch, PartSighting, PartTemplate, PlateSeam, SeamEnd
from weld_cell.records.arrays import BoolArray, FloatArray, ImageArray
from weld_cell.records.image import CameraImage
from weld_cell.records.laser import (
    VOTED,
    JointType,
    JointTypeDecision,
    JointTypeEstimate,
    SeamObservation,
    SeamPoint,
    StripeProfile,
)
from weld_cell.records.motion import MotionPhase, RobotTrajectory, SeamPath, SeamSource
from weld_cell.records.spot_weld import DefectArea, InspectedWeld, WeldInspection, WeldRegion, WeldVerdict

__all__ = [
    'VOTED',
    'BoolArray',
    'CameraImage',
    'DefectArea',
    'FloatArray',
    'ImageArray',
    'InspectedWeld',
    'JobSeam',
    'JointType',
    'JointTypeDecision',
    'JointTypeEstimate',
    'MotionPhase',
    'PartMatch',
    'PartSighting',
    'PartTemplate',
    'PlateSeam',
    'RobotTrajectory',
    'SeamEnd',
    'SeamObservation',
    'SeamPath',
    'SeamPoint',
    'SeamSource',
    'StripeProfile',
    'WeldInspection',
    'WeldRegion',
    'WeldVerdict',
]
