"""`python -m pip_ros.interfaces`: make the action FollowJointTrajectory importable in this environment.

Exit codes: 0 it is, 3 there is no compiler, 1 the build failed.
"""

import sys

from pip_ros.errors import Ros2Error
from pip_ros.interfaces.build import NoCompilerError, ready

NO_COMPILER = 3


def main() -> int:
    """Build or take from the cache, install, and say which."""
    try:
        print(ready())
    except NoCompilerError as missing:
        print(missing, file=sys.stderr)
        return NO_COMPILER
    except Ros2Error as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


sys.exit(main())
