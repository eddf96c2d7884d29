"""`python -m pip_ros`: the command `ros2` where its console script is not installed."""

import sys

from pip_ros.entry import main

if __name__ == '__main__':
    sys.exit(main())
