"""Scores of the model itself, beside its images."""
