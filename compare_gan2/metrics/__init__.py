"""Scores of generated images: networks that give features and logits, and pure functions of those arrays."""
