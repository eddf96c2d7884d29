"""The sub-commands of the command `weld_cell`, one file each: `add_arguments(parser)` and `run(arguments)`."""
