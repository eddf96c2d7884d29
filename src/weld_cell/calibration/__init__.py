"""What a calibration knows of the cell, and the file that keeps it."""
