"""From a seam path to a timed robot trajectory: tool poses, inverse kinematics, timing, limits, program."""
