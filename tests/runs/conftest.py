"""One short training for all tests of this folder; those that change its files take a copy."""

import shutil

import pytest
from support import tiny_architecture
from support.trained_run import trained_run


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        tiny_architecture.installed(patch)
        return trained_run(tmp_path_factory.mktemp("trained") / "run")


@pytest.fixture
def trained(trained_once, monkeypatch):
    """`Run` that has trained to step 2, with checkpoints of the steps 0, 1 and 2."""
    tiny_architecture.installed(monkeypatch)
    return trained_once


@pytest.fixture
def copied(trained, tmp_path):
    """A copy of its folder."""
    return shutil.copytree(trained.files.path, tmp_path / "run")
