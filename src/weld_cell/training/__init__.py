"""Training of networks for all stages: split by scene, loop, checkpoints, progress, export, parity.

A stage gives its network, its loss and its score (`loop.Task`) and what it learns from (`samples.SampleSet`). Only
`loop`, `state`, `checkpoints` and `export` need torch; `packages` says so before any work is done.
"""
