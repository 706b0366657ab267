"""Before TensorFlow starts: two logical CPU devices, every name declared, a cache of the tests' own. Slow tests."""

import gc
import os
import pathlib
import signal

# oneDNN's allocator gives nothing back: a worker of the tests would grow to 9 GB. Set before TensorFlow starts.
os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")

import keras  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
from support import tiny_architecture  # noqa: E402

from compare_gan2.metrics.pixels import brisque_model  # noqa: E402
from compare_gan2.runs.declarations import declare_all  # noqa: E402

declare_all()
# A shell that starts the tests in the background has them ignore it, and tests that raise it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
_CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_CPU, [tf.config.LogicalDeviceConfiguration()] * 2)


# Files of few slow tests that take minutes: begun last, they would keep one of two workers waiting for the other.
BEGUN_FIRST = (
    "documents/test_python_blocks.py",
    "documents/test_notebooks.py",
    "documents/test_notebook.py",
    "config/test_folder_configs.py",
    "diagnosis/test_resume.py",
    "end_to_end/test_damaged_files.py",
    "end_to_end/test_determinism.py",
    "original/test_original_configs.py",
    "original/test_conformance_command.py",
    "training/test_replicated_training.py",
    "training/test_lowering.py",
    "runs/test_train.py",
)
SLOW_TESTS = pathlib.Path(__file__).with_name("slow_tests.txt")
STALE = pytest.StashKey()  # tests that the file lists and that do not exist


@pytest.hookimpl(tryfirst=True)  # before pytest selects by markers
def pytest_collection_modifyitems(config, items):
    """Marks what `slow_tests.txt` lists: tests that took long, of which each module has quicker ones too."""
    listed = set(SLOW_TESTS.read_text().splitlines())
    for item in items:
        if item.nodeid in listed:
            item.add_marker(pytest.mark.slow)
    if "not slow" not in config.option.markexpr:
        items.sort(key=lambda item: not item.nodeid.partition("::")[0].endswith(BEGUN_FIRST))
    if not any("::" in argument for argument in config.args):
        collected = {item.nodeid.partition("::")[0] for item in items}
        unknown = listed - {item.nodeid for item in items}
        # Not an error here: a worker of pytest-xdist would end without a word.
        config.stash[STALE] = sorted(test for test in unknown if test.partition("::")[0] in collected)


def pytest_collection_finish():
    """Millions of objects that were imported are not gone through again for garbage, which took a tenth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPARE_GAN2_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def empty_working_directory(tmp_path_factory):
    """What a reader's own commands left in `runs/` of the checkout is not what tests find."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("working_directory"))
        yield


@pytest.fixture(autouse=True, scope="session")
def tiny_arch():
    """`options.architecture = "tiny_arch"` works; not while tests are collected, of which some go through all names."""
    with pytest.MonkeyPatch.context() as patch:
        tiny_architecture.installed(patch)
        yield


BRISQUE_FOLDER = brisque_model.package_folder()


@pytest.fixture(autouse=True)
def no_brisque_package(monkeypatch):
    """Rows of all metrics are the same whether the package brisque is installed or not."""
    monkeypatch.setattr(brisque_model, "package_folder", lambda: None)
    brisque_model.of_options.cache_clear()


@pytest.fixture
def brisque_package(monkeypatch, no_brisque_package):
    """The installed package brisque, for tests of its scores; without it they are skipped."""
    if BRISQUE_FOLDER is None:
        pytest.skip(f"needs the model of the package brisque: {brisque_model.INSTALL}")
    monkeypatch.setattr(brisque_model, "package_folder", lambda: BRISQUE_FOLDER)


@pytest.fixture(autouse=True)
def seeds():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="module")
def unoptimized():
    """Graphs as they are traced: optimizing large ones takes longer than a few steps."""
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture
def stale_slow_tests(pytestconfig):
    """Tests that `slow_tests.txt` lists and that do not exist, of the files that were collected."""
    return pytestconfig.stash.get(STALE, [])
