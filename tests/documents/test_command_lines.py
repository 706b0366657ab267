"""Every command line that a document shows can be parsed by its command, and names configurations that exist."""

import importlib
import importlib.util
import re
import shlex

import pytest

from compare_gan2.command_line.commands import COMMANDS
from compare_gan2.config import config_files
from compare_gan2.ground.errors import ConfigError
from documents import shown

BY_NAME = {command.name: command.module for command in COMMANDS}
SHIPPED = re.compile(r"(?:gin_configs/)?((?:mnist_5k|cifar10|imagenet\d+|folder|emoji|parts|studies)/[a-z0-9_]+\.gin)")
OWN_FILES = {"mine.gin", "old.gin", "NAME.gin", "..."}  # that a reader has, or is to fill in


def commands(path):
    """(module below the package, list of arguments) of the commands that a document shows."""
    lines = [line for block in shown.blocks(path) if block.language != "python" for line in shown.lines_of(block)]
    found = []
    for line in [*lines, *shown.inline_code(path)]:
        for part in re.split(r" && | \| ", line.strip().removeprefix("$ ")):
            if command := command_of(part):
                found.append(command)
    return found


def command_of(line):
    """(module, arguments) of a line; None if it is not a command of ours, or does not name a particular one."""
    if not re.match(r"(\w+=\S+ )*(python -m compare_gan2\b|compare_gan2 )", line):
        return None
    words = shlex.split(line, comments=True)
    while "=" in words[0]:
        del words[0]
    if words[0] == "python":
        module, arguments = words[2].removeprefix("compare_gan2").lstrip("."), words[3:]
        if not module and arguments:  # python -m compare_gan2 COMMAND
            module, arguments = BY_NAME.get(arguments[0], arguments[0]), arguments[1:]
    else:
        module, arguments = BY_NAME.get(words[1], words[1]), words[2:]
    return None if not module or module.isupper() or "|" in module else (module, arguments)


def problem_of(module, arguments):
    """Why a command cannot be run as it is shown; None if it can."""
    if importlib.util.find_spec(f"compare_gan2.{module}") is None:
        return "there is no such command"
    mentioned = module == "migrate" and len(arguments) < 2  # in a sentence, without what it needs
    if module not in BY_NAME.values() or mentioned or not arguments or arguments[0] == "--help":
        return None
    try:
        options = importlib.import_module(f"compare_gan2.{module}").parser().parse_args(arguments)
        for name in getattr(options, "gin_config", ()):
            if name not in OWN_FILES:
                config_files.find(name)
    except ConfigError as error:
        return str(error)
    return None


def test_a_problem_is_found():
    assert problem_of(*command_of("python -m compare_gan2.main --gin_config=s3gan.gin")) is None
    assert "unknown flag --gin_confg" in problem_of(*command_of("compare_gan2 train --gin_confg=s3gan.gin"))
    assert "no file" in problem_of(*command_of("compare_gan2 train --gin_config=mnist_5k/s3gan_co_10pct.gin"))
    assert problem_of(*command_of("python -m compare_gan2.tain --gin_config=s3gan.gin")) == "there is no such command"


@pytest.mark.parametrize("path", shown.DOCUMENTS, ids=shown.name_of)
def test_command_lines(path):
    found = commands(path)
    problems = {" ".join([module, *arguments]): problem_of(module, arguments) for module, arguments in found}
    assert not {line: problem for line, problem in problems.items() if problem}


def test_every_command_is_shown_with_arguments():
    shown_with = {module for path in shown.DOCUMENTS for module, arguments in commands(path) if arguments}
    assert set(BY_NAME.values()) <= shown_with


@pytest.mark.parametrize("path", [p for p in shown.DOCUMENTS if p.name != "CHANGELOG.md"], ids=shown.name_of)
def test_named_configurations_ship(path):
    named = set(SHIPPED.findall(path.read_text()))
    assert not {name for name in named if not (config_files.SHIPPED / name).exists()}
