"""BRISQUE, a score of images without a reference (Mittal, Moorthy and Bovik, IEEE TIP 21(12), 2012)."""

import dataclasses

import numpy as np

from compare_gan2.metrics.pixels.brisque_features import brisque_features


@dataclasses.dataclass(frozen=True, eq=False)
class Brisque:
    """Scores of a set of images; lower is better.

    Attributes:
        mean: over the images.
        std: population standard deviation over the images.
        standard_error: of the mean: sample standard deviation / square root of the number; None for one image.
        per_image: float64 [N].
        model: `BrisqueModel.name`.
    """

    mean: float
    std: float
    standard_error: float | None
    per_image: np.ndarray
    model: str


def brisque(images, model, features=None, half_scale=None, progress=None):
    """`Brisque` of images by a model; no model ships with this package, see `brisque_model`.

    Args:
        images: floats in [0, 1] or bytes, [N, H, W, 1 or 3]; scored at their own size, on which the score depends.
        model: `brisque_model.BrisqueModel`.
        features: whose features, "package" or "release"; None: those that the model was made for.
        half_scale: how the second scale is made, "bicubic", "antialiased_bicubic" or "nearest"; None: as `features`.
        progress: function (done, total) called after each block of images.

    Raises:
        ValueError: as `brisque_features`.
    """
    scores = model.scores(brisque_features(images, features or model.features, half_scale, progress))
    in_order = np.sort(scores)  # sums do not depend on the order of the images
    error = float(in_order.std(ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else None
    return Brisque(float(in_order.mean()), float(in_order.std()), error, scores, model.name)
