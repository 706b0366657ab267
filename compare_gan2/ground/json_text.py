"""Reads JSON that someone else may have written."""

import json


def parsed(text):
    """Value of a text or of bytes in JSON.

    Raises:
        ValueError: if it is none, or nested too deeply to be read.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def is_count(value, most=2**62):
    """Whether a value read from JSON is a whole number from 1 to `most`; True is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most
