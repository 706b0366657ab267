import keras
import numpy as np
import tensorflow as tf

from compare_gan2.pretraining.weight_average import WeightAverage


def network():
    keras.utils.set_random_seed(0)
    images = keras.Input([4])
    outputs = keras.layers.BatchNormalization(name="norm")(keras.layers.Dense(3, name="dense")(images))
    head = keras.layers.Dense(2, name="head")
    head.build([None, 3])
    return keras.Model(images, outputs), head


def test_it_predicts_in_inference_mode_with_averaged_weights_and_moments():
    extractor, head = network()
    average = WeightAverage(extractor, head, 0.9)
    images = tf.constant(np.random.RandomState(0).normal(size=[5, 4]), tf.float32)
    features, logits = average.predict(images)
    np.testing.assert_allclose(features, extractor(images, training=False), rtol=1e-6)
    np.testing.assert_allclose(logits, head(features), rtol=1e-6)
    before = [variable.numpy() for layer in (extractor, head) for variable in layer.variables]
    for layer in (extractor, head):
        for variable in layer.variables:
            variable.assign(variable + 1)
    np.testing.assert_allclose(average.predict(images)[1], logits)  # the average has not moved
    for step, moved in ((1, 1 / 2), (2, 2 / 3), (30, None)):
        average.update(tf.constant(step, tf.int64))
        if moved is not None:
            for value, start in zip(average.variables().values(), before, strict=True):
                np.testing.assert_allclose(value, start + moved, rtol=1e-5)
    average.restart()
    np.testing.assert_allclose(average.predict(images)[0], extractor(images, training=False), rtol=1e-5)


def test_names_are_those_of_the_weights():
    extractor, head = network()
    names = WeightAverage(extractor, head, 0.9).variables()
    assert "teacher/dense/kernel" in names and "teacher/head/bias" in names and "teacher/norm/moving_mean" in names
