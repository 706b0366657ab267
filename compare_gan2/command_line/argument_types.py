"""Types of command-line arguments, with messages that say what was expected and what was received."""

import argparse
import math
import pathlib

from compare_gan2.ground.local_paths import problem_of_name, problem_of_run_folder

MANY = 10**9  # more of anything than a command could finish


def whole_number(lowest=None, highest=MANY):
    """Type of an argument: a whole number, from `lowest` to `highest`."""

    def read(text):
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a whole number, got {_cut(text)}") from None
        return _within(lowest, highest, number)

    return read


def number(lowest=None, highest=MANY):
    """Type of an argument: a finite number, from `lowest` to `highest`."""

    def read(text):
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a number, got {_cut(text)}") from None
        if not math.isfinite(value):
            raise argparse.ArgumentTypeError(f"expected a finite number, got {value}")
        return _within(lowest, highest, value)

    return read


def checkpoint_step(text):
    """Type of an argument: step of a checkpoint, or "best"."""
    return text if text == "best" else whole_number(0)(text)


def comma_list(text):
    """Type of an argument: names with commas between them, such as "fid,kid"."""
    return [part.strip() for part in text.split(",") if part.strip()]


def whole_numbers(lowest=0, highest=MANY):
    """Type of an argument: different whole numbers, from `lowest` to `highest`, with commas between them."""
    one = whole_number(lowest, highest)

    def read(text):
        found = [one(part) for part in comma_list(text)]
        if not found or len(set(found)) < len(found):
            raise argparse.ArgumentTypeError(f"expected different whole numbers with commas, got {_cut(text)}")
        return found

    return read


def number_ranges(lowest, highest, most):
    """Type of an argument: numbers above `lowest`, `most` at most, such as "0.4:1:0.1,2,none"; None for "none".

    LOW:HIGH:STEP is from LOW to HIGH, both included.
    """

    def read(text):
        found = [value for part in comma_list(text) for value in _range(part, lowest, highest, most)]
        if not 1 <= len(found) <= most:
            raise argparse.ArgumentTypeError(f"expected 1 to {most} numbers, got {len(found)} of {_cut(text)}")
        if len(set(found)) < len(found):
            raise argparse.ArgumentTypeError(f"expected different numbers, got {_cut(text)}")
        return found

    return read


def local_name(text):
    """Type of an argument: the name of a file or a folder of this machine."""
    return _named(text, problem_of_name(text))


def local_path(text):
    """Type of an argument: the same, as a `pathlib.Path`."""
    return pathlib.Path(local_name(text))


def data_folder(text):
    """Type of an argument: a folder of TensorFlow Datasets, which may be an address such as gs://BUCKET/DIR."""
    return _named(text, problem_of_name(text.replace("://", "/", 1)))


def run_folder(text):
    """Type of an argument: the name of a run's folder."""
    return _named(text, problem_of_run_folder(text))


def _range(text, lowest, highest, most):
    """List of the numbers of one part of `number_ranges`."""
    if text == "none":
        return [None]
    ends = [number(highest=highest)(end) for end in text.split(":")]
    low, high, step = ends if len(ends) == 3 else (ends[0], ends[0], 1.0)
    if len(ends) not in (1, 3) or not low <= high or not step > 0:
        raise argparse.ArgumentTypeError(f"expected a number, LOW:HIGH:STEP or none, got {_cut(text)}")
    if not low > lowest:
        raise argparse.ArgumentTypeError(f"expected numbers above {lowest}, got {_cut(text)}")
    if (high - low) / step > most:
        raise argparse.ArgumentTypeError(f"expected at most {most} numbers, got {_cut(text)}")
    # Without the rounding of steps: 0.7, not 0.7000000000000001.
    return [round(low + index * step, 9) for index in range(int((high - low) / step + 1e-6) + 1)]


def _named(text, problem):
    if problem is not None:
        raise argparse.ArgumentTypeError(f"expected the name of a file or a folder, got {problem}: {_cut(text)}")
    return text


def _within(lowest, highest, number):
    if lowest is not None and number < lowest:
        raise argparse.ArgumentTypeError(f"expected {lowest} or more, got {_cut(number)}")
    if number > highest:
        raise argparse.ArgumentTypeError(f"expected {highest} or less, got {_cut(number)}")
    return number


def _cut(value):
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}..."
