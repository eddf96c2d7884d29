"""Units that several measurements have."""

from weld_cell.evaluation.figures import Unit

PERCENT = Unit('%', 1)
MILLISECONDS, MILLIMETRES = Unit('ms', 2), Unit('mm', 3)
RATIO = Unit('', 2)
