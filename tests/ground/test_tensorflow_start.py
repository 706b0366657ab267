"""TensorFlow starts late, after our own line, and without its notices."""

import logging
import os
import subprocess
import sys
import time

import pytest
from support import tiny_run

from compare_gan2.ground import tensorflow_start

ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("TF_CPP_MIN_LOG_LEVEL", "TPU_NAME")}
QUIET = "from compare_gan2.ground import tensorflow_start as start; "


def python(code, **environment):
    """Completed process of some code."""
    return subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=300
    )


def test_nothing_of_tensorflow_is_seen_on_a_cpu():
    done = python(QUIET + "start.load(); import tensorflow as tf; tf.ones(2); print(tf.config.list_physical_devices())")
    assert done.returncode == 0 and "CPU" in done.stdout
    if not tensorflow_start.has_accelerator():
        assert done.stderr == ""


def test_what_is_no_notice_comes_through():
    write = "import os; os.write(2, b'first\\nI0000 x] oneDNN custom operations are on. Off: 0\\nlast\\n')"
    done = python(QUIET + f"\nwith start._without_notices():\n    {write}\nos.write(2, b'after\\n')")
    assert done.stderr == "first\nlast\nafter\n"


def test_a_crash_while_notices_are_held_back_is_not_silent():
    done = python(QUIET + "import os\nwith start._without_notices():\n    os.abort()")
    assert done.returncode < 0 and "Fatal Python error: Aborted" in done.stderr


def test_a_user_who_wants_notices_gets_them():
    done = python(QUIET + "start.load()", TF_CPP_MIN_LOG_LEVEL="0")
    assert "oneDNN" in done.stderr or "TensorFlow" in done.stderr


@pytest.mark.parametrize(("accelerator", "level"), [(True, "2"), (False, "3")])
def test_errors_are_left_where_there_is_an_accelerator(accelerator, level, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    monkeypatch.delenv("TPU_NAME", raising=False)
    monkeypatch.setattr(tensorflow_start.glob, "glob", lambda pattern: [pattern] if accelerator else [])
    with tensorflow_start.quietly():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == level
    assert "TF_CPP_MIN_LOG_LEVEL" not in os.environ
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    with tensorflow_start.quietly():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"


IN_THE_LIBRARY = """
import logging, os, sys
filters = list(logging.getLogger("tensorflow").filters)
{}
assert "tensorflow" in sys.modules and "TF_CPP_MIN_LOG_LEVEL" not in os.environ
import tensorflow as tf
tf.function(lambda x: x + 1)(tf.ones(2)), tf.config.list_physical_devices()
import keras
assert logging.getLogger("tensorflow").filters == filters
assert not [hook for hook in sys.meta_path if "compare_gan2" in type(hook).__module__]
"""


@pytest.mark.parametrize(
    "code",
    [
        "import compare_gan2; compare_gan2.layers; compare_gan2.losses",
        pytest.param("from compare_gan2.datasets.pipeline import training_batches", marks=pytest.mark.slow),
    ],
)
def test_a_library_call_leaves_nothing_and_shows_nothing(code):
    done = python(IN_THE_LIBRARY.format(code))
    assert done.returncode == 0 and done.stdout == "", done.stderr
    if not tensorflow_start.has_accelerator():
        assert done.stderr == ""


@pytest.mark.slow
def test_an_import_of_the_user_is_left_alone():
    done = python("import compare_gan2; import tensorflow")
    assert done.returncode == 0 and ("oneDNN" in done.stderr or "TensorFlow" in done.stderr)


def test_a_gpu_without_its_libraries_is_answered_with_what_installs_them(monkeypatch):
    monkeypatch.setattr(tensorflow_start.glob, "glob", lambda pattern: [])
    assert tensorflow_start.gpu_hint() is None
    monkeypatch.setattr(tensorflow_start.glob, "glob", lambda pattern: ["/dev/nvidia0"])
    monkeypatch.setattr(tensorflow_start.importlib.util, "find_spec", lambda name: None)
    assert tensorflow_start.gpu_hint().endswith("pip install 'compare_gan2[gpu]'")


def test_the_first_line_comes_within_a_second_and_the_message_is_all_of_the_standard_error(tmp_path):
    bindings = tiny_run.arguments(tmp_path / "run", "--gin_bindings=S3GAN.use_predictr = True")
    started = time.monotonic()
    command = [sys.executable, "-m", "compare_gan2", "train", *bindings]
    process = subprocess.Popen(command, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = process.stdout.readline()
    waited = time.monotonic() - started
    result = tiny_run.result(process)
    assert first == "loading TensorFlow ...\n" and waited < 3  # a second where nothing else runs
    assert result.code == 2 and result.err == f"{tiny_run.error_line(result)}\n"
    assert "use_predictor" in result.err


def test_of_the_warnings_of_tensorflow_only_that_of_retracing_is_left_out():
    logger = logging.getLogger("tensorflow")
    texts = ["5 out of the last 11 calls to f triggered tf.function retracing. Tracing is expensive", "look out"]
    records = [logging.LogRecord("tensorflow", logging.WARNING, "", 0, text, (), None) for text in texts]
    with tensorflow_start.without_advice(), tensorflow_start.without_advice():
        assert [bool(logger.filter(record)) for record in records] == [False, True]
    assert [bool(logger.filter(record)) for record in records] == [True, True]
