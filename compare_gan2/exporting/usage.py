"""How the files of an export are used, as parts of a Markdown page."""

import math

from compare_gan2.runs.plain_networks import PSI
from compare_gan2.runs.truncation_in_w import can_truncate


def usage(model, formats):
    """A heading and blocks of code, one for each format in the folder; nothing where no file of it holds the model.

    Args:
        model: `Model`.
        formats: names of the formats.
    """
    conditional = model.num_classes is not None
    parts = []
    if "keras" in formats:
        labels = ", labels=0" if conditional else ""
        text = f'import compare_gan2 as cg\n\nmodel = cg.load(".")\nimages = model.sample(16{labels}, seed=0)  # uint8'
        given = {"latents": "latents"}
        if conditional:
            given["labels"] = f'np.eye({model.num_classes}, dtype="float32")[[0] * 16]'
        if getattr(model.generator, "truncates_w", False):
            given[PSI] = 'np.full([16, 1], 0.7, "float32")'
        inputs = "".join(f'    "{name}": {value},\n' for name, value in given.items())
        keras = (
            'import keras\nimport numpy as np\n\ngenerator = keras.saving.load_model("generator.keras")\n'
            f"{_latents(model)}inputs = {{\n{inputs}}}\nimages = generator.predict(inputs)  # float32 in [0, 1]"
        )
        parts += ["With compare_gan2:", _python(text), "With Keras alone:", _python(keras)]
    if "saved_model" in formats:
        which = "labels=tf.zeros([16], tf.int32)" if conditional else "count=tf.constant(16)"
        text = (
            'import tensorflow as tf\n\nmodel = tf.saved_model.load("saved_model")\n'
            f'sample = model.signatures["sample"]\nseed = tf.constant(0, tf.int64)\n'
            f'images = sample(seed=seed, {which}{_truncation(model)})["images"]'
        )
        parts += ["With TensorFlow alone (`print(model.signatures)` lists what it can do):", _python(text)]
    if "onnx" in formats:
        labels = f', "labels": np.eye({model.num_classes}, dtype=np.float32)[[0] * 16]' if conditional else ""
        text = (
            'import numpy as np\nimport onnxruntime\n\nsession = onnxruntime.InferenceSession("generator.onnx")\n'
            f'{_latents(model)}(images,) = session.run(["images"], {{"latents": latents{labels}}})'
        )
        parts += ["With ONNX Runtime:", _python(text)]
    return ["## Use", *parts] if parts else []


def _latents(model):
    """Lines that draw `latents` float32 [16, z_dim] from the distribution of the model's, with NumPy alone."""
    latents, shape, lines = model.latents, [16, model.z_dim], ""
    family, mean, deviation = latents.family, latents.mean, latents.stddev
    if family == "uniform":
        drawn = f"np.random.uniform({latents.minval:g}, {latents.maxval:g}, {shape})"
    elif family == "truncated_normal":
        lines = f"values = np.random.standard_normal({2 * math.prod(shape)})\n"
        drawn = f"({mean:g} + {deviation:g} * values[abs(values) < 2][: {math.prod(shape)}].reshape({shape}))"
    elif (mean, deviation) == (0.0, 1.0):
        drawn = f"np.random.standard_normal({shape})"
    else:
        drawn = f"np.random.normal({mean:g}, {deviation:g}, {shape})"
    if family not in ("normal", "truncated_normal", "uniform"):
        lines = f"# in place of latents that are {latents.description}\n"
    return f'{lines}latents = {drawn}.astype("float32")\n'


def _truncation(model):
    return ", truncation=tf.constant(0.0)" if can_truncate(model) else ""


def _python(text):
    return f"```python\n{text}\n```"
