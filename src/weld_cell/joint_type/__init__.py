"""Joint type from the stripe profile: features, support vector machine, vote (Zeng et al. 2020)."""
