"""The laser scan of one joint: hold, vote, release, locate, finish. Used by graph, replay and evaluation.

    image -> stripe -> joint type (a vote over the first images) -> seam point -> base_link -> seam path

The stripe of an image is extracted once. Profiles are held until joint type and camera are known, so that no image of
the scan is left out; then they are released in order and searched for the seam.
"""

import importlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from weld_cell.errors import (
    CalibrationError,
    JointTypeError,
    SeamError,
    SeamHiddenError,
    SeamPathError,
    WeldCellError,
)
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import triangulate
from weld_cell.geometry.transforms import transform_points
from weld_cell.joint_type.model_view import assumed_view, model_sensor
from weld_cell.records import (
    CameraImage,
    FloatArray,
    ImageArray,
    JointType,
    JointTypeDecision,
    JointTypeEstimate,
    LengthScale,
    SeamPath,
    SeamPoint,
    StripeProfile,
)
from weld_cell.records.status import SeamStatus
from weld_cell.report.overlays import draw_joint_type
from weld_cell.seam.ends import Profile, thinned
from weld_cell.seam.locate import locate_seam, to_base
from weld_cell.settings import PipelineSettings
from weld_cell.stations.joint_type_vote import CAMERA_DELAY_NS, JointTypeVoting, known_lengths
from weld_cell.stations.scanned_image import LaserLook, ScannedImage, draw_scanned, seam_status
from weld_cell.stations.station import Cameras
from weld_cell.stripe import StripeFinder
from weld_cell.wording import counted

HELD_PROFILES = 400
"""At most; ten seconds of images. A vote of more images holds as many as vote."""
MOST_PROFILES = 4000
"""Of a scan, some ten megabytes: of a longer one the start is taken as its points show it."""
_NO_LIGHT = np.zeros((0, 0), np.uint8)


class _Held(NamedTuple):
    """A profile with its light, and the camera that saw it, where that was known by then."""

    seen: ScannedImage
    profile: StripeProfile
    camera: CameraModel | CalibrationError | None


class LaserScan:
    """The scan, a `Station`.

    Args:
        laser_plane: Asked for each image: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame; raises a
            WeldCellError where it is not known.
        settings: Of every stage.
        voting: Who decides the joint type; None: it is set from outside.

    Attributes:
        settings: As they stand; those of the joint type were read at the start.
        cameras: The sensor's, by image size.
        voting: Who decides the joint type, None where it is set from outside.
        joint_type: By whose rule the seam is searched for; None while it is not known.
        asked: Whether the vote has been asked for; until then nothing is held, and no type published.
        classifies: Whether images after the vote are asked for the joint type too, for people who look.
        following: Whether what the sensor sees is of the seam: so from a reset to the next `finish`, and from `watch`
            to `rest`.
        watching: Whether the seam is seen while it is welded: its points are published, and make no path.
        points: The seam points of the scan so far, in base_link.
        profiles: Of its images, with those without a seam point, as far as their poses are known.
    """

    def __init__(
        self,
        laser_plane: Callable[[], FloatArray],
        settings: PipelineSettings,
        voting: JointTypeVoting | None = None,
    ) -> None:
        self.settings = settings
        self.cameras = Cameras()
        self.joint_type: JointType | None = None
        self.asked = True
        self.classifies = False
        self.following, self.watching = True, False
        self.points: list[SeamPoint] = []
        self.profiles: deque[Profile] = deque(maxlen=MOST_PROFILES)
        self._found_as: JointType | None = None  # the points; the type may be forgotten before they are fitted
        self._laser_plane = laser_plane
        self._stripe = StripeFinder()
        self.voting = voting
        self._held: deque[_Held] = deque(maxlen=max(HELD_PROFILES, settings.joint_type.vote_images))

    def prepare(self) -> None:
        """See Station: what fits the path, which a scan would wait for in its middle, and the network of the vote.

        Raises:
            ModelError: the network is missing or damaged.
        """
        importlib.import_module('scipy.optimize')
        importlib.import_module('weld_cell.seam.scan')
        if self.voting is not None:
            self.voting.prepare()

    @property
    def votes(self) -> bool:
        """Whether the next image has a vote on the joint type."""
        return self.voting is not None and self.joint_type is None and self.asked

    @property
    def held(self) -> int:
        """Profiles that wait for joint type or camera."""
        return len(self._held)

    def look(self, image: CameraImage) -> LaserLook:
        """See Station: one image through all stages that it can go through now.

        Raises:
            ImageError, StripeError: it shows no stripe.
        """
        seen = self.hold(image)
        released = self.release()
        if released and released[-1].sequence == seen.sequence:
            return LaserLook(released[-1], tuple(released[:-1]))
        return LaserLook(seen, tuple(released))

    def hold(self, image: CameraImage, votes: bool = True) -> ScannedImage:
        """The stripe of an image, and its vote while there is one; the profile is kept for `release`.

        Args:
            image: The image.
            votes: Whether it is asked for its vote.

        Raises:
            ImageError, StripeError: it shows no stripe.
        """
        profile = self._stripe.find(image.pixels, self.settings.stripe)
        small = replace(profile, light=_NO_LIGHT)
        camera = self.cameras.get(profile.image_size_px)
        seen = ScannedImage(image.stamp_ns, image.sequence, image.frame, small)
        seen = self._vote(seen, profile, camera) if votes else seen
        if self.following and (self.voting is None or self.votes or self.joint_type is not None):
            self._held.append(_Held(seen, profile, camera))
        return seen

    def _vote(
        self, seen: ScannedImage, profile: StripeProfile, camera: CameraModel | CalibrationError | None
    ) -> ScannedImage:
        """Only an image that shows a seam of its estimated type has a vote: something flat looks like plates."""
        if self.voting is None or not (self.votes or self.classifies):
            return seen

        size_px = profile.image_size_px
        lengths = known_lengths(self.cameras, size_px, self._laser_plane, self._waited_ns(seen))

        lens, plane = lengths.calibration

        def shows(estimate: JointTypeEstimate) -> bool:
            if not isinstance(camera, CameraModel):
                return self._shows_as_assumed(profile, estimate)
            located = self._locate(_Held(seen, profile, camera), estimate.joint_type, camera)
            return _shows_joint(located.error)

        try:
            ballot = self.voting.update(profile, shows, lens, plane, lengths.settled)
        except (JointTypeError, CalibrationError) as error:
            return replace(seen, error=error.with_traceback(None))
        self._take(ballot.outcome)
        return replace(seen, ballot=ballot)

    def _shows_as_assumed(self, profile: StripeProfile, estimate: JointTypeEstimate) -> bool:
        """Whether a profile of an uncalibrated sensor shows a seam, at the scale that the settings assume."""
        if estimate.scale is not LengthScale.ASSUMED:
            return True
        settings = self.settings.joint_type
        view = assumed_view(profile, settings.assumed_row_mm, settings.assumed_column_mm)
        camera, laser_plane = model_sensor(settings.deeper)
        try:
            locate_seam(view, estimate.joint_type, camera, laser_plane, self.settings.seam, 0)
        except WeldCellError as error:
            return not isinstance(error, SeamError)
        return True

    def _take(self, outcome: JointTypeDecision | JointTypeError | None) -> None:
        if isinstance(outcome, JointTypeDecision):
            self.joint_type = outcome.joint_type

    def conclude_vote(self) -> JointTypeDecision | JointTypeError:
        """For the end of a recording: the decision, by the images that there are."""
        assert self.voting is not None, 'it is voted here'
        outcome = self.voting.conclude()
        self._take(outcome)
        return outcome

    def release(self) -> list[ScannedImage]:
        """Search the profiles whose joint type and camera are known by now, in order."""
        if self.joint_type is None:
            return []
        released, waiting = [], []
        for held in self._held:
            camera = held.camera or self.cameras.get(held.profile.image_size_px)
            if camera is None:
                waiting.append(held)
            else:
                released.append(self._locate(held, self.joint_type, camera))
        self._held.clear()
        self._held.extend(waiting)
        return released

    def _locate(self, held: _Held, joint_type: JointType, camera: CameraModel | CalibrationError) -> ScannedImage:
        seen = held.seen
        if isinstance(camera, CalibrationError):
            return replace(seen, error=camera)
        try:
            observation = locate_seam(
                held.profile, joint_type, camera, self._laser_plane(), self.settings.seam, seen.stamp_ns
            )
        except WeldCellError as error:
            return replace(seen, error=error.with_traceback(None))  # whose frames would keep the light
        return replace(seen, observation=observation, error=None)

    def add_pose(self, located: ScannedImage, T_base_sensor: FloatArray) -> SeamPoint:
        """The seam point of an image in base_link, by the pose (4, 4) of the sensor; in the order of the images."""
        assert located.observation is not None, 'a seam point was found'
        point = to_base(located.observation, T_base_sensor)
        if not self.watching:
            self.points.append(point)
            self._found_as = located.observation.joint_type
        return point

    def add_profile(self, stamp_ns: int, points_m: FloatArray, T_base_sensor: FloatArray) -> None:
        """The cross-section of an image (see `cross_section`), by the pose (4, 4) of the sensor."""
        if not self.watching:
            self.profiles.append((stamp_ns, transform_points(T_base_sensor, thinned(points_m))))

    def finish(self, follow_on: bool = False) -> SeamPath:
        """Fit the path. Unless it is to follow on, what the sensor sees from here to the next reset is no seam.

        Raises:
            SeamPathError: the points make no path, or the profiles show the joint far beyond an end of it.
        """
        self.following, self.watching = self.following and follow_on, False
        if self._found_as is None:
            raise SeamPathError('No seam point was found.', 'Scan the seam before the path is made.')
        from weld_cell.seam.scan import seam_path  # SciPy's: half a second, see prepare

        return seam_path(self.points, self._found_as, self.settings.path, self.profiles)

    def watch(self) -> str:
        """The seam is welded, and the sensor looks at it ahead of the tool: find its points until `rest`.

        Raises:
            JointTypeError: it is not known by which rule.
        """
        if self.joint_type is None:
            raise JointTypeError('The joint type is not known.', 'Scan the seam before it is watched.')
        self._held.clear()
        self.following = self.watching = True
        return f'The {self.joint_type} seam is watched.'

    def rest(self) -> str:
        """What the sensor sees from here to the next reset is no seam."""
        self.following = self.watching = False
        return 'The seam is no longer watched.'

    def reset(self) -> str:
        """See Station: points and profiles. What is known of the joint type stays."""
        forgotten = len(self.points)
        self.following, self.watching = True, False
        self.points.clear()
        self.profiles.clear()
        self._held.clear()
        return f'{counted(forgotten, "point")} forgotten.'

    def reset_joint_type(self) -> str:
        """Vote again on the joint type; a sentence about it."""
        assert self.voting is not None, 'it is voted here'
        self.joint_type, self.asked = None, True
        return self.voting.reset()

    def focus(self, T_base_sensor: FloatArray) -> FloatArray:
        """(3,) in base_link: where the laser plane crosses the optical axis of a sensor whose pose (4, 4) is given.

        Raises:
            WeldCellError: the laser plane is not known.
        """
        place: FloatArray = T_base_sensor[:3, 3] + T_base_sensor[:3, 2] / self._laser_plane()[2]
        return place

    def cross_section(self, seen: ScannedImage) -> FloatArray:
        """(n, 3) the measured profile in the sensor's optical frame, whether or not the joint type is known.

        Raises:
            WeldCellError: camera or laser plane are not known.
        """
        assert seen.profile is not None, 'a stripe was found'
        camera = self.cameras.of(seen.profile.image_size_px)
        return triangulate(camera, self._laser_plane(), seen.profile.measured().pixels)

    def awaits_camera(self, seen: ScannedImage) -> bool:
        """Whether the calibration for a profile that was just held is on its way: so for a second of images."""
        assert seen.profile is not None, 'a stripe was found'
        return not self.cameras.knows(seen.profile.image_size_px) and self._waited_ns(seen) <= CAMERA_DELAY_NS

    def _waited_ns(self, seen: ScannedImage) -> int:
        """For how long profiles wait."""
        return seen.stamp_ns - self._held[0].seen.stamp_ns if self._held else 0

    def overlay(self, image: CameraImage, result: LaserLook) -> ImageArray:
        """See Station."""
        return draw_scanned(image.pixels, result.newest)

    def vote_overlay(self, image: CameraImage, scanned: ScannedImage) -> ImageArray:
        """What an image that was asked for the joint type says, and what the vote says."""
        assert self.voting is not None and scanned.ballot is not None and scanned.profile is not None, 'it was asked'
        return draw_joint_type(image.pixels, scanned.profile, scanned.ballot.estimate, self.voting.decision)

    def status(self, result: LaserLook) -> SeamStatus:
        """See Station."""
        return self.status_of(result.newest)

    def status_of(self, scanned: ScannedImage) -> SeamStatus:
        """The status of one of the images in a look."""
        return seam_status(scanned, len(self.points), self.held)


def _shows_joint(error: WeldCellError | None) -> bool:
    """Whether a profile shows a joint, by what came of the search for its seam point."""
    return not isinstance(error, SeamError) or isinstance(error, SeamHiddenError)
