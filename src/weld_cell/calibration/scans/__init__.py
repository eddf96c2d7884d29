"""Laser plane and hand-eye of the line-laser sensor from its own scans, without a board.

What each image says is one residual per stripe point: how far, in pixels, the point is from where the target's
surface would show it. `targets` knows the surfaces, `model` the geometry and its derivatives, `fit` solves for the
sensor, the laser plane and the target together, `observability` says what the poses leave unknown, `check` compares a
scan of a known step with a calibration.
"""
