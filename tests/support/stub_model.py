"""A `Model` whose networks are a line of NumPy, for tests of what is drawn with it."""

import types

import numpy as np

from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.runs.trained_model import Model

NAMES = ("cat", "dog", "horse")


class Networks:
    """In place of a `Sampler`: the first latent sets the upper half of an image, the class its lower half."""

    weights, generator = "ema", None

    def __init__(self, num_classes, channels):
        self.gan = types.SimpleNamespace(image_shape=(4, 4, channels), z_dim=5, num_classes=num_classes)

    def generate(self, latents, labels, batch_size=64, on_images=None):
        images = np.empty([len(latents), *self.gan.image_shape], np.float32)
        images[:, :2] = (0.5 + np.tanh(latents[:, :1]) / 2)[:, :, None, None]
        images[:, 2:] = 0.0 if labels is None else (labels @ np.linspace(0, 1, labels.shape[1]))[:, None, None, None]
        return images


def stub_model(num_classes=3, names=NAMES, channels=1, step=7):
    """`Model` of images [4, 4, channels]; without classes if `num_classes` is None."""
    names = None if num_classes is None else names
    return Model(Networks(num_classes, channels), EvaluationLatents(distribution_fn=normal), names, step=step)
