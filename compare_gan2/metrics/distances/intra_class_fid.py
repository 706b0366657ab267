"""FID within each class, averaged: https://arxiv.org/abs/1802.05637 (Miyato and Koyama)."""

import dataclasses

import numpy as np

from compare_gan2.ground.progress_callback import tracked
from compare_gan2.metrics.distances.frechet import frechet_distance_of_features
from compare_gan2.metrics.input_checks import checked_features, class_labels
from compare_gan2.metrics.row_order import in_content_order


@dataclasses.dataclass(frozen=True)
class IntraClassFid:
    """Unweighted mean over the classes, and {class: FID}; lower is better."""

    mean: float
    per_class: dict[int, float]


def intra_class_fid(real_features, real_labels, fake_features, fake_labels, *, num_classes=None, progress=None):
    """`IntraClassFid` of real images of each class and the images generated for it.

    Covariances are divided by n - 1, float64. With few images per class the values are far above FID of all images.

    Args:
        real_features: [num_real, num_features].
        real_labels: integers [num_real].
        fake_features: [num_fake, num_features].
        fake_labels: integers [num_fake].
        num_classes: all of 0..num_classes-1 have to be there; None: the classes that either set has.
        progress: function (done, total) called after each class.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, a negative label, or a class with fewer than two
            real or two generated images.
    """
    real, fake = checked_features("intra_class_fid", real_features, fake_features, min_rows=2)
    real_labels = class_labels("intra_class_fid: real", real_labels, len(real), num_classes)
    fake_labels = class_labels("intra_class_fid: fake", fake_labels, len(fake), num_classes)
    classes = np.union1d(real_labels, fake_labels) if num_classes is None else np.arange(num_classes)
    for kind, labels in (("real", real_labels), ("generated", fake_labels)):
        counts = np.array([np.sum(labels == label) for label in classes])
        if counts.min() < 2:
            lacking = classes[counts < 2]
            raise ValueError(
                f"intra_class_fid: expected at least 2 {kind} images of every class; {len(lacking)} of {len(classes)}"
                f" have fewer, the first is class {lacking[0]} with {counts[counts < 2][0]}"
            )
    per_class = {
        int(label): frechet_distance_of_features(
            in_content_order(real[real_labels == label]), in_content_order(fake[fake_labels == label])
        )
        for label in tracked(classes, progress)
    }
    return IntraClassFid(float(np.mean(list(per_class.values()))), per_class)
