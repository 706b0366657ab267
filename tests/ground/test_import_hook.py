"""Something of ours around the import of a package: once, and with nothing left behind."""

import importlib
import importlib.util
import sys

import pytest

from compare_gan2.ground.import_hook import ImportHook


@pytest.fixture
def package(tmp_path, monkeypatch):
    (tmp_path / "drawn_package.py").write_text("import os\nready = os.environ['DRAWN']\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "drawn_package"
    sys.modules.pop("drawn_package", None)


def test_it_runs_around_the_import_and_removes_itself(package, monkeypatch):
    monkeypatch.setenv("DRAWN", "yes")
    order, before = [], list(sys.meta_path)

    def around(run):
        order.append(package in sys.modules and hasattr(sys.modules[package], "ready"))
        run()
        order.append(sys.modules[package].ready)

    hook = ImportHook(package, around)
    hook.install()
    ImportHook(package, around).install()
    assert len(sys.meta_path) == len(before) + 1
    assert importlib.util.find_spec(package).origin.endswith("drawn_package.py") and not order
    module = importlib.import_module(package)
    assert order == [False, "yes"] and sys.meta_path == before
    assert "compare_gan2" not in type(module.__loader__).__module__
    hook.install()
    assert sys.meta_path == before  # there is nothing left to wait for


def test_an_import_that_fails_can_be_tried_again(package, monkeypatch):
    monkeypatch.delenv("DRAWN", raising=False)
    before = list(sys.meta_path)
    ImportHook(package, lambda run: run()).install()
    with pytest.raises(KeyError, match="DRAWN"):
        importlib.import_module(package)
    monkeypatch.setenv("DRAWN", "now")
    assert importlib.import_module(package).ready == "now" and sys.meta_path == before
