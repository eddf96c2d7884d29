"""The order of work in the cell: search, identify, track, plan, weld. Without ROS; the node is its port."""
