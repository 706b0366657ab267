"""Distances between the distributions of real and of generated features: FID and KID in their variants."""
