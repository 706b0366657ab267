"""Conditioning of a generator: how unevenly it stretches directions of its latents.

https://arxiv.org/abs/1802.08768 (Odena et al.): J is the derivative of one image by its latents, J'J the metric tensor.
"""

import dataclasses

import numpy as np

from compare_gan2.ground.progress_callback import tracked


@dataclasses.dataclass(frozen=True)
class JacobianConditioning:
    """Natural logarithms of the condition numbers of metric tensors; lower is better, 0 is best.

    Attributes:
        mean: over the samples.
        std: population standard deviation over the samples.
        count: number of samples.
    """

    mean: float
    std: float
    count: int


@dataclasses.dataclass(frozen=True, eq=False)
class TensorAnalysis:
    """Spectra of symmetric positive definite tensors [n, z_dim, z_dim].

    Attributes:
        eigenvalues: [n, z_dim], descending.
        log_determinant: [n].
        log_condition_number: [n], natural logarithm of the largest over the smallest eigenvalue.
    """

    eigenvalues: np.ndarray
    log_determinant: np.ndarray
    log_condition_number: np.ndarray


def jacobian_conditioning(jacobian):
    """`JacobianConditioning` of samples.

    Args:
        jacobian: [n, num_outputs, z_dim].

    Raises:
        ValueError: as `analyze_jacobian`.
    """
    numbers = analyze_jacobian(jacobian)[0].log_condition_number
    return JacobianConditioning(float(numbers.mean()), float(numbers.std()), len(numbers))


def analyze_jacobian(jacobian):
    """(`TensorAnalysis` of each sample's metric tensor, `TensorAnalysis` of their mean, with n = 1); float64.

    Args:
        jacobian: [n, num_outputs, z_dim].

    Raises:
        ValueError: for NaN or infinity, another shape, or a sample whose image does not change in some direction of its
            latents (its condition number is infinite).
    """
    jacobian = np.asarray(jacobian, np.float64)
    if jacobian.ndim != 3 or jacobian.size == 0:
        raise ValueError(f"jacobian: expected [samples, outputs, z_dim], got shape {jacobian.shape}")
    bad = np.flatnonzero(~np.isfinite(jacobian).all(axis=(1, 2)))
    if bad.size:
        raise ValueError(f"jacobian: {bad.size} of {len(jacobian)} samples hold NaN or infinity, the first is {bad[0]}")
    tensors = jacobian.transpose(0, 2, 1) @ jacobian
    return _analysis(tensors), _analysis(tensors.mean(axis=0, keepdims=True))


def generator_jacobian(generate, latents, progress=None):
    """Derivatives of images by their latents, float32 array [n, num_outputs, z_dim].

    Forward differentiation: one pass of the generator per dimension of the latents, whatever the size of the images.
    The result takes n * num_outputs * z_dim * 4 bytes: about 1.6 GB for 64 images of 128 x 128 x 3 and z_dim 128.

    Args:
        generate: function latents [n, z_dim] -> images [n, ...]; no image depends on the latents of another.
        latents: floating-point [n, z_dim].
        progress: function (done, total) called after each dimension.

    Raises:
        ValueError: for latents of another rank.
    """
    import tensorflow as tf  # here: the analysis above needs NumPy only

    latents = tf.convert_to_tensor(latents)
    if latents.shape.rank != 2:
        raise ValueError(f"jacobian: expected latents [n, z_dim], got shape {latents.shape}")

    @tf.function
    def derivative(direction):
        with tf.autodiff.ForwardAccumulator(latents, tf.broadcast_to(direction, latents.shape)) as accumulator:
            images = generate(latents)
        # ZERO for images that do not depend on the latents at all.
        along = accumulator.jvp(images, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return tf.reshape(along, [latents.shape[0], -1])

    z_dim = latents.shape[1]
    columns = [derivative(tf.one_hot(k, z_dim, dtype=latents.dtype)) for k in tracked(tf.range(z_dim), progress)]
    return tf.stack(columns, axis=-1).numpy()


def _analysis(tensors):
    values = np.linalg.eigvalsh(tensors)[:, ::-1]
    largest, smallest = values[:, 0], values[:, -1]
    # A smallest eigenvalue below this is only a rounding error of the largest.
    singular = np.flatnonzero(smallest <= largest * tensors.shape[-1] * np.finfo(np.float64).eps)
    if singular.size:
        raise ValueError(
            f"jacobian: {singular.size} of {len(tensors)} metric tensors are singular, the first is that of sample"
            f" {singular[0]}: some direction of the noise does not change the image"
        )
    return TensorAnalysis(values, np.log(values).sum(axis=1), np.log(largest / smallest))
