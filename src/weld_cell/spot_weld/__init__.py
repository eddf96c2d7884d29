"""Spot welds: detection, and detection of pixels that differ from good welds."""
