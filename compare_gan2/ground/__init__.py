"""The bottom layer: errors, files, seeds, messages, progress. Nothing here knows about GANs."""
