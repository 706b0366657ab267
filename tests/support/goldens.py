"""Arrays, checkpoints and runs that were recorded before: the files of tests/goldens."""

import pathlib

from compare_gan2.original.recorded_cases import read_cases

GOLDENS = pathlib.Path(__file__).resolve().parents[1] / "goldens"


def recorded_case(name):
    """The entry of a recorded case in `manifest.json`."""
    return read_cases(GOLDENS, name)[name]
