"""`ros2 topic | service | param | node | lifecycle`: looking into a running graph."""
