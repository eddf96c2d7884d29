"""A planned weld as a robot program: moves, arm configuration, one writer a language, independent readers."""
