"""The data passed between stages: frozen records, every field with shape, unit and frame.

Conventions (REP-103, REP-105): SI units inside; a name that ends in ``_px``, ``_mm`` or ``_deg`` says that it
is not. Pixels are (u, v) = (column, row), the centre of the top left pixel is (0, 0). ``T_a_b`` is a 4x4
matrix that takes coordinates in frame b into frame a. Optical frames look along +z, x right, y down.
Stamps are integer nanoseconds of the node clock at the acquisition of the image.
"""

from weld_cell.records.area_image import JobSeam, PartMatch, PartSighting, PartTemplate, PlateSeam, SeamEnd
from weld_cell.records.arrays import BoolArray, FloatArray, ImageArray, IntArray
from weld_cell.records.image import CameraImage
from weld_cell.records.image_turn import UPRIGHT, ImageTurn
from weld_cell.records.laser import (
    VOTED,
    JointType,
    JointTypeDecision,
    JointTypeEstimate,
    LengthScale,
    SeamObservation,
    SeamPoint,
    StripeProfile,
)
from weld_cell.records.motion import MotionPhase, RobotTrajectory, SeamPath, SeamSource
from weld_cell.records.robot_program import (
    ArcEvent,
    MoveKind,
    ProgramLanguage,
    ProgramMove,
    ProgramTarget,
    RobotProgram,
    TaughtMove,
    TaughtProgram,
    TaughtTarget,
    UnreadLine,
    Weave,
    WeavePattern,
    WeldValues,
)
from weld_cell.records.spot_weld import DefectArea, InspectedWeld, WeldInspection, WeldRegion, WeldVerdict

__all__ = [
    'UPRIGHT',
    'VOTED',
    'ArcEvent',
    'BoolArray',
    'CameraImage',
    'DefectArea',
    'FloatArray',
    'IntArray',
    'ImageArray',
    'ImageTurn',
    'InspectedWeld',
    'JobSeam',
    'JointType',
    'JointTypeDecision',
    'JointTypeEstimate',
    'LengthScale',
    'MotionPhase',
    'MoveKind',
    'PartMatch',
    'PartSighting',
    'PartTemplate',
    'PlateSeam',
    'ProgramLanguage',
    'ProgramMove',
    'ProgramTarget',
    'RobotProgram',
    'RobotTrajectory',
    'SeamEnd',
    'SeamObservation',
    'SeamPath',
    'SeamPoint',
    'SeamSource',
    'StripeProfile',
    'TaughtMove',
    'TaughtProgram',
    'TaughtTarget',
    'UnreadLine',
    'Weave',
    'WeavePattern',
    'WeldInspection',
    'WeldRegion',
    'WeldValues',
    'WeldVerdict',
]
