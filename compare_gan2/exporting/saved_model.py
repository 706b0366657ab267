"""A model as a TensorFlow SavedModel: one signature for each thing that it can do, no class of this package."""

import numpy as np
import tensorflow as tf

from compare_gan2.exporting.signatures import network_signatures, sample_signature

FOLDER = "saved_model"


def write(folder, model, networks):
    """Writes `saved_model/` to a folder; the signature that a server calls by default is `generate`.

    Args:
        folder: an existing folder.
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    module = tf.Module()
    module.weights = [
        variable.value
        for network in (networks.generator, networks.judge)
        if network is not None
        for variable in network.variables
    ]
    found = {**network_signatures(model, networks), "sample": sample_signature(model, networks)}
    functions = {
        name: tf.function(function, input_signature=specs, autograph=False) for name, (function, specs) in found.items()
    }
    for name, function in functions.items():
        setattr(module, name, function)
    signatures = {name: function.get_concrete_function() for name, function in functions.items()}
    tf.saved_model.save(module, str(folder / FOLDER), {**signatures, "serving_default": signatures["generate"]})


def outputs(folder, probe):
    """{name: array} of what the SavedModel in a folder gives for the inputs of a `Probe`."""
    signatures = tf.saved_model.load(str(folder / FOLDER)).signatures
    results = {}
    for name, (signature, inputs) in probe.calls.items():
        if signature in signatures:
            given = {key: tf.constant(value) for key, value in inputs.items()}
            (results[name],) = signatures[signature](**given).values()
    return {name: np.asarray(value) for name, value in results.items()}
