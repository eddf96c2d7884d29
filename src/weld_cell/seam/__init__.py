"""The seam point in one profile, by joint type, and the seam path through the points of a scan."""
