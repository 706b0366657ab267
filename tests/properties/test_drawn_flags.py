"""Any flag of any command: parsed, or refused in one line, never a traceback or the end of the process."""

import importlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compare_gan2.command_line.commands import COMMANDS
from compare_gan2.command_line.parser import Ended
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.settings import CommandOptions

EXAMPLES = int(os.environ.get("EXAMPLES", "150"))
PARSERS = {}
for _command in COMMANDS:
    _module = importlib.import_module(f"compare_gan2.{_command.module}")
    PARSERS[_command.name] = _module.parser
FLAGS = {name: sorted(parser()._known_flags()) for name, parser in PARSERS.items()}
VALUES = st.one_of(
    st.sampled_from(["", " ", "0", "-1", "1", "nan", "inf", "-inf", "9" * 400, "true", "gs://b/x", "../x"]),
    st.sampled_from(["a\nb", "a\0b", "[x]", "\udc80", "s3gan.gin", "fid,kid", "a:1,b:2", "12:clean", "x" * 300]),
    st.integers().map(str),
    st.floats().map(str),
    st.text(max_size=12),
)
SINGLE = st.sampled_from(
    ["--", "-", "--help", "-v", "x", "checkpoint", "hub", "config", "--flagfile", "--flagfile=none"]
)


@st.composite
def command_lines(draw):
    """(command, arguments)."""
    name = draw(st.sampled_from(sorted(FLAGS)))
    flag = st.builds("{}{}={}".format, st.sampled_from(["--", "-", "--no"]), st.sampled_from(FLAGS[name]), VALUES)
    apart = st.builds("--{}".format, st.sampled_from(FLAGS[name]))
    return name, draw(st.lists(st.one_of(flag, flag, apart, VALUES, SINGLE), max_size=5))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(command_lines())
def test_any_flags_are_parsed_or_refused_in_one_line(capsys, drawn):
    name, arguments = drawn
    try:
        options = PARSERS[name]().parse_args(arguments)
        if name == "train" and options.model_dir is not None:
            CommandOptions(options.model_dir, options.score_filename, options.num_eval_averaging_runs)
    except Ended as ended:
        assert ended.code == 0
    except ConfigError as error:
        assert str(error)


@pytest.mark.parametrize(
    "name, argument",
    [
        ("train", "--worker_timeout=nan"),
        ("train", "--num_devices=1000000000"),
        ("train", "--model_dir=runs/[a]"),
        ("train", "--model_dir=a\nb"),
        ("train", "--model_dir=gs://bucket/run"),
        ("train", "--model_dir="),
        ("evaluate", "--seed=-1"),
        ("evaluate", "--seed=4294967296"),
        ("evaluate", "--size=0"),
        ("evaluate", "--size=1000000000"),
        ("evaluate", "--pictures=a\0b"),
        ("study", "--jobs=0"),
        ("benchmark", "--resolution=1000000000"),
        ("scaling", "--measure=1000000000"),
    ],
)
def test_values_that_no_command_can_use(name, argument):
    with pytest.raises(ConfigError, match=f"^{argument.partition('=')[0]}: expected .*, got "):
        PARSERS[name]().parse_args([argument])


@pytest.mark.parametrize("name", ["../x", "a/b.csv", "x", "training.csv", "scores_failed.csv", "..", "", "a\nb.csv"])
def test_scores_stay_in_a_file_of_the_folder(name):
    with pytest.raises(ConfigError, match="^score_filename: expected .*, got "):
        CommandOptions("run", score_filename=name)
    assert CommandOptions("run", score_filename="mine.csv").score_filename == "mine.csv"
