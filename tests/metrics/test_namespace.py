"""`compare_gan2.metrics` as a namespace of functions: lazy, of one name each, and in NumPy alone where it says so."""

import importlib
import inspect
import pathlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

from compare_gan2 import metrics
from compare_gan2.metrics import registry

IN_NUMPY = """
import sys
import numpy as np
from compare_gan2 import metrics
assert "numpy" not in dir(metrics) and "compare_gan2.metrics.distances" not in sys.modules
random = np.random.RandomState(0)
real, fake = random.normal(size=(2, 60, 4))
labels = np.arange(60) % 2
metrics.kid(real, fake), metrics.kid_of_subsets(real, fake, subset_size=20, num_subsets=2)
metrics.precision_recall(real, fake), metrics.density_coverage(real, fake), metrics.fid_infinity(real, fake, seed=0)
metrics.intra_class_fid(real, labels, fake, labels), metrics.fractal_dimension(real, seed=0, num_seeds=10)
metrics.classifier_score_of_splits(real), metrics.conditional_accuracy(real, labels)
metrics.neighbour_agreement(real, labels, fake, labels)
metrics.discriminator_accuracy(real[:, 0], real[:, 1], fake[:, 0]), metrics.jacobian_conditioning(real[:, :, None])
import compare_gan2.metrics.table
loaded = [name for name in ("tensorflow", "keras", "sklearn", "matplotlib", "tensorflow_gan") if name in sys.modules]
assert not loaded, loaded
metrics.prd(real, fake, seed=0, num_clusters=4), metrics.classification_accuracy(real, labels, fake, labels)
assert "tensorflow" not in sys.modules
"""


def test_functions_are_those_of_their_modules():
    for name in metrics.__all__:
        function = getattr(metrics, name)
        assert inspect.isfunction(function) and function.__name__ == name
        assert inspect.unwrap(function) is getattr(importlib.import_module(function.__module__), name)
        assert "Args:" in function.__doc__ and "Raises:" in function.__doc__
    assert set(metrics.__all__) <= set(dir(metrics))
    with pytest.raises(AttributeError, match="module 'compare_gan2.metrics' has no attribute 'fidd'"):
        metrics.fidd  # noqa: B018


def test_no_module_takes_the_name_of_a_function():
    modules = {module.name for module in pkgutil.iter_modules([str(pathlib.Path(metrics.__file__).parent)])}
    assert not modules & set(metrics.__all__)


def test_every_shipped_metric_of_arrays_is_a_function_here():
    functions = {metric.declared for metric in registry.METRICS.values() if metric.declared is not metric.compute}
    assert (
        functions == {inspect.unwrap(getattr(metrics, name)) for name in metrics.__all__} & functions
        and len(functions) == 17
    )


def test_functions_of_arrays_need_numpy_alone():
    done = subprocess.run([sys.executable, "-c", IN_NUMPY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_score_of_images_and_one_of_features():
    images = np.random.RandomState(0).uniform(size=(8, 32, 32, 3))
    assert 0 < metrics.ms_ssim(images, seed=0, num_batches=1, batch_size=4) < 1
    assert metrics.fid(images[:, 0, :3, 0], images[:, 0, :3, 0]) == pytest.approx(0, abs=1e-9)
