"""Whether generated images are copies of training images: authenticity, and the test of data copying.

Authenticity: https://arxiv.org/abs/2102.08921 (Alaa et al. 2022). Data copying: https://arxiv.org/abs/2004.05675
(Meehan et al. 2020), here with all of the space as one cell.
"""

import dataclasses

import numpy as np
import scipy.stats

from compare_gan2.ground.progress_callback import Counter
from compare_gan2.metrics.input_checks import checked_features, checked_matrix
from compare_gan2.metrics.precision_and_recall.nearest_neighbours import distance_blocks, num_blocks
from compare_gan2.metrics.row_order import in_content_order


@dataclasses.dataclass(frozen=True)
class Memorisation:
    """How near generated images are to training images, beside how near other images are.

    Attributes:
        copied: share of generated images that are at most as far from their nearest training image as that one is from
            its nearest other one: 1 - authenticity. Lower is better, 0 to 1.
        copied_held_out: the same share of held-out real images, which cannot be copies: what `copied` is without any.
        data_copying: z-value of a Mann-Whitney test; far below 0 if generated images are nearer to training images than
            held-out ones are (copies), about 0 if they are as near, far above 0 if they are farther (underfitted).
    """

    copied: float
    copied_held_out: float
    data_copying: float


def memorisation(training_features, real_features, fake_features, *, progress=None):
    """`Memorisation` of generated images, by Euclidean distances of features.

    Shares depend on the number of training images. Float64, in blocks: takes the memory of the features and about 400
    MB; time grows with training images times the others.

    Args:
        training_features: [num_training, num_features] of the images that the model was trained on, two at least.
        real_features: [num_real, num_features] of real images that it was not trained on.
        fake_features: [num_fake, num_features].
        progress: function (done, total) called after each block.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or too few images.
    """
    real, fake = checked_features("memorisation", real_features, fake_features)
    training = checked_matrix("memorisation: training features", training_features, min_rows=2)
    if training.shape[1] != real.shape[1]:
        raise ValueError(
            f"memorisation: expected equally wide features, got {training.shape[1]} of training images and"
            f" {real.shape[1]} of real ones"
        )
    training, real, fake = (in_content_order(rows) for rows in (training, real, fake))
    mean = training.mean(axis=0, dtype=np.float64)  # without it distances lose digits
    training, real, fake = training - mean, real - mean, fake - mean
    # The second passes are over different nearest images only, so at most as long as the first ones.
    count = Counter(progress, 2 * (num_blocks(real, training) + num_blocks(fake, training)))
    of_real, real_copied = _copied(real, training, count)
    of_fake, fake_copied = _copied(fake, training, count)
    return Memorisation(fake_copied, real_copied, _z_value(of_fake, of_real))


def _copied(queries, training, count):
    """(squared distances [num_queries] to the nearest training image, share not farther than that is to others)."""
    nearest, distances = np.empty(len(queries), np.int64), np.empty(len(queries))
    for block, squared in distance_blocks(queries, training):
        nearest[block] = squared.argmin(axis=1)
        distances[block] = squared.min(axis=1)
        count()
    chosen, place = np.unique(nearest, return_inverse=True)
    apart = np.empty(len(chosen))
    done = 0
    for block, squared in distance_blocks(training[chosen], training):
        squared[np.arange(len(squared)), chosen[block]] = np.inf  # an image is not its own neighbour
        apart[block] = squared.min(axis=1)
        count()
        done += 1
    for _ in range(num_blocks(queries, training) - done):
        count()
    return distances, float(np.mean(distances <= apart[place]))


def _z_value(of_fake, of_real):
    """Standardised Mann-Whitney statistic: how often a generated image is farther than a held-out one, ties half."""
    num_fake, num_real = len(of_fake), len(of_real)
    ranks = scipy.stats.rankdata(np.concatenate([of_fake, of_real]))
    statistic = ranks[:num_fake].sum() - num_fake * (num_fake + 1) / 2
    deviation = np.sqrt(num_fake * num_real * (num_fake + num_real + 1) / 12)
    return float((statistic - num_fake * num_real / 2) / deviation)
