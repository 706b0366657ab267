"""Where what was computed once is kept for later runs."""

import os
import pathlib


def default_cache_dir():
    """COMPARE_GAN2_CACHE if it is set, else compare_gan2 in the user's cache folder (XDG_CACHE_HOME, ~/.cache)."""
    if chosen := os.environ.get("COMPARE_GAN2_CACHE"):
        return pathlib.Path(chosen)
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "compare_gan2"
