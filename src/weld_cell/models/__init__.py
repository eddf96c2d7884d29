"""Trained weights, each with a card that says on what, when and how well."""
