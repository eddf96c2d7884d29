"""The beat of the simulated robot."""

STATE_PERIOD_NS = 8_000_000
"""Between two of its states: 125 Hz, as the controller of a UR5e sends them."""
