"""`compare_gan2 COMMAND`: which commands there are, and what an unknown one gets."""

import importlib

import pytest
from support import tiny_run

import compare_gan2
from compare_gan2.command_line.commands import COMMANDS, command_named
from compare_gan2.command_line.console import main

NAMES = [command.name for command in COMMANDS]


@pytest.mark.parametrize("argument", ["--help", "-h", "help"])
def test_help_lists_every_command_with_one_line(argument, capsys):
    assert main([argument]) == 0
    out = capsys.readouterr().out
    for command in COMMANDS:
        assert f"  {command.name} " in out and command.summary in out
        assert len(command.summary) < 80


def test_names_are_unique_and_modules_have_what_a_command_has():
    assert len(set(NAMES)) == len(NAMES)
    for command in COMMANDS:
        module = importlib.import_module(f"compare_gan2.{command.module}")
        assert callable(module.parser) and callable(module.main)
        assert command_named(command.name) is command


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"compare_gan2 {compare_gan2.__version__}\n"


def test_unknown_command_suggests_the_nearest(capsys):
    assert main(["evalute", "--fake=x"]) == 2
    assert capsys.readouterr().err.endswith(", got 'evalute'; did you mean evaluate?\n")


def test_no_command_at_all(capsys):
    assert main([]) == 2
    printed = capsys.readouterr()
    assert "usage: compare_gan2 COMMAND" in printed.out and "expected a command, one of train, " in printed.err


@pytest.mark.parametrize("arguments", [["conformance", "--help"], ["help", "conformance"]])
def test_arguments_reach_the_command(arguments, capsys):
    assert main(arguments) == 0
    assert "usage: compare_gan2 conformance" in capsys.readouterr().out


@pytest.mark.parametrize("module", ["compare_gan2", "compare_gan2.main"])
def test_both_addresses_are_the_same_command(module, tmp_path):
    command = [] if module == "compare_gan2.main" else ["train"]
    result = tiny_run.result(tiny_run.start_python("-m", module, *command, "--gin_config=nowhere.gin", cwd=tmp_path))
    assert result.code == 2
    assert tiny_run.error_line(result).startswith("error: --gin_config: there is no file nowhere.gin")
