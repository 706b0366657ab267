"""Scores of a checkpoint or of a folder of images: one sampling, one extraction, every metric, one protocol."""
