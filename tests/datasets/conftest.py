import pytest

from compare_gan2 import configuration


@pytest.fixture(autouse=True)
def no_bindings():
    configuration.parse([], [])
