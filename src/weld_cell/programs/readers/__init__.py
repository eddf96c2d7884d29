"""Robot programs read: each language by its published grammar, apart from the writers, whose judge this is.

A reader gives the moves of a text with their targets, speeds, arc and configuration. Loops, branches and calls are
not followed: what is not a move, a datum or part of the weld is kept in `unread` and told. A broken text is a
`ProgramSyntaxError` with its line.
"""
