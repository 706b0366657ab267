"""Versions that are too old are refused before anything that needs them is imported, in syntax that they can read."""

import ast
import pathlib
import sys

import pytest
from support import tiny_run

import compare_gan2
from compare_gan2.command_line import required_versions
from compare_gan2.command_line.commands import COMMANDS

GOOD = {"Python": "3.11", "tensorflow": "2.21.0", "keras": "3.15.0"}
PACKAGE = pathlib.Path(compare_gan2.__file__).parent


@pytest.mark.parametrize(
    ("name", "found"), [("Python", "3.10"), ("tensorflow", "2.15.1"), ("keras", "2.15.0"), ("tensorflow", None)]
)
def test_the_message_names_the_version_that_is_too_old(name, found):
    assert required_versions.problem(GOOD) is None
    wanted = ".".join(map(str, required_versions.OLDEST[name]))
    message = required_versions.problem(GOOD | {name: found})
    assert f"compare_gan2 needs {name} {wanted} or later, found {found or 'none'}" in message


@pytest.mark.parametrize(
    ("pretence", "message"),
    [
        ("sys.version_info = (3, 8, 18, 'final', 0)", "needs Python 3.11 or later, found 3.8"),
        ("importlib.metadata.version = lambda name: '2.15.0'", "needs tensorflow 2.21 or later, found 2.15.0"),
    ],
)
def test_a_command_ends_before_tensorflow_is_imported(pretence, message):
    code = f"import importlib.metadata, runpy, sys; {pretence}; sys.modules['tensorflow'] = None; "
    run = "runpy.run_module('compare_gan2.main', run_name='__main__')"
    result = tiny_run.result(tiny_run.start_python("-c", code + run))
    assert result.code == 2
    assert message in result.err and "Traceback" not in result.err


def test_what_is_imported_before_the_check_can_be_read_by_old_pythons():
    modules = [f"compare_gan2.{command.module}" for command in COMMANDS]
    code = f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\n"
    code += "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'compare_gan2'))"
    result = tiny_run.result(tiny_run.start_python("-c", code))
    paths = [pathlib.Path(path) for path in result.out.split()]
    assert len(paths) > len(COMMANDS), result.err
    for path in paths:
        ast.parse(path.read_text(), str(path), feature_version=(3, 8))


def test_python_here_is_new_enough():
    assert sys.version_info[:2] >= required_versions.OLDEST["Python"]
    assert required_versions.problem() is None
