"""GILBO, the generative information lower bound, https://arxiv.org/abs/1802.04874 (Alemi and Fischer 2018).

I(x; z) is at least the mean of log e(z|x) - log p(z) over z of the prior and x = G(z), for every distribution e. Here
e is `latent_encoder`, trained to make the mean large on images that are generated for it; the bound is the mean over
other images. In nats. Labels of conditional generators are drawn and not given to e: I(x; z) is over all classes.
"""

import dataclasses

import numpy as np

from compare_gan2.ground.image_size import in_pixels
from compare_gan2.ground.progress_callback import Counter


@dataclasses.dataclass(frozen=True)
class Bound:
    """How the bound is computed.

    Attributes:
        num_steps: updates of the encoder, a batch of generated images each.
        num_images: generated images that the bound is the mean of.
        learning_rate: of Adam at the first step; falls to 0 linearly.
    """

    num_steps: int = 1_000
    num_images: int = 10_000
    learning_rate: float = 4e-4


@dataclasses.dataclass(frozen=True, eq=False)
class Gilbo:
    """Lower bound of the mutual information of latents and images, in nats.

    Attributes:
        mean: over images that the encoder was not trained on; a deterministic generator can have any value, higher says
            that latents can be read off the images better.
        per_image: float64 [num_images].
    """

    mean: float
    per_image: np.ndarray


def gilbo(generator, bound, *, seed, progress=None):
    """`Gilbo` of a generator; the same for the same seed on the same device.

    Args:
        generator: `GeneratorAccess`.
        bound: `Bound`.
        seed: of the weights of the encoder, and of nothing else: latents follow from the generator's.
        progress: function (done, total) called after each batch.

    Raises:
        ValueError: for images smaller than the encoder takes, latents without a known density, or an encoder that
            diverges.
    """
    import keras  # here: metrics of arrays need NumPy only
    import tensorflow as tf

    from compare_gan2.metrics.model.latent_encoder import SMALLEST_SIDE, encoder, prior_of

    prior, (batch, z_dim) = prior_of(generator.distribution), generator.latents.shape
    image_shape = tuple(generator.images(generator.latents, generator.labels).shape[1:])
    if min(image_shape[:2]) < SMALLEST_SIDE:
        raise ValueError(
            f"gilbo: expected images of at least {in_pixels(SMALLEST_SIDE, SMALLEST_SIDE)}, got "
            f"{in_pixels(*image_shape[:2])}"
        )
    network = encoder(image_shape, z_dim, seed)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.PolynomialDecay(bound.learning_rate, bound.num_steps, 0.0)
    )
    optimizer.build(network.trainable_variables)

    @tf.function
    def ratios(images, latents):
        return prior.log_ratio(latents, network(images))

    @tf.function
    def update(images, latents):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(prior.log_ratio(latents, network(images, training=True)))
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))

    number_of_tests = -(-bound.num_images // batch)
    count = Counter(progress, bound.num_steps + number_of_tests)
    for number in range(bound.num_steps):
        latents, labels = generator.draw("gilbo: training", number)
        update(generator.images(latents, labels), latents)
        count()
    found = []
    for number in range(number_of_tests):
        latents, labels = generator.draw("gilbo: test", number)
        found.append(ratios(generator.images(latents, labels), latents).numpy())
        count()
    per_image = np.concatenate(found)[: bound.num_images]
    if not np.isfinite(per_image).all():
        raise ValueError(
            f"gilbo.learning_rate: the encoder diverged, expected less than {bound.learning_rate:g}; bind a smaller one"
        )
    return Gilbo(float(per_image.mean()), per_image)
