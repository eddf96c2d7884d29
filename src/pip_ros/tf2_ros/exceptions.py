"""Why a transform is not to be had; names and meanings of tf2."""


class TransformException(Exception):
    """Base of every exception of tf2_ros."""


class LookupException(TransformException):
    """A frame is not known."""


class ConnectivityException(TransformException):
    """Both frames are known, and no chain of transforms connects them."""


class ExtrapolationException(TransformException):
    """The time lies outside of the samples that the buffer holds."""


class InvalidArgumentException(TransformException):
    """A frame name is empty or starts with a slash."""


class TimeoutException(TransformException):
    """Kept for `except` clauses: as with the real Buffer, a time-out ends in what was wrong at its end."""
