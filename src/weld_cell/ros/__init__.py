"""The only helpers that know ROS: parameters, conversions, diagnostics, QoS, transforms, start and end of a node."""
