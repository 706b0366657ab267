"""Scores from class logits and labels."""
