"""The folder of cached results."""

import os
import pathlib


def default_cache_dir():
    """Path: COMPARE_GAN2_CACHE if that is set, else compare_gan2 in the user's cache (XDG_CACHE_HOME or ~/.cache)."""
    if chosen := os.environ.get("COMPARE_GAN2_CACHE"):
        return pathlib.Path(chosen)
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "compare_gan2"
