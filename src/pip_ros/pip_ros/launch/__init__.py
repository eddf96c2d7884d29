"""`ros2 launch` for XML files: read (entity), parse (actions), evaluate (scope -> plan), run (processes)."""
