"""Started by test_tf2_processes: which transforms of Cyclone DDS a node on Fast DDS hears; prints what was heard."""

import json
import sys
import time
from dataclasses import dataclass
from functools import partial

import rclpy
from cyclonedds.idl import IdlStruct
from cyclonedds.pub import DataWriter
from cyclonedds.topic import Topic
from geometry_msgs.msg import Transform, TransformStamped
from tf2_ros import dds, dds_types

LIFE_S = 60.0


@dataclass
class OtherTransform(IdlStruct, typename='geometry_msgs::msg::dds_::Transform_'):
    """One whose members have other names than ROS's."""

    shift: dds_types.Vector3
    rotation: dds_types.Quaternion


VECTOR, QUATERNION = dds_types.Vector3(1.0, 2.0, 3.0), dds_types.Quaternion(0.0, 0.6, 0.0, 0.8)
TRANSFORM = dds_types.Transform(VECTOR, QUATERNION)
HEADER = dds_types.Header(dds_types.Time(1, 2), 'a')
MESSAGES = {
    'other_members': (OtherTransform(VECTOR, QUATERNION), Transform),
    'members': (TRANSFORM, Transform),
    'whole': (
        dds_types.TransformStamped(dds_types.Header(dds_types.Time(1, 2), 'a'), 'b', TRANSFORM),
        TransformStamped,
    ),
}


def main() -> None:
    rclpy.init()
    node = rclpy.create_node('listener')
    participant = dds.participant(node.context.get_domain_id())
    heard, writers = {}, {}
    for topic, (message, ros_type) in MESSAGES.items():
        node.create_subscription(ros_type, topic, partial(heard.__setitem__, topic), 1)
        dds_topic = Topic(participant, f'rt/{topic}', type(message))
        writers[topic] = DataWriter(participant, dds_topic, dds._dds_qos(dds.tf_qos()))
    end = time.monotonic() + LIFE_S
    while not {'members', 'whole'} <= heard.keys() and time.monotonic() < end:
        for topic, (message, _) in MESSAGES.items():
            writers[topic].write(message)
        rclpy.spin_once(node, timeout_sec=0.02)
    whole = heard['whole']
    stamp, shift, turn = whole.header.stamp, whole.transform.translation, whole.transform.rotation
    numbers = [stamp.sec, stamp.nanosec, shift.x, shift.y, shift.z, turn.x, turn.y, turn.z, turn.w]
    json.dump([sorted(heard), whole.child_frame_id, numbers], sys.stdout)
    node.destroy_node()
    rclpy.shutdown()


if __name__ == '__main__':
    main()
