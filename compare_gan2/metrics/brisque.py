"""BRISQUE, a score of images without a reference (Mittal, Moorthy and Bovik, IEEE TIP 21(12), 2012)."""

import dataclasses

import numpy as np

from compare_gan2.metrics.brisque_features import brisque_features


@dataclasses.dataclass(frozen=True, eq=False)
class Brisque:
    """Scores of a set; low is good.

    Attributes:
        mean: over the images.
        std: over the images, divided by their number.
        per_image: float64 [N].
        model: name of the model, as `brisque_model.BrisqueModel` has it.
    """

    mean: float
    std: float
    per_image: np.ndarray
    model: str


def brisque(images, model, progress=None):
    """`Brisque` of images by a model, which there is no score without.

    Args:
        images: floats in [0, 1] or bytes, [N, H, W, 1 or 3]; scored at their own size, which matters.
        model: `brisque_model.BrisqueModel`.
        progress: function (done, total) called after each block of images.

    Raises:
        ValueError: as `brisque_features`.
    """
    scores = model.scores(brisque_features(images, progress))
    return Brisque(float(scores.mean()), float(scores.std()), scores, model.name)
