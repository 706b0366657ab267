"""The SavedModel has named signatures with named inputs and outputs, and any number of images."""

import numpy as np
import tensorflow as tf

from compare_gan2.exporting import saved_model


def test_it_gives_what_the_model_gives(model, networks, probe, tmp_path):
    saved_model.write(tmp_path, model, networks)
    results = saved_model.outputs(tmp_path, probe)
    assert results.keys() == probe.expected.keys()
    assert max(probe.differences("saved_model", results).values()) < 1e-5
    loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
    assert len(loaded.weights) == sum(len(network.variables) for network in (networks.generator, networks.judge))
    for count in (1, 9):
        latents = tf.random.stateless_normal([count, model.z_dim], [0, 1])
        labels = {} if model.num_classes is None else {"labels": tf.one_hot([count % 3] * count, 3)}
        images = loaded.signatures["serving_default"](latents=latents, **labels)["images"]
        expected = model.sampler.generate(latents.numpy(), labels["labels"].numpy() if labels else None)
        np.testing.assert_allclose(images, expected, atol=1e-5)
        np.testing.assert_array_equal(loaded.generate(latents, *labels.values())["images"], images)
