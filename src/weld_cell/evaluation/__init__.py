"""How good the cell is, measured on the simulator and on labelled images: what `weld_cell evaluate` prints."""
