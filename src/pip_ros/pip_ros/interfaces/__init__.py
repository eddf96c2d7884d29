"""ROS 2 interfaces that PyPI lacks, built from the generators and headers that its wheels carry."""
