"""The networks of the spot welds; need torch."""
