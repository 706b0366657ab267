"""The `.keras` files hold the networks with the heads, and nothing that is code."""

import keras
import numpy as np
from support.saved_model_folders import built, saved_model_of

from compare_gan2.exporting import keras_networks
from compare_gan2.exporting.baked_networks import baked_networks
from compare_gan2.exporting.probe import probe_of


def test_they_give_what_the_model_gives(model, networks, probe, tmp_path):
    keras_networks.write(tmp_path, networks)
    results = keras_networks.outputs(tmp_path, probe)
    assert results.keys() == {name for name in probe.expected if not name.startswith("sample")}
    assert max(probe.differences("keras", results).values()) < 1e-5
    images = probe.calls["discriminate"][1]["images"]
    labels = np.array([0, 1, 2, 0, -1]) if model.num_classes else None
    judge = keras.saving.load_model(tmp_path / "discriminator.keras")
    logits = judge.predict(probe.calls["discriminate"][1], verbose=0).logits[:, 0]
    np.testing.assert_allclose(logits, model.sampler.discriminate(images, labels), atol=1e-5)


def test_a_generator_alone(tmp_path):
    model = saved_model_of(built("modular"), tmp_path / "from", discriminator=False)
    networks = baked_networks(model)
    (tmp_path / "to").mkdir()
    keras_networks.write(tmp_path / "to", networks)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["generator.keras"]
    assert keras_networks.outputs(tmp_path / "to", probe_of(model, networks)).keys() == {"generate"}
