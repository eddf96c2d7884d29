"""The node that records a run says before the run whether it can."""

import pytest
import rclpy

from weld_cell.errors import ConfigurationError
from weld_cell.nodes.run_recorder import RunRecorder


def test_a_folder_that_cannot_be_written_is_named_at_the_start(tmp_path):
    (tmp_path / 'file').touch()
    rclpy.init(args=['--ros-args', '-p', f'folder:={tmp_path / "file"}'])
    try:
        with pytest.raises(ConfigurationError, match='file: cannot be written'):
            RunRecorder()
    finally:
        rclpy.shutdown()
