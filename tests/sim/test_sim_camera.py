"""The simulated laser camera as a device: beat, stamps, poses that fail to come."""

import numpy as np
import pytest

from weld_cell.devices.base import LineLaserCamera
from weld_cell.errors import DeviceLostError, TransformError, WaitingForTriggerError
from weld_cell.records import JointType
from weld_cell.sim.camera import SimulatedLaserCamera
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene


class Bench:
    """A clock that sleeping moves, and a robot whose pose is renewed every 8 ms of it."""

    def __init__(self):
        self.now_ns = 1_000_000_000
        self.frozen_stamp_ns = None
        self.late_ns = 0
        self.motion = lambda seconds: 0.03 + 0.01 * seconds
        self.has_pose = True
        self.on_sleep = lambda: None
        self.watched = True
        self.scene = Scene.random(JointType.V, np.random.default_rng(0), effects=HardEffects.nominal(), curved=False)
        self.camera: LineLaserCamera = SimulatedLaserCamera(
            self.scene, self, 40.0, lambda: self.now_ns, self.sleep, lambda: self.watched
        )

    def sleep(self, seconds):
        self.now_ns += max(1, round(seconds * 1e9))
        self.on_sleep()

    def newest(self):
        stamp = self.newest_ns()
        return self.at(stamp), stamp

    def newest_ns(self):
        if not self.has_pose:
            raise TransformError('nobody publishes tool0')
        return self.frozen_stamp_ns or (self.now_ns - self.late_ns) // 8_000_000 * 8_000_000

    def at(self, stamp_ns):
        assert stamp_ns <= self.now_ns - self.late_ns, 'not known yet'
        return self.scene.scan_pose(self.motion((stamp_ns - 1_000_000_000) * 1e-9))


@pytest.fixture
def bench():
    bench = Bench()
    bench.camera.open()
    return bench


@pytest.mark.parametrize('rate', [0.0, -1.0])
def test_rate_must_be_positive(rate):
    with pytest.raises(ValueError, match='rate'):
        SimulatedLaserCamera(Bench().scene, Bench(), rate, lambda: 0, lambda s: None)


def test_closed_camera_refuses():
    with pytest.raises(DeviceLostError, match='closed'):
        Bench().camera.grab(1.0)


def test_forty_images_a_second_with_the_stamps_of_their_poses(bench):
    begin = bench.now_ns
    images = [bench.camera.grab(1.0) for _ in range(41)]
    assert (bench.now_ns - begin) * 1e-9 == pytest.approx(1.0, abs=0.02)
    assert [image.sequence for image in images] == list(range(41))
    stamps = [image.stamp_ns for image in images]
    assert all(stamp % 8_000_000 == 0 for stamp in stamps)
    assert np.diff(stamps).min() > 0 and np.diff(stamps).max() <= 32_000_000


def test_image_belongs_to_its_pose(bench):
    image = bench.camera.grab(1.0)
    twin = Bench()
    pixels = twin.scene.image(twin.scene.scan_pose(0.03 + (image.stamp_ns - 1_000_000_000) * 1e-11), 0.0)
    np.testing.assert_array_equal(image.pixels, pixels)


def test_no_pose_is_computed_while_the_next_one_is_waited_for(bench, monkeypatch):
    """It is looked for every 0.2 ms, and a pose costs five times as much as its stamp."""
    computed = []
    at = bench.at
    monkeypatch.setattr(bench, 'at', lambda stamp_ns: computed.append(stamp_ns) or at(stamp_ns))
    bench.late_ns = 6_000_000
    for _ in range(5):
        bench.camera.grab(1.0)
    assert len(computed) <= 2 * 5


def test_a_pose_that_comes_late_is_waited_for(bench):
    first = bench.camera.grab(1.0)
    bench.frozen_stamp_ns = first.stamp_ns
    begin = bench.now_ns

    def thaw():
        if bench.now_ns - begin > 60_000_000:
            bench.frozen_stamp_ns = None

    bench.on_sleep = thaw
    assert bench.camera.grab(1.0).stamp_ns > first.stamp_ns


def test_a_robot_that_stands_still_in_time_is_an_error(bench):
    bench.frozen_stamp_ns = bench.camera.grab(1.0).stamp_ns
    begin = bench.now_ns
    with pytest.raises(DeviceLostError, match='pose'):
        bench.camera.grab(0.2)
    assert (bench.now_ns - begin) * 1e-9 == pytest.approx(0.2, abs=0.01)


def test_a_robot_that_starts_later_is_waited_for_without_an_error(bench):
    bench.has_pose = False
    with pytest.raises(WaitingForTriggerError, match='first pose of the robot'):
        bench.camera.grab(2.0)
    bench.has_pose = True
    assert bench.camera.grab(2.0).sequence == 0


def test_no_pose_at_all_names_the_reason(bench):
    bench.has_pose = False
    bench.now_ns += 30_000_000_000
    with pytest.raises(DeviceLostError, match='nobody publishes tool0'):
        bench.camera.grab(0.1)


def test_close_ends_a_waiting_grab(bench):
    bench.camera.grab(1.0)
    bench.on_sleep = bench.camera.close
    with pytest.raises(DeviceLostError, match='closed'):
        bench.camera.grab(1.0)


def test_a_slow_reader_is_not_rushed_afterwards(bench):
    bench.camera.grab(1.0)
    bench.now_ns += 500_000_000
    bench.camera.grab(1.0)
    begin = bench.now_ns
    bench.camera.grab(1.0)
    bench.camera.grab(1.0)
    assert bench.now_ns - begin >= 25_000_000


def test_laser_switch(bench):
    lit = bench.camera.grab(1.0).pixels
    bench.camera.set_laser(False)
    dark = bench.camera.grab(1.0).pixels
    bench.camera.set_laser(True)
    assert dark.max() < 100 < lit.max() and bench.camera.grab(1.0).pixels.max() > 220


def test_name_says_what_it_is(bench):
    assert bench.camera.name == 'simulated laser sensor over a v joint'


def watch_rendering(bench):
    """Times at which images are rendered from now on."""
    rendered, image = [], bench.scene.image

    def spy(*pose, **laser):
        rendered.append(bench.now_ns)
        return image(*pose, **laser)

    bench.scene.image = spy
    return rendered


@pytest.mark.parametrize('speed_mm_s', [0.0, 10.0, 40.0])
def test_a_robot_that_speeds_up_evenly_is_foreseen(bench, speed_mm_s):
    bench.motion = lambda seconds: 0.03 + 1e-3 * (speed_mm_s * seconds + 0.5 * 60.0 * seconds**2)
    rendered = watch_rendering(bench)
    images = [bench.camera.grab(1.0) for _ in range(20)]
    assert len(rendered) <= len(images) + 2  # one each, but for those before the motion is known
    np.testing.assert_array_less(rendered[-10:], [image.stamp_ns for image in images[-10:]])


def test_nothing_is_rendered_while_nobody_watches_and_the_beat_goes_on(bench):
    bench.watched = False
    rendered = watch_rendering(bench)
    unseen = [bench.camera.grab(1.0) for _ in range(20)]
    assert not rendered and {image.pixels.shape for image in unseen} == {(0, 0)}
    bench.watched = True
    seen = [bench.camera.grab(1.0) for _ in range(20)]
    assert {image.pixels.shape for image in seen} == {(480, 640)} and len(rendered) <= len(seen) + 2
    assert [image.sequence for image in unseen + seen] == list(range(40))
    assert np.diff([image.stamp_ns for image in unseen + seen]).max() <= 32_000_000


def test_a_pose_that_was_foreseen_counts_though_a_newer_one_came_with_it(bench):
    for _ in range(4):
        before = bench.camera.grab(1.0).stamp_ns
    rendered = watch_rendering(bench)

    def hold_back():
        bench.late_ns = 12_000_000 if rendered and bench.now_ns < rendered[0] + 30_000_000 else 0

    bench.on_sleep = hold_back
    stamp_ns = bench.camera.grab(1.0).stamp_ns
    assert bench.now_ns - stamp_ns >= 12_000_000  # two poses came at once, of which the older one was foreseen
    assert len(rendered) == 1 and stamp_ns - before <= 32_000_000


def test_a_clock_that_is_set_back_is_followed(bench):
    for _ in range(3):
        bench.camera.grab(1.0)
    bench.now_ns -= 40_000_000
    stamps = [bench.camera.grab(1.0).stamp_ns for _ in range(5)]
    assert np.diff(stamps).max() <= 40_000_000


def test_a_change_is_made_before_the_first_image_of_its_stamp(bench):
    first, changes = bench.camera.grab(1.0), []
    at_ns = first.stamp_ns + 60_000_000
    bench.camera.schedule(at_ns, lambda scene, time_s: changes.append((scene is bench.scene, time_s)))
    bench.camera.schedule(at_ns + 10**12, lambda scene, time_s: changes.append('too early'))
    seen = [(bench.camera.grab(1.0).stamp_ns, len(changes)) for _ in range(4)]
    assert changes == [(True, pytest.approx(0.06))]
    assert all(count == 1 for stamp_ns, count in seen if stamp_ns >= at_ns)
    assert seen[0][1] == 0


def test_a_new_workpiece_does_not_wait_for_what_was_scheduled_of_the_one_before(bench):
    first, changes = bench.camera.grab(1.0), []
    bench.camera.schedule(
        first.stamp_ns + 50_000_000, lambda scene, _: changes.append('end of a weld that was stopped')
    )
    bench.camera.start_anew(lambda scene, _: changes.append('new'))
    for _ in range(5):
        bench.camera.grab(1.0)
    assert changes == ['new']
