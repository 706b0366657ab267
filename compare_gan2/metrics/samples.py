"""Input of the metrics: generated and real images with features and logits, from one sampling and one extraction."""

import collections.abc
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class ImageSet:
    """Images in a fixed order with their features, logits and labels; None for what no chosen metric needs.

    Attributes:
        count: number of images.
        images: float32 [count, H, W, C] in [0, 1].
        features: float32 [count, num_features].
        logits: float32 [count, num_logits].
        labels: int32 [count]: the class of a real image, the class that a generated one was generated for.
    """

    count: int
    images: np.ndarray | None = None
    features: np.ndarray | None = None
    logits: np.ndarray | None = None
    labels: np.ndarray | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class GeneratorAccess:
    """The generator of a checkpoint, for metrics that differentiate it.

    Attributes:
        generate: function latents [n, z_dim] -> images [n, H, W, C] in [0, 1] for the first n labels; TensorFlow.
        latents: the first batch of the set, float32 tensor [n, z_dim].
        labels: of these latents, int32 tensor [n].
    """

    generate: collections.abc.Callable
    latents: object
    labels: object


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """One set of generated images, and everything that it is compared with.

    Attributes:
        fake: the generated images.
        real: the real images, None if there are none.
        seed: of everything that a metric draws.
        train: images that the model was trained on, as many as `real` has.
        generator: `GeneratorAccess`, None if the images do not come from a model.
        discriminator: function (images [N, H, W, C], labels [N]) -> logits [N], or None.
        progress: function (done, total) that a slow metric calls after each part.
    """

    fake: ImageSet
    real: ImageSet | None
    seed: int
    train: ImageSet | None = None
    generator: GeneratorAccess | None = None
    discriminator: collections.abc.Callable | None = None
    progress: collections.abc.Callable | None = None
