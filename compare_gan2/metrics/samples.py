"""Input of the metrics: generated and real images with features and logits, from one sampling and one extraction."""

import collections.abc
import dataclasses

import numpy as np

from compare_gan2.metrics.row_order import shuffled_order

_ARRAYS = ("images", "features", "logits")


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

    def reordered(self, names, seed, what):
        """The set with these arrays and the labels only, in a random order that follows from what they hold.

        Args:
            names: of arrays among images, features and logits.
            seed, what: see `row_order.shuffled_order`.
        """
        arrays = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if not arrays:
            return ImageSet(self.count, labels=self.labels)
        order = shuffled_order(next(iter(arrays.values())), seed, what, self.labels)
        arrays = {name: array[order] for name, array in arrays.items()}
        return ImageSet(self.count, **arrays, labels=None if self.labels is None else self.labels[order])


@dataclasses.dataclass(frozen=True, eq=False)
class GeneratorAccess:
    """The generator of a checkpoint, for metrics that differentiate it or choose its latents.

    Attributes:
        generate: function latents [n, z_dim] -> images [n, H, W, C] in [0, 1] for the first n labels; TensorFlow.
        latents: the first batch of the set, float32 tensor [n, z_dim].
        labels: of these latents, int32 tensor [n].
        draw: function (purpose, number) -> (latents, labels) of another batch, shaped as these; a purpose is a text.
        images: function (latents [n, z_dim], labels int32 [n]) -> images [n, H, W, C] in [0, 1]; TensorFlow.
        distribution: `Latents` or `TruncatedLatents` that latents are drawn from.
    """

    generate: collections.abc.Callable
    latents: object
    labels: object
    draw: collections.abc.Callable | None = None
    images: collections.abc.Callable | None = None
    distribution: object = None


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """One set of generated images, and everything that it is compared with.

    Attributes:
        fake: the generated images.
        real: the real images, None if there are none.
        seed: of everything that a metric draws.
        train: images that the model was trained on, as many as `fake` has at most.
        training: all images that it was trained on, features only.
        generator: `GeneratorAccess`, None if the images do not come from a model.
        discriminator: function (images [N, H, W, C], labels [N]) -> logits [N], or None.
        network: `FeatureNetwork` for images of the generator; None without one, or if images are resized first.
        progress: function (done, total) that a slow metric calls after each part.
    """

    fake: ImageSet
    real: ImageSet | None
    seed: int
    train: ImageSet | None = None
    training: ImageSet | None = None
    generator: GeneratorAccess | None = None
    discriminator: collections.abc.Callable | None = None
    network: object = None
    progress: collections.abc.Callable | None = None

    def for_needs(self, needs, in_order=False):
        """The samples with what a metric reads, in an order that does not depend on the one in which images came.

        Args:
            needs: keys of `registry.NEEDS`.
            in_order: leave the images in the order in which they came.
        """
        if in_order:
            return self
        sets = {}
        for kind in ("fake", "real", "train", "training"):
            images = getattr(self, kind)
            names = [name for name in _ARRAYS if f"{kind}_{name}" in needs]
            sets[kind] = None if images is None else images.reordered(names, self.seed, f"samples: {kind}")
        return dataclasses.replace(self, **sets)
