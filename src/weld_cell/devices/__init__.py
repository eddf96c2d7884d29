"""Image sources behind one protocol: files, V4L2, Allied Vision, and reconnection around any of them."""
