"""One file per node of the graph, each a thin shell around a stage."""
