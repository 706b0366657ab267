"""Flags as argparse and as absl write them, and one message for what cannot be parsed."""

import pytest

from compare_gan2.command_line import train_flags
from compare_gan2.command_line.flag_files import expanded
from compare_gan2.command_line.parser import Ended
from compare_gan2.ground.errors import ConfigError
from compare_gan2.migrate import parser as parser_with_sub_parsers


def parsed(*arguments):
    return train_flags.parser().parse_args(list(arguments))


def message(*arguments, parser=train_flags.parser):
    with pytest.raises(ConfigError) as error:
        parser().parse_args(list(arguments))
    return str(error.value)


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ([], None),
        (["--use_tpu"], True),
        (["--nouse_tpu"], False),
        (["-use_tpu"], True),
        (["-nouse_tpu"], False),
        (["--use_tpu=true"], True),
        (["--use_tpu=False"], False),
        (["--use_tpu=1"], True),
        (["--use_tpu", "--nouse_tpu"], False),
    ],
)
def test_switches(arguments, value):
    assert parsed(*arguments).use_tpu is value


def test_values():
    given = "--gin_config=a.gin --gin_config b.gin -gin_config=c.gin --metrics=fid,kid --worker_timeout 7.5"
    options = parsed(*given.split(), "--gin_bindings=a.b = -1", "-v", "1")
    assert options.gin_config == ["a.gin", "b.gin", "c.gin"] and options.gin_bindings == ["a.b = -1"]
    assert options.metrics == ["fid", "kid"] and options.worker_timeout == 7.5 and options.verbosity == 1


def test_defaults():
    options = parsed()
    assert options.gin_config == [] and options.metrics is None and options.data_fake_dataset is False
    assert options.num_eval_averaging_runs == 3 and options.data_shuffle_buffer_size == 10_000
    assert parsed("--metrics=").metrics == []


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("--model_dri=x", "unknown flag --model_dri; did you mean --model_dir?"),
        ("-model_dri=x", "unknown flag -model_dri; did you mean --model_dir?"),
        ("--model_di", "unknown flag --model_di; did you mean --model_dir?"),
        ("--qqqqqq", "unknown flag --qqqqqq"),
        ("here", "unknown arguments ['here']"),
        ("--model_dir", "--model_dir: expected one argument"),
        ("--num_devices=two", "--num_devices: expected a whole number, got 'two'"),
        ("--num_devices=0", "--num_devices: expected 1 or more, got 0"),
        ("--worker_timeout=soon", "--worker_timeout: expected a number, got 'soon'"),
        ("--worker_timeout=nan", "--worker_timeout: expected a finite number, got nan"),
        ("--use_tpu=maybe", "--use_tpu: expected true or false, got 'maybe'"),
    ],
)
def test_what_cannot_be_parsed(argument, expected):
    assert message(argument) == expected


def test_a_blank_after_a_comma_says_what_to_write():
    parser = train_flags.parser()
    with pytest.raises(ConfigError) as caught:
        parser.parse_args(["--metrics=fid,", "kid,", "prd", "--schedule=train"])
    assert str(caught.value) == "--metrics=fid, kid, prd: the blank ends the list; write --metrics=fid,kid,prd"


def test_choices_suggest_the_nearest():
    text = message("--schedule=trian")
    assert text.startswith("--schedule: expected one of train, eval_after_train, ") and "did you mean train" in text


def test_sub_parsers():
    text = message("chekpoint", parser=parser_with_sub_parsers)
    assert "got 'chekpoint'; did you mean checkpoint?" in text
    assert message("checkpoint", parser=parser_with_sub_parsers) == "expected --from, --model_dir"
    text = message("hub", "--from=a", "--outptu=b", parser=parser_with_sub_parsers)
    assert text == "unknown flag --outptu; did you mean --output?"
    assert parser_with_sub_parsers().parse_args(["hub", "-from=a", "--output=c"]).source == "a"


def test_help_ends_with_code_0(capsys):
    with pytest.raises(Ended) as ended:
        parsed("--help")
    assert ended.value.code == 0 and "--gin_config" in capsys.readouterr().out


def test_flag_file(tmp_path):
    inner, outer = tmp_path / "inner.txt", tmp_path / "outer.txt"
    inner.write_text("# a comment\n--num_devices=2\n\n// another\n")
    outer.write_text(f"--gin_bindings=a.b = 'c d'\n--flagfile={inner}\n")
    options = parsed(f"--flagfile={outer}", "--model_dir=x")
    assert options.gin_bindings == ["a.b = 'c d'"] and options.num_devices == 2 and options.model_dir == "x"
    assert expanded(["-flagfile", str(inner), "--", "--flagfile=y"]) == ["--num_devices=2", "--", "--flagfile=y"]


def test_flag_file_that_cannot_be_read(tmp_path):
    assert f"--flagfile: {tmp_path} cannot be read" in message(f"--flagfile={tmp_path}")
    assert message("--flagfile") == "--flagfile: expected the name of a file"
    (tmp_path / "a").write_text(f"--flagfile={tmp_path / 'a'}\n")
    assert "includes itself" in message(f"--flagfile={tmp_path / 'a'}")
