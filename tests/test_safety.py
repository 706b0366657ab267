"""What the package never does with the files of others: a scan of its source."""

import ast
import functools
import pathlib

import pytest

import compare_gan2

PACKAGE = pathlib.Path(compare_gan2.__file__).parent
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}
FORBIDDEN_CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "torch.load", "pandas.read_pickle"),
    *("np.fromfile", "numpy.fromfile", "tf.py_function", "tf.numpy_function", "keras.models.load_model"),
    *("tensorflow_hub.load", "archive.extract", "keras.config.enable_unsafe_deserialization"),
}
FORBIDDEN_METHODS = {"extractall", "unpack_archive"}
# Calls that are made in these places alone, which check what they read.
ONLY_IN = {
    "keras.saving.load_model": {"ground/keras_files.py"},
    "tf.saved_model.load": {"exporting/saved_model.py", "metrics/networks/saved_networks.py"},  # one it just wrote
    "tf.graph_util.import_graph_def": {"metrics/networks/saved_networks.py"},
    "tensorflow_hub.resolve": {"metrics/networks/saved_networks.py", "original/hub_module.py"},
}
# Who imports modules by name: names of the package and of installed ones, never of a file.
IMPORTS_BY_NAME = {
    *("__init__.py", "command_line/console.py", "config/option_pages.py", "ground/keras_registration.py"),
    *("metrics/__init__.py", "metrics/networks/tfgan_eval.py", "runs/declarations.py", "studies/summary.py"),
}


@functools.cache
def calls():
    """[(file, line, dotted name, call)] of every call in the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                found.append((path.relative_to(PACKAGE).as_posix(), node.lineno, ast.unparse(node.func), node))
    return found


def imported_modules(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_no_module_that_reads_pickles():
    for path in PACKAGE.rglob("*.py"):
        assert not FORBIDDEN_MODULES & set(imported_modules(ast.parse(path.read_text()))), path


def test_no_call_that_runs_what_it_reads():
    assert len(calls()) > 3000  # the scan sees the package
    wrong = [
        (file, line, name)
        for file, line, name, _ in calls()
        if name in FORBIDDEN_CALLS or "." in name and name.rpartition(".")[2] in FORBIDDEN_METHODS
    ]
    assert not wrong


def test_numpy_reads_no_objects_and_keras_no_code():
    for file, line, name, call in calls():
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert given.get("allow_pickle", "False") == "False" and given.get("shell", "False") == "False", (file, line)
        if name == "keras.saving.load_model":
            assert given["safe_mode"] == "True"


@pytest.mark.parametrize("name", sorted(ONLY_IN))
def test_what_can_run_code_is_called_in_its_place_alone(name):
    assert {file for file, _, called, _ in calls() if called == name} == ONLY_IN[name]


def test_who_imports_by_name():
    assert {file for file, _, name, _ in calls() if name.endswith("import_module")} == IMPORTS_BY_NAME
