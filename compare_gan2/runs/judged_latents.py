"""Logits of the images of latents by a trained model's own discriminator, for what chooses or moves latents by them."""

import math

import numpy as np
import tensorflow as tf

from compare_gan2.gans.losses import LeastSquaresLeCam
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.full_batches import MULTIPLE, filled, in_full_batches


class JudgedLatents:
    """Generator and discriminator of a `Model`, one after the other.

    Args:
        model: `Model`.
        name: of the argument that needs the discriminator, "ddls" or "drs".

    Raises:
        ConfigError: if the model has no discriminator, or one whose logits do not say how real an image is.
    """

    def __init__(self, model, name):
        require_logits(model.sampler.gan, name)
        try:
            self._judge = model.sampler.judge()
        except (ConfigError, ValueError) as error:
            reason = str(error).removeprefix("discriminate: ")
            raise ConfigError(
                f"{name}: expected a model with a discriminator that can judge its images, got another: {reason}"
            ) from error
        self._generator = model.generator
        self._graph = tf.function(lambda *given: self.logits(*given)[:, 0])

    def logits(self, latents, vectors=None, psi=None):
        """Tensor float32 [N, 1] for latents [N, z_dim], label vectors [N, num_classes] or None, truncations in w."""
        psi = {} if psi is None else {"psi": psi}
        images = self._generator(latents, vectors, training=False, **psi)
        return tf.cast(self._judge(tf.cast(images, tf.float32), vectors, training=False).logits, tf.float32)

    def logits_of(self, latents, vectors, batch_size, psi):
        """Array [N] of the same, whatever the number of latents and the size of the batches.

        Raises:
            ValueError: for logits that are not finite.
        """
        count = len(latents)
        size = max(count, MULTIPLE * 2 ** math.ceil(math.log2(max(count, MULTIPLE) / MULTIPLE)))
        size = size if size < batch_size else count  # a power of two, since each size is traced
        vectors = None if vectors is None else filled(vectors, size)
        logits = in_full_batches(self._graph, filled(latents, size), vectors, batch_size, psi=psi)[:count]
        if not np.all(np.isfinite(logits)):
            raise ValueError("the discriminator gives logits that are not finite")
        return logits


def require_logits(gan, name):
    """Raises a `ConfigError` for a GAN with logits that do not say how real an image is; saved ones are not known."""
    objective = getattr(gan, "objective", None)
    if objective is None:
        return
    if not getattr(gan, "adversarial", True):
        raise ConfigError(f"{name}: expected a discriminator with an adversarial loss, got SSGAN's 'rotation_only'")
    if issubclass(objective.loss, LeastSquaresLeCam):
        raise ConfigError(f"{name}: expected logits that are positive for real images, got @least_squares_lecam")
    if objective.logits_head is not None:
        raise ConfigError(
            f"{name}: expected logits of the discriminator alone or of an S3GAN, got those of a head of "
            "ModularGAN.label_heads, which sampling does not have"
        )
