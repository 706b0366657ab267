"""Import statements of configurations: modules of records need permission, modules that fail end in one message."""

import importlib
import sys
import warnings

import pytest

from compare_gan2 import pretrain
from compare_gan2.command_line.commands import command_named
from compare_gan2.config import config_files, imports
from compare_gan2.config.configuration import parse
from compare_gan2.config.imports import is_record, modules_named
from compare_gan2.config.run_options import Options
from compare_gan2.ground import messages
from compare_gan2.ground.errors import ConfigError

CANARY = "import pathlib\npathlib.Path(__file__).with_name('canary').touch()\n"


@pytest.fixture
def make_module(tmp_path, monkeypatch):
    """Function of (name, text) that makes a module which can be imported, and is forgotten after the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def make(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        made.append(name)
        return name

    yield make
    for name in made:
        sys.modules.pop(name, None)


def test_statements_are_read_without_importing():
    text = "import a.b\n  import c as d\nfrom e.f import g\n# import h\nz.x = 'import i'\nimported = 3\n"
    assert modules_named(text) == {"a.b", "c", "e.f.g"}
    assert is_record("runs/a/operative_config-120.gin") and not is_record("runs/a/mine.gin") and not is_record(None)


def test_a_module_of_a_record_needs_permission(make_module, tmp_path):
    make_module("of_a_stranger", CANARY)
    record = tmp_path / "operative_config-7.gin"
    record.write_text("import of_a_stranger\noptions.z_dim = 3\n")
    recorded = (record, record.read_text().splitlines())
    message = (
        r"operative_config-7\.gin, line 1: import of_a_stranger: a module runs with all your rights, .* name "
        r'the module yourself \(a binding "import of_a_stranger"\), or allow all .*--allow_imports'
    )
    (tmp_path / "includes.gin").write_text("include 'operative_config-7.gin'\n")
    for arguments in ({"recorded": recorded}, {"gin_files": record}, {"gin_files": tmp_path / "includes.gin"}):
        with pytest.raises(ConfigError, match=message) as caught:
            parse(**arguments)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "canary").exists() and "of_a_stranger" not in sys.modules
    named = parse(recorded=recorded, gin_bindings=["import of_a_stranger"])
    assert named.bound_value(Options, "z_dim") == 3 and named.imports == ["import of_a_stranger"]
    assert (tmp_path / "canary").exists()
    assert parse(recorded=recorded).imports == ["import of_a_stranger"]  # imported already: this runs nothing


def test_permission_for_all(make_module, tmp_path):
    make_module("of_a_friend", CANARY)
    parse(recorded=("operative_config-7.gin", ["import of_a_friend"]), allow_imports=True)
    assert (tmp_path / "canary").exists()


def test_permission_by_the_flag_of_a_command(make_module, tmp_path, capsys):
    make_module("of_a_student", CANARY)
    record = tmp_path / "operative_config-3.gin"
    record.write_text("import of_a_student\noptions.training_stps = 3\n")
    command = ["--gin_config", str(record)]
    assert pretrain.main(command) == 2 and "--allow_imports" in capsys.readouterr().err
    assert not (tmp_path / "canary").exists()
    assert pretrain.main([*command, "--allow_imports"]) == 2
    assert "training_steps" in capsys.readouterr().err and (tmp_path / "canary").exists()
    assert not imports.are_imports_allowed()


@pytest.mark.parametrize("name", ["train", "evaluate", "pretrain", "study", "benchmark", "migrate", "doctor"])
def test_every_command_that_reads_configurations_has_the_flag(name, capsys):
    arguments = ["hub", "--help"] if name == "migrate" else ["--help"]
    assert importlib.import_module(f"compare_gan2.{command_named(name).module}").main(arguments) == 0
    assert "--allow_imports" in capsys.readouterr().out


def test_bindings_win_over_a_record():
    config = parse([], ["options.z_dim = 4"], recorded=("operative_config-0.gin", ["options.z_dim = 3"]))
    assert config.bound_value(Options, "z_dim") == 4


def test_a_module_of_ones_own_file_is_shown_and_imported(make_module, tmp_path, capsys):
    make_module("of_mine", CANARY)
    (tmp_path / "mine.gin").write_text("# of mine\nimport of_mine\n")
    with messages.shown():
        parse(tmp_path / "mine.gin")
        parse(tmp_path / "mine.gin")
    assert (tmp_path / "canary").exists()
    assert capsys.readouterr().out == f"{tmp_path / 'mine.gin'}, line 2: import of_mine\n"  # once


@pytest.mark.parametrize(
    "text, reason",
    [
        ("x = 1\nraise RuntimeError('no GPU\\nhere')", r"RuntimeError: no GPU here \(raised in .*fails\.py, line 2\)"),
        ("import sys\nsys.exit(3)", r"the module ends the program: SystemExit: 3 \(raised in .*fails\.py, line 2\)"),
        ("raise SystemExit", r"the module ends the program: SystemExit: \(raised in .*fails\.py, line 1\)"),
        ("import no_such_module_here", r"ModuleNotFoundError: No module named 'no_such_module_here' \(raised in "),
        ("def (", r"SyntaxError: invalid syntax \(fails\.py, line 1\)$"),
        (
            "class Mine(BaseException): pass\nraise Mine()",
            r"the module ends the program: Mine: \(raised in .*fails\.py, line 2\)",
        ),
        ("def f(): f()\nf()", r"RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_a_module_that_fails_is_named_with_file_and_line(text, reason, make_module, tmp_path):
    make_module("fails", text)
    (tmp_path / "mine.gin").write_text("options.z_dim = 3\nimport fails\n")
    for arguments, place in (
        ([tmp_path / "mine.gin"], r"mine\.gin, line 2: import fails"),
        (([], ["import fails"]), "--gin_bindings: 'import fails'"),
    ):
        with pytest.raises(ConfigError, match=rf"{place}: {reason}") as caught:
            parse(*arguments)
        assert "\n" not in str(caught.value)


def test_a_module_that_is_missing(tmp_path):
    with pytest.raises(
        ConfigError, match="import absent_one.part': there is no module absent_one; expected one in .*PYTHONPATH"
    ):
        parse([], ["import absent_one.part"])


def test_a_module_that_never_ends(make_module, monkeypatch):
    monkeypatch.setattr(imports, "MOST_SECONDS", 0.2)
    make_module(
        "endless", "while True:\n    try:\n        while True:\n            pass\n    except Exception:\n        pass\n"
    )
    with pytest.raises(ConfigError, match="'import endless': the import did not end within 0.2 seconds"):
        parse([], ["import endless"])


def test_a_module_may_warn_and_log(make_module):
    make_module("warns", "import warnings\nwarnings.warn('hello')\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parse([], ["import warns"])
    assert "hello" in [str(warning.message) for warning in caught]


def test_import_lines_of_a_study_leave_out_records(tmp_path):
    (tmp_path / "operative_config-3.gin").write_text("import of_a_record\n")
    (tmp_path / "mine.gin").write_text("include 'operative_config-3.gin'\nimport b.c\nfrom a import d\n")
    assert config_files.import_lines([tmp_path / "mine.gin"]) == ["import a.d", "import b.c"]
