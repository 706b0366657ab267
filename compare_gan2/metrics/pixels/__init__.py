"""Scores of the pixels of generated images, without a feature network."""
