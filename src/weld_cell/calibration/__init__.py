"""Calibration of the cell and its file, rig.yaml."""
