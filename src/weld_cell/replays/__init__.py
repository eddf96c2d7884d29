"""The replay of one bag, from its file to its result files, for `weld_cell replay` and the farm."""
