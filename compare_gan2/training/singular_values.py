"""The largest singular value of the kernels of networks, without changing anything."""

import tensorflow as tf

from compare_gan2.ground.seeds import ALGORITHM
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.spectral_norm import unit
from compare_gan2.layers.weighted import KernelLayer

_ITERATIONS = 4  # from the vector of spectral norm one would do


def largest_singular_values(networks):
    """{name of a network: the largest singular value of its kernels}; networks without a kernel are left out.

    A kernel [..., columns] is flattened to [rows, columns]. Power iteration starts at the stored vector of spectral
    norm, else at a vector that is the same each time.

    Args:
        networks: Keras models or layers.
    """
    found = {}
    for network in networks:
        # What a network does not use has no kernel: the embedding of labels in unconditional models.
        values = [_sigma(layer) for layer in inner_layers(network, KernelLayer) if layer.built]
        if values:
            found[network.name] = float(tf.reduce_max(tf.stack(values)))
    return found


def _sigma(layer):
    matrix = tf.convert_to_tensor(layer.kernel)
    matrix = tf.reshape(matrix, [-1, matrix.shape[-1]])
    norm = layer.spectral_norm
    if norm is None:
        u = tf.random.stateless_normal([matrix.shape[0], 1], [0, 0], alg=ALGORITHM)
    elif norm.left:
        u = tf.convert_to_tensor(norm.u_var)
    else:
        u = tf.matmul(matrix, tf.convert_to_tensor(norm.u_var), transpose_b=True)
    for _ in range(_ITERATIONS):
        v = unit(tf.matmul(matrix, unit(u, 1e-30), transpose_a=True), 1e-30)
        u = tf.matmul(matrix, v)
    return tf.norm(u)
