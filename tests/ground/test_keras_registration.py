"""`import compare_gan2` is enough for Keras to load a saved network, and leaves Keras and its import as they are."""

import ast
import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import compare_gan2
from compare_gan2.architectures import resnet_cifar
from compare_gan2.gans.heads import LinearHead
from compare_gan2.ground.keras_registration import REGISTERED, install
from compare_gan2.layers.normalization import ConditionalBatchNorm
from compare_gan2.layers.weighted import Conv2D, Dense

PACKAGE = pathlib.Path(compare_gan2.__file__).parent
ROOT = PACKAGE.parent

LOADING = """
import json, sys
sys.path.insert(0, {root!r})
for name in {order!r}:
    if name == "compare_gan2":
        import compare_gan2
        assert "keras" in sys.modules or "tensorflow" not in sys.modules
    else:
        import keras
assert not [name for name in sys.modules if name.startswith(("compare_gan2.layers", "compare_gan2.architectures"))]
assert not [finder for finder in sys.meta_path if "compare_gan2" in type(finder).__module__]
assert "compare_gan2" not in type(keras.__loader__).__module__ and keras.__spec__.loader is keras.__loader__
import numpy as np
values = np.load({folder!r} + "/values.npz")
results = {{}}
generator = keras.saving.load_model({folder!r} + "/generator.keras")
results["images"] = generator.predict({{"latents": values["latents"], "labels": values["labels"]}}, verbose=0)
discriminator = keras.saving.load_model({folder!r} + "/discriminator.keras")
results["logits"] = discriminator(values["real"], values["labels"]).logits
results["head"] = keras.saving.load_model({folder!r} + "/head.keras")(values["real"])
np.savez({folder!r} + "/results.npz", **results)
table = keras.saving.get_custom_objects()
print(json.dumps([type(generator) is table["compare_gan2.resnet_cifar>Generator"],
                  generator.batch_norm_fn is table["compare_gan2>ConditionalBatchNorm"],
                  isinstance(table["compare_gan2>WeightNormDense"](3), keras.layers.Layer)]))
"""


def run(script):
    """Standard output of a new Python."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """(folder with three saved models and inputs, {name: what they compute})."""
    folder = tmp_path_factory.mktemp("saved")
    random = np.random.RandomState(0)
    latents, labels = random.standard_normal([3, 8]).astype(np.float32), np.eye(4, dtype=np.float32)[[0, 3, 3]]
    real = random.random_sample([3, 32, 32, 3]).astype(np.float32)
    generator = resnet_cifar.Generator((32, 32, 3), batch_norm_fn=ConditionalBatchNorm)
    generator.create_variables(z_dim=8, num_classes=4)
    for variable in generator.trainable_variables:
        variable.assign(0.1 * random.standard_normal(variable.shape))
    discriminator = resnet_cifar.Discriminator(spectral_norm=True, project_y=True)
    discriminator.create_variables(image_shape=(32, 32, 3), num_classes=4)
    inputs = keras.Input((32, 32, 3))
    head = keras.Model(inputs, LinearHead(Dense(2, name="score"))(Conv2D(2, strides=2)(inputs)))
    generator.save(folder / "generator.keras")
    discriminator.save(folder / "discriminator.keras")
    head.save(folder / "head.keras")
    np.savez(folder / "values.npz", latents=latents, labels=labels, real=real)
    expected = {"images": generator(latents, labels), "logits": discriminator(real, labels).logits, "head": head(real)}
    return folder, expected


@pytest.mark.parametrize("order", [("compare_gan2", "keras"), ("keras", "compare_gan2")])
def test_a_new_process_loads_saved_networks(order, saved):
    folder, expected = saved
    lines = run(LOADING.format(root=str(ROOT), folder=str(folder), order=order)).splitlines()
    assert json.loads(lines[-1]) == [True, True, True]
    results = np.load(folder / "results.npz")
    assert np.std(expected["images"]) > 0.01
    for name, value in expected.items():
        np.testing.assert_allclose(results[name], value, rtol=1e-5, atol=1e-6, err_msg=name)


def registered_classes():
    """{registered name: module} of all classes of the package, read from their decorators."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("register_keras_serializable"):
                    package, *name = map(ast.literal_eval, call.args)
                    found[f"{package}>{(name or [node.name])[0]}"] = module
    return found


def test_the_table_lists_all_registered_classes():
    assert registered_classes() == REGISTERED


def test_registered_classes_stay_and_missing_ones_get_a_placeholder(monkeypatch):
    table = keras.saving.get_custom_objects()
    before = dict(table)
    install()
    assert table == before
    monkeypatch.delitem(table, "compare_gan2>Conv2D")
    install()
    placeholder = keras.saving.get_registered_object("compare_gan2>Conv2D")
    assert placeholder is not Conv2D
    assert (placeholder.__module__, placeholder.__name__) == (Conv2D.__module__, "Conv2D")
    assert type(placeholder(5, kernel_size=1)) is Conv2D
    config = keras.saving.serialize_keras_object(Conv2D(5, kernel_size=1))
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is Conv2D and copy.kernel_size == 1 and copy(tf.ones([1, 2, 2, 3])).shape == (1, 2, 2, 5)


FAKE = """
import importlib.util, sys
sys.path[:0] = [{root!r}, {fakes!r}]
before = list(sys.meta_path)
from compare_gan2.ground.keras_registration import install
install()
install()
"""


def fake_keras(folder, text):
    package = folder / "keras"
    package.mkdir()
    (package / "__init__.py").write_text(text)
    return FAKE.format(root=str(ROOT), fakes=str(folder))


def test_importing_another_module_and_asking_for_a_spec_keep_the_finder(tmp_path):
    script = fake_keras(tmp_path, "from keras import saving")
    (tmp_path / "keras" / "saving.py").write_text("table = {}\ndef get_custom_objects():\n    return table\n")
    script += """
import csv
spec = importlib.util.find_spec("keras")
assert spec.origin.endswith("__init__.py") and spec.loader.get_filename("keras") == spec.origin
assert "keras" not in sys.modules and importlib.util.find_spec("no_such_module") is None
import keras
assert len(keras.saving.get_custom_objects()) > 30 and "compare_gan2.layers" not in sys.modules
assert [hook for hook in sys.meta_path if getattr(hook, "package", None) != "tensorflow"] == before
assert type(keras.__loader__).__name__ == "SourceFileLoader" and importlib.reload(keras) is keras
"""
    run(script)


def test_errors_of_keras_are_raised_unchanged_and_a_second_import_works(tmp_path):
    script = fake_keras(tmp_path, "import os\nif not os.environ.get('ready'):\n    raise OSError('half an install')")
    script += """
import os
try:
    import keras
except OSError as error:
    assert str(error) == "half an install" and error.__cause__ is None and error.__context__ is None
else:
    raise SystemExit("no error")
assert "keras" not in sys.modules
os.environ["ready"] = "1"
import keras  # without a table of names
assert [hook for hook in sys.meta_path if getattr(hook, "package", None) != "tensorflow"] == before
"""
    run(script)


def test_without_keras_the_import_fails_as_usual(tmp_path):
    script = FAKE.format(root=str(ROOT), fakes=str(tmp_path))
    script += f"""
sys.path[:] = [{str(ROOT)!r}, *[path for path in sys.path if "site-packages" not in path]]
try:
    import keras
except ModuleNotFoundError as error:
    assert error.name == "keras"
else:
    raise SystemExit("no error")
"""
    run(script)


def test_installing_imports_nothing_and_is_quick():
    script = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
start, before = time.process_time(), set(sys.modules)
import compare_gan2
from compare_gan2.ground import keras_registration
keras_registration.install()
assert time.process_time() - start < 0.3
assert not {{"keras", "tensorflow", "numpy"}} & (set(sys.modules) - before)
"""
    run(script)
