"""tf2_msgs/msg/TFMessage as Cyclone DDS knows it: announced with its true fields, carried as bytes.

Cyclone's own Python (de)serializer walks every field; `tf2_ros.messages` is five times faster, so the
topic type hands the bytes through.
"""

from dataclasses import dataclass

from cyclonedds.idl import IdlStruct
from cyclonedds.idl.types import float64, int32, sequence, uint32

# REP-2016 hash of tf2_msgs/msg/TFMessage in ROS 2 Jazzy; a test computes it again with rosbags.
TYPE_HASH = 'RIHS01_e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087'


@dataclass
class Time(IdlStruct, typename='builtin_interfaces::msg::dds_::Time_'):
    """builtin_interfaces/msg/Time."""

    sec: int32
    nanosec: uint32


@dataclass
class Header(IdlStruct, typename='std_msgs::msg::dds_::Header_'):
    """std_msgs/msg/Header."""

    stamp: Time
    frame_id: str


@dataclass
class Vector3(IdlStruct, typename='geometry_msgs::msg::dds_::Vector3_'):
    """geometry_msgs/msg/Vector3."""

    x: float64
    y: float64
    z: float64


@dataclass
class Quaternion(IdlStruct, typename='geometry_msgs::msg::dds_::Quaternion_'):
    """geometry_msgs/msg/Quaternion."""

    x: float64
    y: float64
    z: float64
    w: float64


@dataclass
class Transform(IdlStruct, typename='geometry_msgs::msg::dds_::Transform_'):
    """geometry_msgs/msg/Transform."""

    translation: Vector3
    rotation: Quaternion


@dataclass
class TransformStamped(IdlStruct, typename='geometry_msgs::msg::dds_::TransformStamped_'):
    """geometry_msgs/msg/TransformStamped."""

    header: Header
    child_frame_id: str
    transform: Transform


class SerializedTFMessage(IdlStruct, typename='tf2_msgs::msg::dds_::TFMessage_'):
    """A tf2_msgs/msg/TFMessage that stays bytes (CDR with its encapsulation header) on the way in and out.

    Attributes:
        transforms: Announces the type; never filled.
        cdr: The bytes.
    """

    transforms: sequence[TransformStamped]

    def __init__(self, cdr: bytes) -> None:
        self.cdr = cdr

    def serialize(self, *_args: object, **_kwargs: object) -> bytes:
        """The bytes, for Cyclone's writer."""
        return self.cdr

    @classmethod
    def deserialize(cls, data: bytes, *_args: object, **_kwargs: object) -> 'SerializedTFMessage':
        """The bytes, from Cyclone's reader."""
        return cls(data)

    @classmethod
    def deserialize_key(cls, data: bytes, *_args: object, **_kwargs: object) -> 'SerializedTFMessage':
        """The key, of which the topic has none: Cyclone asks for it when a writer has gone."""
        return cls(data)
