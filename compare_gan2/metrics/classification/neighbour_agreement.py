"""How often the real images that are nearest to a generated one are of the class that it was generated for.

As `conditional_accuracy`, for feature networks that do not know the classes of the dataset.
"""

import dataclasses

import numpy as np

from compare_gan2.config.ranges import Count
from compare_gan2.ground.progress_callback import Counter
from compare_gan2.metrics.input_checks import checked_features, class_labels
from compare_gan2.metrics.precision_and_recall.nearest_neighbours import centred, distance_blocks, num_blocks
from compare_gan2.metrics.row_order import content_order


@dataclasses.dataclass(frozen=True)
class NeighbourAgreement:
    """Shares, between 0 and 1, of images whose nearest real images are mostly of their class; higher is better.

    Attributes:
        fake: of the generated images.
        real: of the real images, each among the others: what the features allow.
    """

    fake: float
    real: float


def neighbour_agreement(
    real_features, real_labels, fake_features, fake_labels, *, neighbours: Count = 5, progress=None
):
    """`NeighbourAgreement` of labels, by Euclidean distances of features.

    Each of the nearest real images has one vote; of classes with equally many, the one whose images are nearer by rank
    wins. Float64, in blocks: takes the memory of the features and about 400 MB; time grows with real images times both.

    Args:
        real_features: [num_real, num_features].
        real_labels: integers [num_real].
        fake_features: [num_fake, num_features].
        fake_labels: integers [num_fake], the classes that images were generated for.
        neighbours: real images that vote, fewer than there are.
        progress: function (done, total) called after each block.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, a negative label, or too few real images.
    """
    real, fake = checked_features("neighbour_agreement", real_features, fake_features)
    real_labels = class_labels("neighbour_agreement: real", real_labels, len(real))
    fake_labels = class_labels("neighbour_agreement: fake", fake_labels, len(fake))
    check_neighbours(len(real), neighbours)
    order = content_order(real, real_labels)
    real_labels = real_labels[order]
    real, fake = centred(real[order], fake)
    count = Counter(progress, num_blocks(fake, real) + num_blocks(real, real))
    of_fake = _classes(fake, real, real_labels, neighbours, count)
    of_real = _classes(real, real, real_labels, neighbours, count, themselves=True)
    return NeighbourAgreement(float(np.mean(of_fake == fake_labels)), float(np.mean(of_real == real_labels)))


def check_neighbours(num_real, neighbours):
    """Raises a `ValueError` unless so many others vote on a real image."""
    if neighbours >= num_real:
        raise ValueError(
            f"neighbour_agreement.neighbours: expected less than the {num_real} real images, got {neighbours}"
        )


def _classes(queries, points, labels, neighbours, advance, themselves=False):
    """[num_queries] classes with the most votes; `themselves`: the queries are the points, of which each has others."""
    found = np.empty(len(queries), labels.dtype)
    classes, places = np.unique(labels, return_inverse=True)
    # Less than one vote in all, more for a nearer image: decides between classes with equally many.
    votes = 1.0 + np.arange(neighbours, 0, -1) / (neighbours + 1) ** 2
    for block, distances in distance_blocks(queries, points):
        if themselves:
            distances[np.arange(len(distances)), np.arange(len(points))[block]] = np.inf
        nearest = np.argpartition(distances, neighbours - 1, axis=1)[:, :neighbours]
        by_distance = np.argsort(np.take_along_axis(distances, nearest, 1), axis=1, kind="stable")
        nearest = np.take_along_axis(nearest, by_distance, 1)
        counted = np.zeros([len(distances), len(classes)])
        np.add.at(counted, (np.arange(len(distances))[:, None], places[nearest]), votes)
        found[block] = classes[counted.argmax(axis=1)]
        advance()
    return found
