"""Replay of many bags on Dask, with the results of single replays.

    sources (which bags) -> run (client) -> work (worker) -> results (folder, table)

The worker returns the bytes of the result files, and the client alone writes them: a cluster may share no file system
with the client, and one writer that renames whole folders keeps a result once, whatever ran twice.
"""
