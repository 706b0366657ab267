"""Every module that declares a name is in the list, so that a configuration can be parsed before anything is built."""

import ast
import pathlib

from support import tiny_run

import compare_gan2
from compare_gan2.config.declare import names
from compare_gan2.runs.declarations import declare_all, parse

PACKAGE = pathlib.Path(compare_gan2.__file__).parent
DECLARE = {"configurable", "optimizer", "metric", "refuse", "_entry"}
ELSEWHERE = {"compare_gan2.studies.plan": "a study is no part of a run"}


def declaring_modules():
    """Names of the modules whose code declares something when it is imported."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        top = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
        nodes = [node for statement in top for node in ast.walk(statement)]
        nodes += [d for node in tree.body if isinstance(node, ast.FunctionDef) for d in node.decorator_list]
        if any(isinstance(node, ast.Call) and getattr(node.func, "id", None) in DECLARE for node in nodes):
            found.add(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"))
    return found


SCRIPT = """
import sys, compare_gan2
print(compare_gan2.parse(['s3gan.gin'], ['options.z_dim = 60']).bound_names)
print(*sys.modules)
"""


def test_the_library_parses_with_every_name_declared():
    result = tiny_run.result(tiny_run.start_python("-c", SCRIPT))
    bound, imported = result.out.splitlines()
    assert "'options.z_dim'" in bound
    expected = declaring_modules()
    assert len(expected) > 25 and ELSEWHERE.keys() <= expected
    assert expected - set(imported.split()) == ELSEWHERE.keys()


def test_a_second_time_changes_nothing():
    before = names()
    declare_all()
    assert names() == before and {"S3GAN", "G", "options", "kid", "AdamOptimizer"} <= set(before)
    assert parse([], ["options.z_dim = 60"]).bound_names == ["options.z_dim"]
