"""The order of the modules: lower ranks know nothing of higher ones, and nothing runs in a circle."""

import ast
import graphlib
import pathlib
import re

import compare_gan2

PACKAGE = pathlib.Path(compare_gan2.__file__).parent
RANKS = (
    ("allocator", "cache_folder", "code_version", "configuration", "cost_model", "original_checkpoint", "versions"),
    ("reporting",),
    ("datasets", "layers", "options"),
    ("metrics",),
    ("architectures", "training"),
    ("evaluation", "gans"),
    ("pretraining",),
    ("gin_names",),
    ("original_notes", "original_settings", "run_pictures", "sampling"),
    ("session",),
    ("benchmarks", "original_config", "original_module", "run", "studies"),
    ("benchmark", "conformance", "evaluate", "main", "migrate", "pretrain", "scaling", "study"),
)
RANK = {name: number for number, names in enumerate(RANKS) for name in names}
TRACES = ("training/loop.py", "sampling.py", "conformance.py", "metrics/", "pretraining/", "benchmarks/")


def modules():
    """{dotted name below the package: syntax tree}."""
    trees = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        trees[".".join(parts).removesuffix("__init__").rstrip(".")] = ast.parse(path.read_text())
    return trees


MODULES = modules()


def imports(name, top_level_only=False):
    """Names, below the package, of the modules that a module imports; those inside functions too unless told not to."""
    tree = MODULES[name]
    found = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}, line {node.lineno}: relative import"
            found |= {_module_of(node.module, alias.name) for alias in node.names}
    below = {other.removeprefix("compare_gan2.") for other in found if other.startswith("compare_gan2.")}
    return below & (MODULES.keys() - {""})


def _module_of(module, name):
    is_submodule = f"{module}.{name}".removeprefix("compare_gan2.") in MODULES
    return f"{module}.{name}" if is_submodule else module


def uses(pattern):
    """{path below the package: [line numbers]} of the lines of code that match."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        lines = [number for number, line in enumerate(path.read_text().splitlines(), 1) if re.search(pattern, line)]
        if lines:
            found[str(path.relative_to(PACKAGE))] = lines
    return found


def test_every_module_has_a_rank():
    assert {name.split(".")[0] for name in MODULES} - {""} <= RANK.keys()


def test_imports_stay_in_their_package_or_point_down():
    upward = [
        f"{name} imports {other}"
        for name in MODULES
        if name
        for other in imports(name)
        if name.split(".")[0] != other.split(".")[0] and RANK[name.split(".")[0]] < RANK[other.split(".")[0]]
    ]
    assert not upward


def test_packages_of_one_rank_do_not_know_each_other():
    sideways = {
        (name.split(".")[0], other.split(".")[0])
        for name in MODULES
        if name
        for other in imports(name)
        if name.split(".")[0] != other.split(".")[0] and RANK[name.split(".")[0]] == RANK[other.split(".")[0]]
    }
    assert not sideways


def test_imports_do_not_run_in_a_circle():
    graph = {name: imports(name, top_level_only=True) - {name} for name in MODULES}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError


def test_the_package_itself_imports_nothing():
    assert not [node for node in ast.walk(MODULES[""]) if isinstance(node, (ast.Import, ast.ImportFrom))]


def test_only_main_reads_flags():
    assert uses(r"\bFLAGS\b|absl import .*\bflags\b|absl\.flags|from absl import app").keys() == {"main.py"}


def test_main_declares_nothing_to_gin():
    assert "main.py" not in uses(r"@configurable|gin\.register")


def test_gin_configurable_is_used_nowhere():
    assert not {path: lines for path, lines in uses(r"^\s*@gin\.configurable|gin\.configurable\(").items()}


def test_only_loops_sampling_and_metrics_trace():
    elsewhere = [path for path in uses(r"\btf\.function\b(?!`)") if not path.startswith(TRACES)]
    assert not elsewhere


def test_names_say_what_is_inside():
    vague = {"utils", "util", "helpers", "helper", "misc", "manager", "lib", "ops", "common"}
    assert not [name for name in MODULES if set(re.split(r"[._]", name)) & vague]
