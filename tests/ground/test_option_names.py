"""Names of options in messages: flags in commands, keywords in the library."""

import logging

import pytest

from compare_gan2.ground import option_names
from compare_gan2.ground.messages import log

NAMES = {name: name for name in ("metrics", "fake", "size", "classes", "trust", "tfds_data_dir")} | {
    "model_dir": "path"
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--metrics: expected names", "metrics: expected names"),
        ("--fake: /data/--fake-x is missing", "fake: /data/--fake-x is missing"),
        ("--size=N resizes, --size=32 too", "size=N resizes, size=32 too"),
        ("--classes=common compares", 'classes="common" compares'),
        ("give --trust, or (--model_dir)", "give trust=True, or (path)"),
        ("run `tfds build --data_dir=/x`", "run `tfds build --data_dir=/x`"),
    ],
)
def test_keywords_take_the_place_of_flags(text, expected):
    assert option_names.as_keywords(text, NAMES) == expected


def test_flags_stay_while_a_command_runs():
    assert not option_names.are_flags()
    with option_names.as_flags():
        assert option_names.are_flags()
    assert not option_names.are_flags()


def test_logged_messages_name_keywords(caplog):
    with caplog.at_level(logging.INFO, log.name), option_names.logged_as_keywords(NAMES):
        log.info("--fake: %d of %s", 3, "--size=N")
    log.info("--fake")
    assert caplog.messages == ["fake: 3 of size=N"]
    assert not log.filters
