"""Networks of an export are called as those of a run are."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.runs.plain_networks import PlainGenerator, PlainJudge, wrapped


def generator(psi=False):
    inputs = {"latents": keras.Input((12,), name="latents"), "labels": keras.Input((3,), name="labels")}
    values = inputs["latents"] + keras.ops.sum(inputs["labels"], axis=1, keepdims=True)
    if psi:
        inputs["psi"] = keras.Input((1,), name="psi")
        values = values * inputs["psi"]
    return keras.Model(inputs, keras.ops.reshape(values, (-1, 2, 3, 2)))


def test_a_generator():
    plain = wrapped(generator())
    assert isinstance(plain, PlainGenerator) and not plain.truncates_w and plain.variables == []
    assert (plain.z_dim, plain.num_classes, plain.image_shape) == (12, 3, (2, 3, 2))
    found = plain(tf.zeros([2, 12]), tf.one_hot([0, -1], 3), training=False)
    np.testing.assert_array_equal(found[:, 0, 0, 0], [1.0, 0.0])


def test_truncation_of_each_row_or_none():
    plain = wrapped(generator(psi=True))
    assert plain.truncates_w
    latents, labels = tf.ones([2, 12]), tf.zeros([2, 3])
    np.testing.assert_array_equal(plain(latents, labels)[:, 0, 0, 0], [1.0, 1.0])
    np.testing.assert_array_equal(plain(latents, labels, psi=tf.constant([0.5, 0.25]))[:, 0, 0, 0], [0.5, 0.25])


@pytest.mark.parametrize("predicts", [False, True])
def test_a_judge(predicts):
    images, labels = keras.Input((2, 2, 1), name="images"), keras.Input((3,), name="labels")
    outputs = {"logits": keras.ops.sum(images, axis=(1, 2, 3)) + keras.ops.sum(labels, axis=1)}
    if predicts:
        outputs["probabilities"] = keras.ops.softmax(keras.ops.reshape(images, (-1, 4))[:, :3] + labels)
    plain = wrapped(keras.Model({"images": images, "labels": labels}, outputs))
    assert isinstance(plain, PlainJudge) and (plain.predictor is not None) == predicts
    np.testing.assert_array_equal(plain(tf.ones([2, 2, 2, 1]), tf.one_hot([0, -1], 3)).logits, [[5.0], [4.0]])
    if predicts:
        np.testing.assert_allclose(plain.predict_labels(tf.zeros([1, 2, 2, 1])), np.full([1, 3], 1 / 3), atol=1e-6)


def test_bfloat16_shows_in_any_layer():
    inputs = keras.Input((4,), name="latents")
    for dtype in ("float32", "bfloat16"):
        outputs = keras.layers.Dense(4, dtype=dtype)(inputs)
        model = keras.Model({"latents": inputs}, keras.ops.reshape(keras.ops.cast(outputs, "float32"), (-1, 2, 2, 1)))
        assert wrapped(model).compute_dtype == dtype


def test_other_models_stay_as_they_are():
    inputs = keras.Input((4,), name="vectors")
    for model in (keras.Model(inputs, inputs * 2.0), keras.Sequential([keras.layers.Dense(2)])):
        assert wrapped(model) is model
