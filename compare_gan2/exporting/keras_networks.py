"""A model as `.keras` files of Keras' own layers and operations, which hold data alone and load with Keras alone."""

import numpy as np
import tensorflow as tf

from compare_gan2.exporting.plain_keras import plain_model
from compare_gan2.exporting.signatures import judge_signature, network_signatures, truncating_signature
from compare_gan2.ground.keras_files import read_keras
from compare_gan2.runs.model_place import DISCRIMINATOR, GENERATOR
from compare_gan2.runs.plain_networks import PlainGenerator, PlainJudge, PlainNetwork


def write(folder, model, networks):
    """Writes `generator.keras` and, if the model has a discriminator, `discriminator.keras`.

    Args:
        folder: an existing folder.
        model: `Model`.
        networks: its `BakedNetworks`.

    Raises:
        ConfigError: if a network computes something that Keras has no operation for.
    """
    generate = truncating_signature(model, networks) or network_signatures(model, networks)["generate"]
    _plain(networks.generator, *generate, "generator").save(folder / GENERATOR)
    if networks.judge is not None:
        _plain(networks.judge, *judge_signature(model, networks), "discriminator").save(folder / DISCRIMINATOR)


def _plain(network, function, specs, name):
    if isinstance(network, PlainNetwork):
        return network.network

    def outputs(*inputs):
        found = function(*inputs)
        return found["images"] if "images" in found else found

    return plain_model(outputs, specs, name)


def outputs(folder, probe):
    """{name: array} of what the files in a folder give for the inputs of a `Probe`."""
    generator = PlainGenerator(read_keras(folder / GENERATOR))
    functions = {"generate": generator}
    if "truncate" in probe.calls:
        functions["truncate"] = generator
    if "discriminate" in probe.calls:
        judge = PlainJudge(read_keras(folder / DISCRIMINATOR))
        functions["discriminate"] = lambda images, labels=None: judge(images, labels).logits[:, 0]
    if "predict_labels" in probe.calls:
        functions["predict_labels"] = judge.predict_labels
    # Traced as in the model: operation by operation bfloat16 is rounded at other places.
    results = {name: tf.function(function)(**_tensors(probe, name)) for name, function in functions.items()}
    return {name: np.asarray(value) for name, value in results.items()}


def _tensors(probe, name):
    _, inputs = probe.calls[name]
    return {key: tf.constant(value) for key, value in inputs.items()}
