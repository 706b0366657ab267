"""Every binding that a document shows names a declared parameter and has a value of its type."""

import ast
import importlib.util
import re
import shlex

import pytest

import compare_gan2.studies.plan  # noqa: F401, declares study.*
from compare_gan2.config.configuration import parse
from compare_gan2.config.declare import named, selector, signature
from compare_gan2.config.matching import check_type
from compare_gan2.ground.errors import ConfigError
from documents import shown

BINDING = re.compile(r"([A-Za-z_][\w./]*)\.(\w+) *= *(\S.*)")
FILE = re.compile(r".*\.(py|md|csv|gin|json|jsonl|png|npz|keras|ipynb|txt|h5|pb|pickle|tfrecord)")
WRONG_ON_PURPOSE = {"labels.fractoin"}  # the message that docs/library.md shows


def problem_of(name, parameter, value=None, others=()):
    """Why a binding cannot be meant; None if it can. Without a value the name alone is looked at.

    What the value refers to as `@name()` has the bindings among `others`, (name, parameter, value) each.
    """
    targets = named(name)
    if len(targets) != 1:
        return f"{len(targets)} declared objects are called {name}"
    parameters, hints = signature(targets[0])
    if parameter not in parameters:
        return f"{selector(targets[0])} has no parameter {parameter}, but {', '.join(sorted(parameters))}"
    if value is None:
        return None
    try:
        of_parts = [f"{part}.{key} = {text}" for part, key, text in others if f"@{part}()" in value]
        config = parse([], [*of_parts, f"{name}.{parameter} = {value}"])
        check_type(f"{name}.{parameter}", config.bound_value(targets[0], parameter), hints.get(parameter))
    except ConfigError as error:
        return str(error)
    return None


def is_placeholder(text):
    """Whether a name or value is a placeholder, such as METRIC.PARAMETER."""
    return text in ("METRIC", "NAME", "PARAMETER", "VALUE", "...")


def bindings(path):
    """(name, parameter, value) of the bindings in a document's code, those of commands among them."""
    found = []
    for block in shown.blocks(path):
        if block.language in ("python", "diff"):
            continue
        text = re.sub(r"^\s*#.*$", "", block.text, flags=re.MULTILINE)
        found += re.findall(r"^([A-Za-z_][\w./]*)\.(\w+) = (.+(?:\n[ \t]+.+)*(?:\n[\]})])?)", text, re.MULTILINE)
        found += [match.groups() for line in shown.lines_of(block) for match in of_flags(line)]
    for code in shown.inline_code(path):
        matches = [*of_flags(code)] if "--gin_bindings" in code else filter(None, [BINDING.fullmatch(code)])
        found += [match.groups() for match in matches]
    return [each for each in found if not any(map(is_placeholder, each))]


def of_flags(line):
    """Matches of the bindings that a command line gives."""
    if "--gin_bindings=" not in line or "bash -c" in line:
        return
    for word in shlex.split(line, comments=True):
        name, _, text = word.partition("=")
        if name == "--gin_bindings" and (match := BINDING.fullmatch(text)):
            yield match


def own_names(path):
    """Names that the Python blocks of a document declare."""
    declaration = r"@(?:metric|configurable)\(\"(\w+)\""
    return {name for text in shown.python_blocks(path) for name in re.findall(declaration, text)}


def test_a_problem_is_found():
    assert problem_of("labels", "fraction", "0.1") is None
    assert "no parameter fractoin" in problem_of("labels", "fractoin", "0.1")
    assert "expected a number above 0" in problem_of("labels", "fraction", "'ten'")
    assert "0 declared objects" in problem_of("lables", "fraction", "0.1")


@pytest.mark.parametrize("path", shown.DOCUMENTS, ids=shown.name_of)
def test_bindings(path):
    own, found = own_names(path), bindings(path)
    problems = {
        f"{name}.{parameter} = {value}": problem
        for name, parameter, value in found
        if name not in own and (problem := problem_of(name, parameter, value, found))
    }
    assert not problems


def test_bindings_are_found_where_they_are():
    found = {name for path in shown.DOCUMENTS for name, _, _ in bindings(path)}
    assert {"labels", "options", "study", "run_config", "folder", "S3GAN"} <= found


@pytest.mark.parametrize("path", [path for path in shown.DOCUMENTS if path != shown.OPTIONS], ids=shown.name_of)
def test_names_without_a_value(path):
    problems = {}
    for code in shown.inline_code(path):
        match = re.fullmatch(r"([A-Za-z_][\w.]*)\.([a-z_]\w*)", code)
        if not match or FILE.fullmatch(code) or not named(match.group(1)) or is_module(code):
            continue
        if problem := problem_of(*match.groups()):
            problems[code] = problem
    assert not problems


def is_module(name):
    """Whether a dotted name below the package, or from it on, is a module."""
    try:
        return importlib.util.find_spec(f"compare_gan2.{name.removeprefix('compare_gan2.')}") is not None
    except ModuleNotFoundError:
        return False


def keys_of(source):
    """(name, value node) of the dictionary entries in Python code that look like bindings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and re.fullmatch(r"[A-Za-z_][\w.]*\.[a-z_]\w*", str(key.value)):
                    yield key.value, value


def test_dictionaries_of_bindings():
    sources = [source for path in shown.DOCUMENTS for source in shown.python_blocks(path)]
    sources += [source for path in shown.NOTEBOOKS for source in shown.notebook_code(path)]
    found, problems = set(), {}
    for source in sources:
        for key, node in keys_of(source):
            name, _, parameter = key.rpartition(".")
            value = repr(ast.literal_eval(node)) if isinstance(node, ast.Constant) else None
            found.add(key)
            if key not in WRONG_ON_PURPOSE and (problem := problem_of(name, parameter, value)):
                problems[key] = problem
    assert not problems
    assert {"labels.fraction", "run_config.save_checkpoints_steps", *WRONG_ON_PURPOSE} <= found
