"""Models from Keras files, made without any training: what an export needs, in a second or two."""

import numpy as np

from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.gans.discriminator_with_heads import judge_of
from compare_gan2.layers.accumulators import accumulating
from compare_gan2.runs.saved_networks import SavedNetworks
from compare_gan2.runs.trained_model import Model
from support.catalogue import GANS, filled

LATENTS = EvaluationLatents(distribution_fn=normal, stddev=0.8)


def built(name, *bindings, **changes):
    """A GAN of `catalogue.GANS`, every variable with a value that is neither 0 nor 1."""
    gan = GANS[name].with_bindings(*bindings).make(**changes)
    for network in (gan.generator, gan.discriminator, *gan.heads):
        filled(network)
    with accumulating(gan.generator):
        labels = None if gan.num_classes is None else np.eye(gan.num_classes, dtype=np.float32)
        latents = np.random.RandomState(0).standard_normal([gan.num_classes or 3, gan.z_dim]).astype(np.float32)
        gan.generator(latents, labels)
    return gan


def saved_model_of(gan, folder, latents=LATENTS, names=("zero", "one", "two"), discriminator=True):
    """`Model` of the networks of a GAN, saved with their spectral norm to a folder, which need not exist."""
    folder.mkdir(exist_ok=True)
    gan.generator.save(folder / "generator.keras")
    if discriminator:
        judge_of(gan).save(folder / "discriminator.keras")
    return Model(SavedNetworks(folder), latents, None if gan.num_classes is None else names, step=4)
