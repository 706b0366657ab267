"""A model as `.keras` files, which hold data alone and load after `import compare_gan2`."""

import numpy as np
import tensorflow as tf

from compare_gan2.ground.keras_files import read_keras
from compare_gan2.runs.saved_networks import DISCRIMINATOR, GENERATOR


def write(folder, networks):
    """Writes `generator.keras` and, if the model has a discriminator, `discriminator.keras`."""
    networks.generator.save(folder / GENERATOR)
    if networks.judge is not None:
        networks.judge.save(folder / DISCRIMINATOR)


def outputs(folder, probe):
    """{name: array} of what the files in a folder give for the inputs of a `Probe`."""
    generator = read_keras(folder / GENERATOR)
    results = {"generate": generator(**_tensors(probe, "generate"), training=False)}
    if "discriminate" in probe.calls:
        judge = read_keras(folder / DISCRIMINATOR)
        results["discriminate"] = judge(**_tensors(probe, "discriminate"), training=False).logits[:, 0]
        if "predict_labels" in probe.calls:
            results["predict_labels"] = judge.predict_labels(**_tensors(probe, "predict_labels"))
    return {name: np.asarray(value) for name, value in results.items()}


def _tensors(probe, name):
    _, inputs = probe.calls[name]
    return {key: tf.constant(value) for key, value in inputs.items()}
