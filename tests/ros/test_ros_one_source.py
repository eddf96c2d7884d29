"""Two publishers where there may be one: noticed by stamps that step back, or by being there for long; forgotten."""

import time

import pytest
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import JointState

from weld_cell.errors import DeviceError, DeviceLostError
from weld_cell.ros.conversions import make_header
from weld_cell.ros.one_source import LINGER_S, OneSource
from weld_cell.ros.qos import STATE, publisher
from weld_cell.ros.robot_state import RobotState

NAMES = ('joint_1',)
PATIENCE_S = 20.0


@pytest.fixture
def node(make_node):
    return make_node()


def wait(node, condition):
    executor, end = SingleThreadedExecutor(), time.monotonic() + PATIENCE_S
    executor.add_node(node)
    while not condition() and time.monotonic() < end:
        executor.spin_once(timeout_sec=0.01)
    executor.shutdown()
    return condition()


def drivers(node, count):
    found = [publisher(node, JointState, 'joint_states', STATE) for _ in range(count)]
    assert wait(node, lambda: node.count_publishers('joint_states') == count)
    return found


def test_one_publisher_may_step_back(node):
    """As a bag that is played in a loop does."""
    drivers(node, 1)
    source = OneSource(node, 'joint_states')
    for stamp_ns in (5, 6, 1, 2):
        source.update(stamp_ns)
        source.check()


def test_two_whose_stamps_mix_are_refused_until_one_is_gone(node):
    one, two = drivers(node, 2)
    source = OneSource(node, 'joint_states')
    source.update(5)
    source.check()  # the second may be one that was killed, and is still known
    source.update(4)
    with pytest.raises(DeviceError, match='2 publishers send on joint_states') as refused:
        source.check()
    assert 'Stop all but one' in refused.value.remedy
    node.destroy_publisher(two)
    assert wait(node, lambda: node.count_publishers('joint_states') == 1)
    source.check()
    assert one is not None


def test_two_that_stay_are_refused_even_if_their_stamps_ascend(node):
    drivers(node, 2)
    now = [0.0]
    source = OneSource(node, 'joint_states', lambda: now[0])
    source.update(1)
    now[0] = LINGER_S - 1
    source.update(2)
    source.check()
    now[0] = LINGER_S + 1
    source.update(3)
    with pytest.raises(DeviceError, match='2 publishers'):
        source.check()


def state(stamp_ns, position=0.5, names=NAMES, velocity=()):
    header = make_header(stamp_ns, '')
    return JointState(header=header, name=list(names), position=[position], velocity=list(velocity))


def test_no_robot_two_robots_and_a_robot_without_numbers(node):
    robot = RobotState(node)
    with pytest.raises(DeviceLostError, match='No joint_states were received yet'):
        robot.positions(NAMES)
    one, two = drivers(node, 2)
    one.publish(state(10**9))
    assert wait(node, lambda: robot.known(NAMES))
    assert robot.stamped(NAMES)[0] == 10**9 and robot.positions(NAMES) == [0.5]
    with pytest.raises(DeviceLostError, match='lack joint_2'):
        robot.positions(('joint_2',))
    two.publish(state(2 * 10**9, float('nan')))
    assert wait(node, lambda: robot._joints['joint_1'].stamp_ns == 2 * 10**9)
    with pytest.raises(DeviceError, match='joint_states say'):
        robot.positions(NAMES)
    one.publish(state(10**9 + 1))
    assert wait(node, lambda: robot._joints['joint_1'].stamp_ns == 10**9 + 1)
    with pytest.raises(DeviceError, match='2 publishers'):
        robot.positions(NAMES)


def test_a_gripper_with_a_driver_of_its_own_is_no_second_robot(node):
    robot = RobotState(node)
    arm, gripper = drivers(node, 2)
    arm.publish(state(10**9))
    gripper.publish(state(10**9 - 5, names=('finger',)))
    assert wait(node, lambda: robot.known((*NAMES, 'finger')))
    assert robot.positions((*NAMES, 'finger')).tolist() == [0.5, 0.5]


def test_states_without_a_stamp_are_refused(node):
    robot = RobotState(node)
    robot._on_joint_states(state(0))
    with pytest.raises(DeviceError, match='no stamp'):
        robot.positions(NAMES)


def told(robot, states, rate_hz=50.0):
    """Whether the robot joint and the finger move, after states (position, velocity) of the arm at even times."""
    for number, (position, velocity) in enumerate(states):
        robot._on_joint_states(state(10**9 + round(number * 1e9 / rate_hz), position, velocity=velocity))
    return robot.moving(NAMES), robot.moving(('finger',))


STANDS, MOVES = [0.5] * 20, [0.5 + 0.002 * k for k in range(20)]  # 0.1 rad/s at 50 Hz


@pytest.mark.parametrize('velocity', [(), (0.0,), (float('nan'),)])
@pytest.mark.parametrize(('positions', 'moves'), [(STANDS, False), (MOVES, True), (MOVES + [MOVES[-1]] * 20, False)])
def test_where_velocities_say_nothing_positions_tell_motion(node, velocity, positions, moves):
    assert told(RobotState(node), [(position, velocity) for position in positions]) == (moves, False)


def test_a_velocity_that_is_told_counts_at_once(node):
    robot = RobotState(node)
    assert told(robot, [(0.5, (0.1,))])[0]
    assert not told(robot, [(0.5, (0.1,)), (0.502, (0.0,))])[0]


def test_a_gripper_that_says_nothing_new_does_not_hide_an_arm_that_moves(node):
    """Two drivers by turns: the gripper's states say that it stands, with velocities; the arm's have none."""
    robot = RobotState(node)
    for number, position in enumerate(MOVES):
        robot._on_joint_states(state(10**9 + 20_000_000 * number, position))
        robot._on_joint_states(state(10**9 + 20_000_000 * number + 5, 0.0, ('finger',), (0.0,)))
    assert robot.moving(NAMES) and not robot.moving(('finger',))


def test_the_silence_of_one_part_is_not_covered_by_the_other(node, monkeypatch):
    robot, now_s = RobotState(node), [100.0]
    monkeypatch.setattr('weld_cell.ros.robot_state.time.monotonic', lambda: now_s[0])
    robot._on_joint_states(state(10**9))
    now_s[0] += 2.5
    robot._on_joint_states(state(10**9 + 5, names=('finger',)))
    assert robot.known(('finger',)) and not robot.known(NAMES)
    with pytest.raises(DeviceLostError, match='2.5 s of joint_1'):
        robot.positions(NAMES)


def test_two_parts_that_stay_are_no_two_robots(node):
    drivers(node, 2)
    now, allowed = [0.0], [2]
    source = OneSource(node, 'joint_states', lambda: now[0], lambda: allowed[0])
    for now[0] in (0.0, LINGER_S + 1, 2 * LINGER_S):
        source.update(1 + round(now[0]))
        source.check()
