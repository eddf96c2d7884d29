"""The errors of a welding cell.

A caller's mistake is a ``ValueError``. Trouble in the cell (a lost camera, a stripe that is not there, a
path that the robot cannot follow) is a child of `WeldCellError`: its message says what happened, its remedy
what a person can do about it. Nodes catch `WeldCellError` at their callbacks and go on.
"""


class WeldCellError(Exception):
    """Trouble in the cell.

    Args:
        message: What happened, with the numbers that show it.
        remedy: What a person can do about it; shown beside the message.
    """

    def __init__(self, message: str, remedy: str = '') -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f'{self.message} Remedy: {self.remedy}' if self.remedy else self.message


class ConfigurationError(WeldCellError):
    """A configuration file is missing, malformed or out of range; names file, line and key."""


class CalibrationError(WeldCellError):
    """A calibration is missing or does not fit its data."""


class BoardNotFoundError(CalibrationError):
    """A calibration board is not to be seen in an image, or too little of it."""


class ImageError(WeldCellError):
    """An image is empty, cut, or of a size or encoding that the stage does not take."""


class MessageError(WeldCellError):
    """A message says something that its topic cannot mean."""


class StripeError(WeldCellError):
    """No usable laser stripe in the image."""


class StripeAbsentError(StripeError):
    """No laser stripe, or too little of one."""


class StripeSaturatedError(StripeError):
    """So much of the image is saturated that the stripe cannot be distinguished from its surroundings."""


class StripeAmbiguousError(StripeError):
    """Two curves in the image could be the stripe, and neither is clearly the stronger."""


class JointTypeError(WeldCellError):
    """The joint type cannot be decided."""


class PlateSeamError(WeldCellError):
    """The seam between the plates cannot be found with certainty."""


class PlateSeamAbsentError(PlateSeamError):
    """No seam in the region, or too little of one."""


class PlateSeamAmbiguousError(PlateSeamError):
    """Two lines in the region could be the seam, and neither is clearly the stronger."""


class PlateSeamDoubtfulError(PlateSeamError):
    """A seam was found whose course is not certain enough to weld along."""


class SpotWeldError(WeldCellError):
    """The spot welds cannot be judged."""


class SpotWeldAbsentError(SpotWeldError):
    """No spot weld in view."""


class SpotWeldCutError(SpotWeldError):
    """Each spot weld in view is cut by the image's border."""


class SpotWeldImageError(SpotWeldError):
    """The image is over-exposed or blurred where the spot welds are."""


class FeatureBankError(SpotWeldError):
    """A bank of good spot welds is empty, damaged, of another version, or made from unfit photos."""


class SeamError(WeldCellError):
    """The profile does not show the seam point that the joint type promises."""


class SeamHiddenError(SeamError):
    """The profile shows the joint, but its seam point is out of sight."""


class SeamPathError(WeldCellError):
    """The collected seam points do not make a path."""


class PartError(WeldCellError):
    """Which part lies there cannot be decided, or it is not the one that was expected.

    Args:
        message: See `WeldCellError`.
        remedy: As well.
        at_px: u, v of the middle of what is meant, in the image that was looked at; None where it is the whole image.
    """

    def __init__(self, message: str, remedy: str = '', at_px: tuple[float, float] | None = None) -> None:
        super().__init__(message, remedy)
        self.at_px = at_px


class PartLibraryError(PartError):
    """There are no templates, or they cannot distinguish the parts."""


class PartUnknownError(PartError):
    """What lies there is none of the library's parts."""


class PartAmbiguousError(PartError):
    """Two parts of the library fit, and neither is clearly the better."""


class PartCutError(PartError):
    """A part lies partly outside the image."""


class TransformError(WeldCellError):
    """The pose of a frame is not known at the time of an image."""


class TrajectoryError(WeldCellError):
    """The path cannot be welded as the procedure asks."""


class UnreachableError(TrajectoryError):
    """A pose lies outside the robot's reach or its position limits."""


class MotionLimitError(TrajectoryError):
    """A robot joint would have to exceed its speed or acceleration limit."""


class TrajectoryRejectedError(TrajectoryError):
    """The robot controller refuses a trajectory (limits, start state, times out of order)."""


class MotionEndedError(TrajectoryError):
    """The robot controller ended a motion before its end, or does not end it when it is asked to."""


class MotionReplacedError(MotionEndedError):
    """Somebody else sent the robot controller a motion, which replaced one of ours."""


class ControllerSilentError(TrajectoryError):
    """The robot controller is gone, does not answer, or answers late."""


class ApprovalRefusedError(WeldCellError):
    """A planned weld cannot be approved or armed by this person, or not any more."""


class ArcReleasedError(WeldCellError):
    """Who armed the arc went away, or took it back, in the weld."""


class PageError(WeldCellError):
    """The operator's page cannot be served."""


class TrackingError(WeldCellError):
    """A weld cannot be corrected on its way, or no longer."""


class LookAheadError(TrackingError):
    """The sensor cannot look ahead of the tool along the seam, as it is mounted."""


class StripeLostError(TrackingError):
    """The seam has not been seen for too long while it is welded."""


class CorrectionBoundError(TrackingError):
    """The workpiece has moved further than a weld may be corrected."""


class GapOutOfTableError(TrackingError):
    """Root gap or mismatch lies outside the table by which a procedure chooses speed and wire feed."""


class GapUnknownError(TrackingError):
    """No root gap was measured by which speed and wire feed could be chosen."""


class RobotProgramError(WeldCellError):
    """A robot program cannot be written, or not be read."""


class ProgramNameError(RobotProgramError):
    """The controller does not take this name for a program."""


class ArmConfigurationError(RobotProgramError):
    """A pose of a program does not belong to the arm's configuration there."""


class ProgramWeldError(RobotProgramError):
    """What a program shall weld lacks its procedure, or its weave does not fit the joint."""


class ProgramSyntaxError(RobotProgramError):
    """A robot program's text is broken; names file and line."""


class DeviceError(WeldCellError):
    """A device does not do what was asked of it."""


class DeviceNotFoundError(DeviceError):
    """No such device, or its driver is not installed."""


class DeviceLostError(DeviceError):
    """A device that was open went away."""


class DeviceFeatureError(DeviceError):
    """A camera has no such feature, or does not take the value."""


class WaitingForTriggerError(DeviceError):
    """A triggered camera is there and has sent nothing, as nothing has triggered it."""


class EndOfImagesError(DeviceError):
    """A finite source (a folder of images) has no further image."""


class TrainingError(WeldCellError):
    """A network cannot be trained, or its training cannot go on."""


class EvaluationError(WeldCellError):
    """An evaluation that was begun cannot go on."""


class BagError(WeldCellError):
    """A bag cannot be read or written."""


class TimeJumpError(BagError):
    """The time of a recording jumps back."""


class ModelError(WeldCellError):
    """A trained model is missing or does not fit this version."""


class RecordError(WeldCellError):
    """A record of a weld cannot be kept, read or written as another file."""


class RecordIndexError(RecordError):
    """The index of the records cannot be read or written; the records themselves may be whole."""


class FarmError(WeldCellError):
    """Recordings cannot be replayed on a farm."""


class FarmLibraryError(FarmError):
    """A library that the farm needs is not installed."""


class SchedulerError(FarmError):
    """The scheduler cannot be reached, or has no workers."""


class WorkerVersionError(FarmError):
    """A worker has other software than the client, and would give other results."""


class WorkerLostError(FarmError):
    """Each worker that looked at this bag has died."""


class BagVanishedError(BagError):
    """A bag that was there at the start is no longer there."""
