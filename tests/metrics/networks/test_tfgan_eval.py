import importlib
import importlib.util
import subprocess
import sys

import pytest

from compare_gan2.ground.errors import MissingPackageError
from compare_gan2.metrics.networks import tfgan_eval


def test_loads_functions_and_leaves_no_stand_in_packages():
    module = tfgan_eval.load()
    assert module.__name__ == "tensorflow_gan.python.eval"
    assert "://" in module.INCEPTION_TFHUB
    assert "tensorflow_gan" not in sys.modules
    assert "tensorflow_gan.python" not in sys.modules


def test_loads_in_a_fresh_process():
    code = "from compare_gan2.metrics.networks import tfgan_eval; print(tfgan_eval.load().__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "tensorflow_gan.python.eval", done.stderr


def test_missing_package_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"tensorflow-gan==2\.1\.0 \(it is not installed\)"):
        tfgan_eval.load.__wrapped__()


def test_version_that_does_not_load_is_one_clear_error(monkeypatch):
    def fail(name):
        raise AttributeError("module 'tensorflow' has no attribute 'estimator'")

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(
        MissingPackageError, match=r"need tensorflow-gan 2\.1\.0: .* not load: AttributeError.*estimator"
    ):
        tfgan_eval.load.__wrapped__()
    assert "tensorflow_gan" not in sys.modules


def test_version_that_lacks_a_function_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(tfgan_eval, "_NEEDED", ("classifier_score_from_logits", "score_of_the_future"))
    with pytest.raises(MissingPackageError, match=r"2\.1\.0: .* lacks score_of_the_future\)"):
        tfgan_eval.load.__wrapped__()
