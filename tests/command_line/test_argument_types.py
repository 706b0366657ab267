"""Arguments that are lists and ranges of numbers."""

import argparse

import pytest

from compare_gan2.command_line.argument_types import number_ranges

read = number_ranges(0, 100, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.7", [0.7]),
        ("0.4:1:0.1", [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("1:2:0.4", [1.0, 1.4, 1.8]),
        ("0.5:0.5:1, 2,none", [0.5, 2.0, None]),
    ],
)
def test_ranges_hold_both_ends_without_rounding(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 1 to 10 numbers, got 0 of ''"),
        ("1:2", "expected a number, LOW:HIGH:STEP or none, got '1:2'"),
        ("1:2:0", "expected a number, LOW:HIGH:STEP or none"),
        ("0", "expected numbers above 0, got '0'"),
        ("nan", "expected a finite number, got nan"),
        ("1:101:50", "expected 100 or less"),
        ("1:2:0.01", "expected at most 10 numbers"),
        ("1:6:1,7:12:1", "expected 1 to 10 numbers, got 12"),
        ("none,none", "expected different numbers"),
    ],
)
def test_what_is_no_range_is_refused(text, message):
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        read(text)
