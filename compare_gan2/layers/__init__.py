"""Keras layers of the architectures: weights with spectral norm, normalisation, attention, resampling."""
