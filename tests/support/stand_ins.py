"""Networks with the published signatures over fixed random weights, and NumPy's account of what they compute."""

import numpy as np
import tensorflow as tf

POOLED = 13 * 13 * 3  # 299 = 13 * 23


def stand_in_weights(width, seed):
    return np.random.RandomState(seed).normal(size=(POOLED, width)).astype(np.float32)


class StandInInception(tf.Module):
    """The signature of the published Inception over a fixed random projection of the 23x23-averaged image."""

    def __init__(self, outputs=("logits", "pool_3"), widths=(1008, 2048)):
        super().__init__()
        self.kernels = [tf.Variable(stand_in_weights(width, seed)) for seed, width in enumerate(widths)]
        self.outputs = outputs

    def project(self, images):
        pooled = tf.reshape(tf.nn.avg_pool2d(images, 23, 23, "VALID"), [-1, POOLED])
        return {name: pooled @ kernel for name, kernel in zip(self.outputs, self.kernels, strict=True)}

    @tf.function(input_signature=[tf.TensorSpec([None, 299, 299, 3], tf.float32)])
    def __call__(self, images):
        return self.project(images)


class SignatureOnly(StandInInception):
    """Cannot be called once loaded, as a SavedModel of TensorFlow 1."""

    __call__ = None

    @tf.function(input_signature=[tf.TensorSpec([None, 299, 299, 3], tf.float32, name="images")])
    def serve(self, images):
        return self.project(images)


def frozen_stand_in():
    """Bytes of a frozen graph Mul:0 -> pool_3:0 [N, 1, 1, 2048], logits:0 [N, 1008] with the same projections."""
    with tf.Graph().as_default() as graph:
        images = tf.compat.v1.placeholder(tf.float32, [None, 299, 299, 3], name="Mul")
        pooled = tf.reshape(tf.nn.avg_pool2d(images, 23, 23, "VALID"), [-1, POOLED])
        features = tf.linalg.matmul(pooled, tf.constant(stand_in_weights(2048, 1)))
        tf.reshape(features, [-1, 1, 1, 2048], name="pool_3")
        tf.linalg.matmul(pooled, tf.constant(stand_in_weights(1008, 0)), name="logits")
    return graph.as_graph_def().SerializeToString()


def expected_outputs(images):
    """(features, logits) of the stand-ins for images in [0, 1], resized bilinearly as TensorFlow 1 does."""
    images = np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images

    def weights(size):
        source = np.arange(299) * size / 299  # TensorFlow 2 would shift it by half a pixel
        low = np.floor(source).astype(int)
        matrix = np.zeros((299, size))
        np.add.at(matrix, (np.arange(299), low), 1 - (source - low))
        np.add.at(matrix, (np.arange(299), np.minimum(low + 1, size - 1)), source - low)
        return matrix

    rows = np.einsum("yh,nhwc->nywc", weights(images.shape[1]), 255.0 * images, optimize=True)
    resized = np.einsum("xw,nywc->nyxc", weights(images.shape[2]), rows, optimize=True)
    return projected((resized - 128.0) / 128.0)


def projected(prepared):
    """(features, logits) of the stand-ins for their inputs [N, 299, 299, 3]."""
    pooled = prepared.reshape(-1, 13, 23, 13, 23, 3).mean(axis=(2, 4)).reshape(-1, POOLED)
    return pooled @ stand_in_weights(2048, 1), pooled @ stand_in_weights(1008, 0)
