"""Where the shipped robot and procedures are."""

from pathlib import Path

CONFIG = Path(__file__).parents[2] / 'config'
URDF = str(CONFIG / 'robot' / 'arc_robot.urdf')
LIMITS = str(CONFIG / 'robot' / 'limits.yaml')
PROCEDURES = str(CONFIG / 'weld_procedures.yaml')
RIG = str(CONFIG / 'rig.yaml')
