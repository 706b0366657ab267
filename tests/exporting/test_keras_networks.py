"""The `.keras` files hold the networks with the heads, and nothing that is code."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from support.catalogue import NETWORKS
from support.saved_model_folders import built, saved_model_of

import compare_gan2
from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.exporting import keras_networks
from compare_gan2.exporting.baked_networks import baked_networks
from compare_gan2.exporting.export import export
from compare_gan2.exporting.probe import probe_of
from compare_gan2.layers.accumulators import accumulating
from compare_gan2.runs.saved_networks import SavedNetworks
from compare_gan2.runs.trained_model import Model

ALONE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("compare_gan2", "tf_keras"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import keras, numpy as np
for folder in sys.argv[1:]:
    given, expected = (dict(np.load(f"{folder}/{name}.npz")) for name in ("given", "expected"))
    generator, judge = (keras.saving.load_model(f"{folder}/{name}.keras") for name in ("generator", "discriminator"))
    images = generator.predict({value.name: given[value.name] for value in generator.inputs}, verbose=0)
    logits = judge.predict({value.name: given[value.name] for value in judge.inputs}, verbose=0)["logits"]
    np.testing.assert_allclose(images, expected["images"], atol=1e-5)
    np.testing.assert_allclose(logits, expected["logits"], rtol=1e-5, atol=1e-5)
assert "compare_gan2" not in sys.modules
"""
SEVERAL = ["biggan32", "infogan", "r3gan", "stylegan2"]


def model_of(name, folder):
    """`Model` of the networks of an architecture."""
    folder.mkdir()
    for network, file in zip(NETWORKS[name].make(), ("generator", "discriminator"), strict=True):
        with accumulating(network):
            latents, images, labels = NETWORKS[name].values(4)
            network(latents if file == "generator" else images, labels)
        network.save(folder / f"{file}.keras")
    return Model(SavedNetworks(folder), EvaluationLatents(distribution_fn=normal))


def test_keras_alone_in_a_new_process(tmp_path):
    for name in SEVERAL:
        model, folder = model_of(name, tmp_path / f"{name}_from"), tmp_path / name
        export(model, folder, ["keras"])
        latents, _, labels = (None if values is None else values.numpy() for values in NETWORKS[name].values(3))
        images = model.sampler.generate(latents, labels)
        numbers = None if labels is None else np.where(labels.any(1), labels.argmax(1), -1)
        given = {"latents": latents, "images": images, "psi": np.ones([3, 1], np.float32)}
        np.savez(folder / "given.npz", **given, **({} if labels is None else {"labels": labels}))
        np.savez(folder / "expected.npz", images=images, logits=model.sampler.discriminate(images, numbers))
    process = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, *SEVERAL], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


def test_they_give_what_the_model_gives(model, networks, probe, tmp_path):
    keras_networks.write(tmp_path, model, networks)
    results = keras_networks.outputs(tmp_path, probe)
    assert results.keys() == {name for name in probe.expected if not name.startswith("sample")}
    assert max(probe.differences("keras", results).values()) < 1e-5
    images = probe.calls["discriminate"][1]["images"]
    labels = np.array([0, 1, 2, 0, -1]) if model.num_classes else None
    judge = keras.saving.load_model(tmp_path / "discriminator.keras")
    outputs = judge.predict(probe.calls["discriminate"][1], verbose=0)
    np.testing.assert_allclose(outputs["logits"], model.sampler.discriminate(images, labels), atol=1e-5)
    assert ("probabilities" in outputs) == networks.predicts_labels


def test_a_generator_alone(tmp_path):
    model = saved_model_of(built("modular"), tmp_path / "from", discriminator=False)
    networks = baked_networks(model)
    (tmp_path / "to").mkdir()
    keras_networks.write(tmp_path / "to", model, networks)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["generator.keras"]
    assert keras_networks.outputs(tmp_path / "to", probe_of(model, networks)).keys() == {"generate"}


@pytest.mark.parametrize("name", ["bfloat16", "stylegan2"])
def test_other_networks_stay_what_they_are_through_two_exports(name, tmp_path):
    if name == "bfloat16":
        model = saved_model_of(built("s3gan", dtype="mixed_bfloat16"), tmp_path / "from")
    else:
        model = model_of(name, tmp_path / "from")
    expected = probe_of(model, baked_networks(model))
    for place in ("to", "again"):  # the second is an export of an export
        folder = export(model, tmp_path / place, ["keras"])
        results = keras_networks.outputs(folder, expected)
        assert ("truncate" in results) == (name == "stylegan2")
        expected.differences("keras", results)
        model = compare_gan2.load(folder)
        assert model.generator.compute_dtype == ("bfloat16" if name == "bfloat16" else "float32")
        assert model.generator.truncates_w == (name == "stylegan2")
    record = json.loads((folder / "export.json").read_text())
    assert record["architecture"] == ("tiny_architecture" if name == "bfloat16" else name)
    if name == "stylegan2":
        first = Model(SavedNetworks(tmp_path / "from"), EvaluationLatents(distribution_fn=normal))
        images = [m.sample(3, labels=1, truncation=0.5, dtype="float32") for m in (first, model)]
        np.testing.assert_allclose(*images, atol=1e-5)
        assert np.abs(images[0] - first.sample(3, labels=1, dtype="float32")).max() > 1e-3
