"""Types of command-line arguments, with messages that say what was expected and what was received."""

import argparse
import math


def whole_number(lowest=None):
    """Type of an argument: a whole number, of at least `lowest`."""

    def read(text):
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None
        return _at_least(lowest, number)

    return read


def number(lowest=None):
    """Type of an argument: a number, of at least `lowest`."""

    def read(text):
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None
        return _at_least(lowest, value)

    return read


def comma_list(text):
    """Type of an argument: names with commas between them, such as "fid,kid"."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _at_least(lowest, number):
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"expected a finite number, got {number}")
    if lowest is not None and number < lowest:
        raise argparse.ArgumentTypeError(f"expected {lowest} or more, got {number}")
    return number
