"""The order of the rooms: lower ones know nothing of higher ones, and importing a module declares and does no more."""

import ast
import collections
import functools
import graphlib
import pathlib
import re
import subprocess
import sys

import pytest

import compare_gan2
from compare_gan2.command_line.commands import COMMANDS

PACKAGE = pathlib.Path(compare_gan2.__file__).parent
RANKS = (  # of rooms; one knows only those of lower ranks
    ("ground",),
    ("config",),
    ("distribution",),
    ("augmentation", "datasets", "layers"),
    ("architectures", "training"),
    ("run_folder",),
    ("few_labels", "gans", "metrics"),
    ("reporting",),
    ("benchmarks", "evaluation", "pretraining"),
    ("original",),
    ("runs",),
    ("diagnosis", "exporting", "labelling", "sampling", "studies"),
    ("command_line",),
)
ROOMS = {name: number for number, names in enumerate(RANKS) for name in names}
LOOSE = {"", "__main__", *(command.module for command in COMMANDS)}  # files beside the rooms; "" is the package itself
MOST_LINES = 300

# Who asks a `Configuration` for anything; all others take dataclasses and plain arguments.
READERS = {
    "architectures/layer_factory.py": "`LayerSettings.from_config`, which gans/make_gan.py calls",
    "benchmarks/": "composes a training step or a sampler of its own",
    "config/": "is the configuration",
    "datasets/open_dataset.py": "from a configuration to a dataset",
    "evaluation/chosen_network.py": "which feature network a configuration means",
    "evaluation/evaluate.py": "composes the library's `evaluate`",
    "gans/make_gan.py": "from a configuration to a GAN",
    "labelling/chosen_images.py": "from a configuration to images worth a label",
    "metrics/registry.py": "options of metrics, which may be anybody's own",
    "original/": "composes the GANs of old files",
    "pretrain.py": "a command",
    "pretraining/make_inference.py": "from a configuration to an extractor",
    "pretraining/pretrain_alone.py": "composes pre-training by itself",
    "runs/": "composes runs",
    "studies/label_fractions.py": "reads one bound value of each configuration",
}
# Where computation is traced; a layer or a loss that traced itself would be traced twice.
TRACES = (
    "benchmarks/",
    "distribution/on_replicas.py",
    "exporting/",
    "layers/spectral_norm.py",
    "metrics/",
    "original/conformance.py",
    "original/field_conformance.py",
    "pretraining/self_supervised/model.py",
    "pretraining/tasks.py",
    "runs/draws.py",
    "runs/judged_latents.py",
    "runs/langevin_latents.py",
    "runs/saved_networks.py",
    "sampling/projection.py",
    "training/compiled_loop.py",
)
# What modules do at import beside imports, definitions and constants.
EFFECTS = {
    "__init__.py": "names for Keras, and functions beside the commands of their names",
    "datasets/latents.py": "declares what is refused",
    "ground/messages.py": "silences the logger unless a program listens",
    "metrics/pixels/brisque_features.py": "scales a constant",
    "metrics/table.py": "declares metrics",
    "training/optimizers.py": "declares what is refused",
}
# Calls in constants: constructors and pure functions.
PURE = re.compile(
    r"(_?[A-Z]\w*|re\.compile|np\.\w+|scipy\.special\.\w+|collections\.namedtuple|dataclasses\.\w+|logging\.getLogger"
    r"|threading\.RLock|keras\.initializers\.\w+|pathlib\.Path(\(.*\)\.\w+)?|object|sorted|tuple|frozenset|set|dict"
    r"|_imagenet|COLUMNS\.index)"
)
DECORATORS = {
    *("configurable", "optimizer", "metric", "library_call", "keras.saving.register_keras_serializable"),  # declare
    *("dataclasses.dataclass", "contextlib.contextmanager", "functools.cache", "tf.custom_gradient"),
}
PRINTS = {
    "benchmarks/metric_process.py": "a script for another interpreter",
    "benchmarks/torch_biggan.py": "a script for another interpreter",
    "ground/messages.py": "the console",
    "ground/progress.py": "lines of progress on a given stream",
    "metrics/train_classifier.py": "a script that made the shipped weights",
}
READS_FLAGS = {"metrics/train_classifier.py": "a script that made the shipped weights"}
SCRIPTS = {
    "benchmarks/metric_process.py",
    "benchmarks/torch_biggan.py",
    "config/option_pages.py",
    "metrics/train_classifier.py",
}  # `python -m`, for us
BY_NAME = {  # who imports by a name in a text, which no other test here sees
    "__init__.py": "the public names, when they are first used",
    "command_line/console.py": "the command that is asked for",
    "config/option_pages.py": "a script that writes docs/options.md about all rooms",
    "ground/keras_registration.py": "a layer when Keras first makes one",
    "metrics/__init__.py": "the public names, when they are first used",
    "metrics/networks/tfgan_eval.py": "a module of TensorFlow-GAN without its package",
    "runs/declarations.py": "all modules that declare a name",
    "studies/summary.py": "the table of shipped metrics, for its declarations alone",
}
USES_GIN = {"config/": "the only store", "original/config.py": "reads old files statement by statement"}
USES_ABSL = {"command_line/frame.py": "sets the level of TensorFlow's own messages"}


@functools.cache
def trees():
    """{path below the package: syntax tree}."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in paths}


def name_of(path):
    """Dotted name below the package of a module's path; "" is the package itself."""
    return path.removesuffix(".py").replace("/", ".").removesuffix("__init__").rstrip(".")


MODULES = {name_of(path): path for path in trees()}


def room_of(module):
    return module.split(".")[0]


def imports(module, top_level_only=False):
    """Names below the package of the modules that a module imports; those inside functions too unless told not to."""
    tree, found = trees()[MODULES[module]], set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}, line {node.lineno}: relative import"
            found |= {_module_of(node.module, alias.name) for alias in node.names}
    below = {other.removeprefix("compare_gan2.") for other in found if other.startswith("compare_gan2.")}
    return below & (MODULES.keys() - {""})


def _module_of(module, name):
    is_submodule = f"{module}.{name}".removeprefix("compare_gan2.") in MODULES
    return f"{module}.{name}" if is_submodule else module


def uses(pattern):
    """{path below the package: [line numbers]} of the lines of code that match."""
    found = {}
    for path in trees():
        lines = (PACKAGE / path).read_text().splitlines()
        numbers = [number for number, line in enumerate(lines, 1) if re.search(pattern, line)]
        if numbers:
            found[path] = numbers
    return found


def calls(name):
    """{path: [line numbers]} of the calls of a function or method of this name."""
    found = collections.defaultdict(list)
    for path, tree in trees().items():
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and name in (getattr(called, "id", None), getattr(called, "attr", None)):
                found[path].append(node.lineno)
    return dict(found)


def beside(found, allowed):
    """The paths among those found that are neither allowed nor below an allowed folder."""
    return {path: lines for path, lines in found.items() if not path.startswith(tuple(allowed))}


def test_every_file_is_in_a_room_or_a_command():
    assert {room_of(module) for module in MODULES} - LOOSE == ROOMS.keys()
    assert {module for module in MODULES if "." not in module} - ROOMS.keys() == LOOSE


def test_imports_stay_in_their_room_or_point_down():
    upward = [
        f"{module} imports {other}"
        for module in MODULES
        if room_of(module) in ROOMS
        for other in imports(module)
        if room_of(other) != room_of(module) and ROOMS.get(room_of(other), len(RANKS)) >= ROOMS[room_of(module)]
    ]
    assert not upward


def test_commands_do_not_know_each_other():
    assert not [(name, other) for name in LOOSE for other in imports(name) if other in LOOSE]
    assert imports("__main__") == {"command_line.console"}


def test_rooms_do_not_run_in_a_circle():
    graph = {room: set() for room in ROOMS}
    for module in MODULES:
        if room_of(module) in ROOMS:
            graph[room_of(module)] |= {room_of(other) for other in imports(module)} - {room_of(module)}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError


def test_modules_do_not_run_in_a_circle():
    graph = {module: imports(module, top_level_only=True) - {module} for module in MODULES if module}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError


def test_the_lowest_room_knows_only_the_version():
    above = {other for module in MODULES if room_of(module) == "ground" for other in imports(module)}
    assert {room_of(other) for other in above} <= {"ground"}
    assert list(uses(r"compare_gan2\.__version__").keys() & {f for f in trees() if f.startswith("ground/")}) == [
        "ground/code_version.py"
    ]


def test_the_package_itself_imports_no_more_than_names():
    assert {room_of(other) for other in imports("")} == {"ground"}


def test_importing_the_package_imports_nothing_heavy():
    heavy = ["tensorflow", "keras", "numpy", "gin", "PIL", "matplotlib", "sklearn", "tensorflow_datasets"]
    code = f"import sys, compare_gan2; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n" and done.stderr == ""


@pytest.mark.parametrize(
    "name",
    [
        "matplotlib",
        "onnx",
        "onnxruntime",
        "sklearn",
        "tensorflow_datasets",
        "tensorflow_gan",
        "tensorflow_hub",
        "tf2onnx",
    ],
)
def test_optional_packages_are_imported_where_they_are_used(name):
    at_import = [
        path
        for path, tree in trees().items()
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and name in {getattr(node, "module", None) or "", *(alias.name for alias in node.names)}
    ]
    assert not at_import


@pytest.mark.parametrize("path", trees())
def test_modules_only_declare_when_they_are_imported(path):
    effects = []
    for node in trees()[path].body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            functions = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
            effects += [ast.unparse(function) for function in functions if ast.unparse(function) not in DECORATORS]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(".__doc__"):
            pass  # of a named tuple
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            called = [ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)]
            effects += [name for name in called if not PURE.fullmatch(name)]
            effects += [] if isinstance(target, (ast.Name, ast.Tuple)) else [ast.unparse(target)]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            assert name_of(path) in LOOSE or path in SCRIPTS, "only a command runs"
        elif not isinstance(node, (ast.Import, ast.ImportFrom)) and ast.get_docstring(ast.Module([node], [])) is None:
            effects.append(ast.unparse(node))
    assert bool(effects) == (path in EFFECTS), effects


def test_files_are_short():
    lengths = {path: len((PACKAGE / path).read_text().splitlines()) for path in trees()}
    assert not {path: length for path, length in lengths.items() if length > MOST_LINES}
    assert not {name: lengths[MODULES[name]] for name in LOOSE - {""} if lengths[MODULES[name]] > 80}


def test_imports_come_first_everywhere():
    assert not uses(r"noqa: ?E402")


def test_only_commands_read_flags():
    assert not beside(uses(r"^\s*(import|from) argparse\b"), {"command_line/", *READS_FLAGS})
    assert not uses(r"absl import .*\b(app|flags)\b|absl\.flags|sys\.argv(?!\[1:\])")
    assert not beside(uses(r"\bsys\.argv\b"), {"command_line/", *SCRIPTS})


def test_only_commands_end_the_process():
    commands = {MODULES[name] for name in LOOSE - {""}}
    assert not beside(uses(r"\bsys\.exit\(|\bSystemExit\b"), {*commands, *SCRIPTS, "config/imports.py"})  # catches it
    assert uses(r"\bos\._exit\(").keys() == {"distribution/worker_connections.py", "ground/stop_request.py"}


def test_only_commands_print():
    commands = {MODULES[name] for name in LOOSE - {""}}
    assert not beside(calls("print"), {"command_line/", *commands, *PRINTS})


def test_nothing_logs_by_absl():
    assert not beside(uses(r"^\s*(import|from) absl\b|\btf\.get_logger\(|\btf\.compat\.v1\.logging\b"), USES_ABSL)


def test_only_the_composition_reads_a_configuration():
    for method in ("build", "arguments", "bound_value", "is_bound"):
        assert not beside(uses(rf"\bconfig\.{method}\("), READERS), method
    parsing = [module for module in MODULES if "config.configuration" in imports(module)]
    commands = {command.module for command in COMMANDS}
    assert {room_of(module) for module in parsing} - commands <= {
        *("benchmarks", "config", "evaluation", "original", "runs", "studies")
    }


def test_gin_configurable_is_used_nowhere():
    assert not uses(r"^\s*@gin\.configurable|gin\.configurable\(")
    assert not beside(uses(r"^\s*(import gin|from gin)\b"), USES_GIN)


def test_commands_declare_nothing_to_gin():
    assert not {path for path in uses(r"@configurable|gin\.register") if name_of(path) in LOOSE}


def test_only_listed_places_trace():
    assert not beside(uses(r"(\btf\.function\(|@tf\.function\b)"), TRACES)


def test_only_listed_places_import_by_name():
    assert calls("import_module").keys() == BY_NAME.keys() and not calls("__import__")


def test_every_exception_is_still_one():
    """So that no list here allows what nobody does any more."""
    assert all(any(path.startswith(place) for path in uses(r"\btf\.function\b")) for place in TRACES)
    asking = uses(r"\bconfig\.(build|arguments|bound_value|is_bound|record|defaults)\b")
    assert {place for place in READERS if not any(path.startswith(place) for path in asking)} <= {"config/"}
    assert PRINTS.keys() <= calls("print").keys()
    assert USES_ABSL.keys() <= uses(r"\bfrom absl\b").keys()
    assert READS_FLAGS.keys() <= uses(r"\bimport argparse\b").keys()


def test_names_say_what_is_inside():
    vague = {"utils", "util", "helpers", "helper", "misc", "manager", "lib", "ops", "common", "base_utils", "tools"}
    assert not [module for module in MODULES if set(re.split(r"[._]", module)) & vague]


def test_files_of_tests_have_names_of_their_own():
    """Pytest imports two files of one name from folders that are no packages as one module, and collects one."""
    folder = pathlib.Path(__file__).parent
    files = [path for path in folder.rglob("test_*.py") if not (path.parent / "__init__.py").exists()]
    counts = collections.Counter(path.name for path in files)
    assert len(files) > 100 and not [name for name, count in counts.items() if count > 1]
