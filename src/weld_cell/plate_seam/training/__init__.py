"""Training of the network that locates plate seams; needs torch."""
