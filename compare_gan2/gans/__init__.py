"""Losses, penalties and the GAN classes that put networks, heads and losses together."""
