"""The simulated cell: workpieces, line-laser camera and robot whose truth is known."""
