"""One short training for all tests of this folder; those that change its files take a copy."""

import shutil

import pytest
from support.trained_run import trained_run


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """`Run` that has trained to step 2, with checkpoints of the steps 0, 1 and 2."""
    return trained_run(tmp_path_factory.mktemp("trained") / "run")


@pytest.fixture
def copied(trained, tmp_path):
    """A copy of its folder."""
    return shutil.copytree(trained.files.path, tmp_path / "run")
