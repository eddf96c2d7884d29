"""Pixels <-> metres: rigid transforms, the camera model and the laser plane. Free functions on arrays."""
