"""States of a weld in `weld/status`, and when it starts."""

EXECUTING, FINISHED, FAILED, REPLACED, STOPPED = 'executing', 'finished', 'failed', 'replaced', 'stopped'
START_DELAY_NS = 100_000_000
"""For a goal to reach the controller before it begins."""
