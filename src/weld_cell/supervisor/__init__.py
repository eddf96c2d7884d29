"""The cycle of the cell: search, identify, track, plan, weld. Without ROS; the node implements its port."""
