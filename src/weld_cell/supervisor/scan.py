"""The scan of one seam: find the joint, identify its type, follow it to its end.

Source of the stages: Zeng et al. 2020, section 3.1 and figure 7 (L1 to L4). The nominal seam may be wrong by
20 mm and 5 degrees: the sensor is centred over the joint before the vote, and the scan is corrected in flight.
"""

import numpy as np

from weld_cell.errors import DeviceLostError, JointTypeError, SeamError
from weld_cell.records import VOTED, FloatArray, JointType, SeamPoint
from weld_cell.records.status import Stage
from weld_cell.seam.ends import require_ends, told_unread, unread_m
from weld_cell.seam.search import StartFinder, find_joint
from weld_cell.seam.settings import PathSettings
from weld_cell.seam.tracking import SeamTracker
from weld_cell.supervisor.motion import ScanMotion
from weld_cell.supervisor.port import CellPort, StageTimeoutError
from weld_cell.supervisor.poses import NominalSeam
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.supervisor.steering import MIN_POINTS_FOR_DIRECTION, Steering
from weld_cell.supervisor.waiting import Waiting
from weld_cell.wording import counted

STARTS = 3  # attempts to see the start of the seam
FIRST_IMAGES = 5  # taken while the robot still rests: before the plates they show no seam
START_POINTS = 30  # by so many it is known where the seam begins, and which way it goes
USUAL_GAPS = 3.0  # so many times the usual time between images may pass at an end of the seam
CENTRINGS = 2  # the first one may see the joint at the edge of the image
LATE_S = 2.0  # an image later than this will not come
DARK_NS = 500_000_000  # images at rest for so long without a profile: nothing is in view; a late pose comes by then
BLIND_S = 2.0  # without an image for so long the tracking stops; while the seam stage works it deals with 40 a second


class SeamScan:
    """Runs the stages of a scan in order, through a port.

    Args:
        port: The cell.
        motion: Moves its robot.
        waiting: Waits, and watches the robot meanwhile.
        nominal: Where the seam should lie.
        scan: How it is scanned.
        limits: How long each stage may take.
        path: How points are extrapolated, and how long a hole it may have.
    """

    def __init__(
        self,
        port: CellPort,
        motion: ScanMotion,
        waiting: Waiting,
        nominal: NominalSeam,
        scan: ScanSettings,
        limits: StageLimits,
        path: PathSettings,
    ) -> None:
        self._port, self._motion, self._wait = port, motion, waiting
        self._nominal, self._scan, self._limits = nominal, scan, limits
        self._centre_m: FloatArray = nominal.start_m
        self._seam = self._tracker(nominal.start_m, on_seam=False)
        self._steering = Steering(motion, nominal, scan, path)
        self._path = path
        self._begin_at: FloatArray = np.eye(4)
        self._longest_hole_s = path.max_gap_mm / scan.speed_mm_s

    def approach(self) -> None:
        """L1: move until the sensor sees the start of the joint, then bring the sensor over it."""
        nominal, scan = self._nominal, self._scan
        self._port.reset_seam(
            self._nominal.normal
        )  # after a finished seam the seam stage rests until it is told of a new one
        begin_m = -scan.lead_in_mm / 1000
        self._motion.go_to(self._over(nominal.at(begin_m)))
        self._wait.rest(self._limits.approach_s)
        table_m = self._table()
        self._motion.move_line(self._over(nominal.at(begin_m + scan.search_mm / 1000)), scan.search_speed_mm_s)
        self._await_sight(table_m)
        self._motion.brake()
        self._wait.rest(self._limits.approach_s)
        here = self._motion.sensor.focus(self._motion.tool_pose())
        self._go_over(here + scan.onto_mm / 1000 * nominal.direction)
        for _ in range(CENTRINGS):
            self._go_over(self._centre())

    def _table(self) -> FloatArray | None:
        """The profile (n, 3) of what lies before the plates, taken at rest; None where that is out of view."""
        since_ns = self._port.now_ns()
        self._wait.insist(
            lambda: self._profile_since(since_ns) is not None or self._port.newest_image_ns() - since_ns > DARK_NS,
            self._limits.approach_s,
            'an image at rest',
        )
        return self._profile_since(since_ns)

    def _profile_since(self, stamp_ns: int) -> FloatArray | None:
        """The newest profile (n, 3), if it was taken after a time and shows anything."""
        newest = self._port.profile()
        return newest[1] if newest is not None and newest[0] > stamp_ns and len(newest[1]) else None

    def _await_sight(self, table_m: FloatArray | None) -> None:
        """Wait until the plates come into view."""
        finder, began_ns = StartFinder(self._nominal.normal, self._scan.sighted_images, table_m), self._port.now_ns()

        def sighted() -> bool:
            newest = self._port.profile()
            if newest is not None and newest[0] > began_ns:
                finder.update(*newest)
            return finder.found or self._motion.rested_s > LATE_S

        self._wait.until(sighted, self._limits.approach_s)
        if not finder.found:
            raise SeamError(
                f'No plates seen within {self._scan.search_mm:.0f} mm of the search.',
                'Check that the laser is on, the workpiece in place, and the nominal seam (scan.start_m).',
            )

    def _centre(self) -> FloatArray:
        """The joint's middle (3,) from an image taken at rest; where it shows no relief, the sensor's own place."""
        since_ns = self._port.now_ns()
        self._wait.insist(
            lambda: self._profile_since(since_ns) is not None, self._limits.approach_s, 'an image at rest'
        )
        points = self._profile_since(since_ns)
        assert points is not None, 'waited for'
        try:
            self._centre_m = find_joint(points)
        except SeamError:  # a butt joint may be all gap: it is in view wherever the plates are
            here = self._motion.sensor.focus(self._motion.tool_pose())
            height_m = float(np.median((points - here) @ self._nominal.normal))
            self._centre_m = here + height_m * self._nominal.normal
        return self._centre_m

    def _go_over(self, point_m: FloatArray) -> None:
        self._motion.move_line(self._over(point_m), self._scan.search_speed_mm_s)
        self._wait.rest(self._limits.approach_s)

    def identify(self) -> None:
        """L2: vote on the joint type over its first stretch, then return to before its start."""
        along, first_m = self._nominal.direction, self._centre_m
        self._port.reset_joint_type()
        if self._scan.joint_type == VOTED:
            self._motion.move_line(self._over(first_m + self._scan.identify_mm / 1000 * along), self._scan.speed_mm_s)
        else:
            self._port.tell_joint_type(JointType(self._scan.joint_type))
        self._wait.insist(lambda: self._port.joint_type() is not None, self._limits.identify_s, 'the joint type')
        self._check_type()
        self._wait.rest(self._limits.identify_s)
        self._port.reset_seam(self._nominal.normal)
        back_mm = self._scan.onto_mm + self._scan.step_back_mm
        self._motion.move_line(self._over(first_m - back_mm / 1000 * along), self._scan.speed_mm_s)
        self._wait.rest(self._limits.identify_s)

    def _check_type(self) -> None:
        """The job of a part may say which joint its seam is.

        Raises:
            JointTypeError: the laser sees another one.
        """
        expected, told = self._nominal.joint_type, self._port.joint_type()
        if expected is not None and told is not expected:
            raise JointTypeError(
                f'The laser sees a {told} joint where the job of the part says {expected}.',
                'Is the right plate laid on the part? Correct the job, or the workpiece.',
            )

    def track(self) -> None:
        """L3: follow the seam, corrected in flight, until no more of it comes.

        Where images came so late that the start of the seam lies between two of them, it is begun again; from further
        back where the joint begins before the first point.

        Raises:
            SeamError: the seam was lost, or an end of it lies between images too far apart, or the joint goes on
                beyond it.
        """
        self._catch_up()
        way_back = self._tracker(self._centre_m, on_seam=False).update(self._port.seam_points())[::-1]
        self._begin_at = self._motion.tool_pose()
        for attempt in range(1, STARTS + 1):
            again = self._follow(way_back, insist=attempt == STARTS)
            if not again:
                break
            self._port.enter(Stage.TRACK, f'{again}: it is scanned again')
            self._motion.brake()
            self._wait.rest(self._limits.approach_s)
            self._motion.move_line(self._begin_at, self._scan.search_speed_mm_s)
            self._wait.rest(self._limits.approach_s)
            self._catch_up()
        self._motion.brake()
        self._check_length()
        if self._seam.points:
            self._check_spacing('end', self._gap_after(self._seam.points[-1].stamp_ns))
            self._check_unread('end', self._unread_mm(self._seam.points))

    def _catch_up(self) -> None:
        """Wait until an image from here has been dealt with: a busy machine may still be at images of the way."""
        arrived_ns = self._port.now_ns()
        self._wait.insist(
            lambda: self._port.newest_image_ns() > arrived_ns, self._limits.identify_s, 'the seam stage to catch up'
        )

    def _follow(self, way_back: list[SeamPoint], insist: bool) -> str:
        """Follow the seam to its end; or, as soon as its start is seen to be missing, say why, for people.

        Args:
            way_back: Seam points at the start, from before it on.
            insist: Whether that is an error.
        """
        self._port.reset_seam(self._nominal.normal)
        self._seam = self._tracker(way_back[0].position_m if way_back else self._centre_m, on_seam=bool(way_back))
        began_ns = self._port.now_ns()
        self._steering.set_out(way_back)
        started = begun = False
        while not self._wait.until(lambda: self._ended(began_ns), self._scan.correction_s):
            points = self._seam.points
            if points and not started:
                gap_s = self._gap_before(points[0].stamp_ns, began_ns)
                if not insist and gap_s > self._allowed_gap_s():
                    return 'images came late at the start of the seam'
                self._check_spacing('start', gap_s)
                started = True
            if len(points) >= START_POINTS and not begun:
                missing = self._missing_start(points)
                if missing is not None and insist:
                    raise missing
                if missing is not None:
                    return missing.message.removesuffix('.')
                begun = True
            if len(points) >= MIN_POINTS_FOR_DIRECTION:
                self._steering.steer(points)
            self._port.enter(Stage.TRACK, f'{self._length_mm():.0f} of about {1000 * self._nominal.length_m:.0f} mm')
            if self._port.now_ns() - began_ns > self._limits.track_s * 1e9:
                raise StageTimeoutError(f'Tracking took more than {self._limits.track_s:.0f} s.', 'Raise track_s.')
        return ''

    def _missing_start(self, points: list[SeamPoint]) -> SeamError | None:
        """Why the first seam points are not those of the start, if so; the next scan then begins further back."""
        unread_mm = self._unread_mm(points[::-1])
        first_ns = self._port.images_ns()[:FIRST_IMAGES]
        if unread_mm > self._path.max_unread_mm:
            missing = SeamError(*told_unread('start', unread_mm, self._path.max_unread_mm))
        elif {point.stamp_ns for point in points}.issuperset(first_ns):
            missing = SeamError(
                'The start of the seam is missing: already the first images of the tracking show the seam.',
                'Let scan.start_m lie where the joint begins. Or did images come late in the search? Reduce the load '
                'of the computer, or raise scan.step_back_mm.',
            )
        else:
            return None
        back_m = (unread_mm + self._scan.step_back_mm) / 1000
        self._begin_at = self._over(points[0].position_m - back_m * self._nominal.direction)
        return missing

    def _gap_before(self, stamp_ns: int, began_ns: int) -> float:
        """Seconds from the image before one, or from the begin of the motion, to it."""
        before = [image_ns for image_ns in self._port.images_ns() if image_ns < stamp_ns]
        return (stamp_ns - max([began_ns, *before])) / 1e9

    def _gap_after(self, stamp_ns: int) -> float:
        """Seconds from an image to the one after it."""
        behind = [image_ns for image_ns in self._port.images_ns() if image_ns > stamp_ns]
        return (min([self._port.now_ns(), *behind]) - stamp_ns) / 1e9

    def _allowed_gap_s(self) -> float:
        """A fast scan, or a slow camera, has its images further apart than the settings ask for."""
        periods_s = np.diff(self._port.images_ns()) / 1e9
        usual_s = float(np.median(periods_s)) if len(periods_s) else 0.0
        return max(self._scan.image_spacing_mm / self._scan.speed_mm_s, USUAL_GAPS * usual_s)

    def _check_spacing(self, end: str, gap_s: float) -> None:
        """An end of the seam lies between two images; refuse it where they are too far apart.

        Raises:
            SeamError: they are.
        """
        allowed_s = self._allowed_gap_s()
        if gap_s > allowed_s:
            late, latest_s = self._port.late_images()
            late_told = f'{counted(late, "image was", "images were")} late, by up to {latest_s:.1f} s'
            raise SeamError(
                f'The {end} of the seam lies between two images {gap_s * self._scan.speed_mm_s:.1f} mm apart; '
                f'{allowed_s * self._scan.speed_mm_s:.1f} mm are allowed ({late_told}).',
                'Is the machine too busy for 40 images a second? Scan again, or slower (scan.speed_mm_s).',
            )

    def _unread_mm(self, points: list[SeamPoint]) -> float:
        """How far beyond the last of some points profiles show the joint."""
        return 1000 * unread_m(points, self._port.profiles(), self._path)

    def _check_unread(self, end: str, unread_mm: float) -> None:
        """Refuse an end of the seam beyond which the joint goes on.

        Raises:
            SeamError: it does.
        """
        if unread_mm > self._path.max_unread_mm:
            raise SeamError(*told_unread(end, unread_mm, self._path.max_unread_mm))

    def _tracker(self, start_m: FloatArray, on_seam: bool) -> SeamTracker:
        return SeamTracker(start_m, self._nominal.normal, self._nominal.direction, on_seam=on_seam)

    def _ended(self, began_ns: int) -> bool:
        """Whether images keep coming, but seam points no longer.

        Raises:
            DeviceLostError: images do not come either.
        """
        blind_s = (self._port.now_ns() - self._port.newest_image_ns()) / 1e9
        if blind_s > BLIND_S:
            raise DeviceLostError(
                f'No image has been dealt with for {blind_s:.1f} s.',
                'See /diagnostics of laser_sensor and seam_detector.',
            )
        points = self._seam.update(self._port.seam_points())
        if not points:
            return self._motion.resting and self._port.now_ns() - began_ns > 1e9
        without_s = (self._port.newest_image_ns() - points[-1].stamp_ns) / 1e9
        return without_s > self._scan.lost_s and not (without_s < self._longest_hole_s and self._is_hidden())

    def _is_hidden(self) -> bool:
        """Whether there is a stripe, but no seam in it, before the nominal end: as in a shadow, or on a tack weld."""
        stripe_since_ns = self._port.newest_image_ns() - int(self._scan.lost_s * 1e9)
        here = self._motion.sensor.focus(self._motion.tool_pose())
        before_end = self._nominal.length_between(self._nominal.start_m, here) < self._nominal.length_m
        return before_end and self._profile_since(stripe_since_ns) is not None

    def _check_length(self) -> None:
        """An end that comes much too early is a loss.

        Raises:
            SeamError: the seam was lost.
        """
        length_mm, nominal_mm = self._length_mm(), 1000 * self._nominal.length_m
        if length_mm < nominal_mm - self._scan.length_tolerance_mm:
            raise SeamError(
                f'The seam was lost after {length_mm:.0f} mm; nominal are {nominal_mm:.0f} mm.',
                'Look at seam/overlay there; the points so far are kept. Scan again, or correct scan.end_m.',
            )

    def _length_mm(self) -> float:
        """Length of the seam so far."""
        ends = [point.position_m for point in self._seam.points[:1] + self._seam.points[-1:]]
        return 1000 * self._nominal.length_between(*ends) if ends else 0.0

    def finish(self) -> None:
        """L4: the end is seen; fit the path.

        Raises:
            WeldCellError: the points make no path, or one whose ends are not those of the joint.
        """
        self._wait.rest(self._limits.finish_s)
        late, latest_s = self._port.late_images()
        said = self._port.finish_seam(self._limits.finish_s)
        self._wait.insist(lambda: self._port.seam_path() is not None, self._limits.finish_s, 'the seam path')
        path = self._port.seam_path()
        assert path is not None, 'waited for'
        require_ends(path, self._port.seam_points(), self._port.profiles(), self._path)
        told = f' {counted(late, "image was", "images were")} late, by up to {latest_s:.1f} s.' if late else ''
        self._port.enter(Stage.FINISH, said + told)

    def _over(self, point_m: FloatArray) -> FloatArray:
        return self._motion.sensor.over(point_m, self._nominal.direction, self._nominal.normal)
