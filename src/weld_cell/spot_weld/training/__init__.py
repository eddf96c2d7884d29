"""How the networks of the spot welds are trained; needs torch."""
