"""The seam between clamped plates in one image of the area camera: located, refined, measured."""
