"""A model as `.keras` files, which hold data alone and load after `import compare_gan2`."""

import numpy as np
import tensorflow as tf

from compare_gan2.ground.keras_files import read_keras
from compare_gan2.runs.model_place import DISCRIMINATOR, GENERATOR


def write(folder, networks):
    """Writes `generator.keras` and, if the model has a discriminator, `discriminator.keras`."""
    networks.generator.save(folder / GENERATOR)
    if networks.judge is not None:
        networks.judge.save(folder / DISCRIMINATOR)


def outputs(folder, probe):
    """{name: array} of what the files in a folder give for the inputs of a `Probe`."""
    functions = {"generate": read_keras(folder / GENERATOR)}
    if "discriminate" in probe.calls:
        judge = read_keras(folder / DISCRIMINATOR)
        functions["discriminate"] = lambda images, labels=None: judge(images, labels).logits[:, 0]
    if "predict_labels" in probe.calls:
        functions["predict_labels"] = judge.predict_labels
    # Traced as in the model: operation by operation bfloat16 is rounded at other places.
    results = {name: tf.function(function)(**_tensors(probe, name)) for name, function in functions.items()}
    return {name: np.asarray(value) for name, value in results.items()}


def _tensors(probe, name):
    _, inputs = probe.calls[name]
    return {key: tf.constant(value) for key, value in inputs.items()}
