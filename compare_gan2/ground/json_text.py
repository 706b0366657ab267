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
