"""`--help` of every command: at once, without TensorFlow, with examples that work as shown."""

import contextlib
import importlib
import resource
import shlex

import pytest
from support import tiny_run

from compare_gan2.command_line.commands import COMMANDS, command_named
from compare_gan2.command_line.console import main
from compare_gan2.command_line.shipped_configurations import require_configuration
from compare_gan2.config.configuration import parse

NAMES = [command.name for command in COMMANDS]


def parser_of(name):
    return importlib.import_module(f"compare_gan2.{command_named(name).module}").parser()


def examples_of(name):
    """[arguments] of each example line of a help."""
    start = f"  compare_gan2 {name} "
    lines = [line for line in parser_of(name).format_help().splitlines() if line.startswith(start)]
    assert lines, f"{name} has no examples"
    return [shlex.split(line.removeprefix(start)) for line in lines]


@pytest.mark.parametrize("name", NAMES)
def test_help_takes_less_than_a_second_and_ends_with_code_0(name):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = tiny_run.result(tiny_run.start_python("-m", "compare_gan2", name, "--help"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert result.code == 0 and not result.err
    assert f"usage: compare_gan2 {name}" in result.out and "examples:" in result.out and "xit code 0" in result.out
    # Time of the processor, for the tests share it with others.
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 1


@pytest.mark.parametrize("name", NAMES)
def test_neither_import_nor_help_needs_tensorflow(name):
    code = (
        "import importlib, sys\n"
        "sys.modules.update(dict.fromkeys(['tensorflow', 'keras', 'tensorflow_datasets', 'matplotlib', 'sklearn']))\n"
        f"module = importlib.import_module('compare_gan2.{command_named(name).module}')\n"
        "assert module.main(['--help']) == 0 and module.main([*sys.argv[1:], '--qqqqqq']) == 2"
    )
    result = tiny_run.result(tiny_run.start_python("-c", code, *(["config"] if name == "migrate" else [])))
    assert result.code == 0 and result.err == "error: unknown flag --qqqqqq\n"


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_parsed_verbatim(name):
    for arguments in examples_of(name):
        options = parser_of(name).parse_args(arguments)
        files = getattr(options, "gin_config", None)
        if name == "study":
            importlib.import_module("compare_gan2.studies.plan")  # declares what a file of a study binds
        if files and name != "migrate":  # whose examples name files of the user
            require_configuration(name, files)
            assert parse(files, options.gin_bindings).bound_names


def test_an_example_that_is_cheap_runs(tmp_path, capsys):
    (tmp_path / "old.gin").write_text("options.batch_size = 64\n")
    with contextlib.chdir(tmp_path):
        assert main(["migrate", *next(e for e in examples_of("migrate") if e[0] == "config")]) == 0
    assert (tmp_path / "old.new.gin").exists(), capsys.readouterr().err
