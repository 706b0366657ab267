"""Precision and recall of distributions (PRD), https://arxiv.org/abs/1806.00035 (Sajjadi et al., section 3)."""

import dataclasses
from typing import Annotated

import numpy as np

from compare_gan2.config.ranges import Count, Range, Size
from compare_gan2.ground.progress_callback import tracked
from compare_gan2.metrics.input_checks import checked_features
from compare_gan2.metrics.row_order import in_content_order

Angles = Annotated[int, Range(3, 1_000_000)]


@dataclasses.dataclass(frozen=True, eq=False)
class Prd:
    """A curve of precision over recall, and the two numbers by which the paper summarises it; higher is better.

    Attributes:
        f8: largest F-score that weighs recall eight times as high.
        f1_8: largest F-score that weighs precision eight times as high.
        precision: [num_angles].
        recall: [num_angles].
    """

    f8: float
    f1_8: float
    precision: np.ndarray
    recall: np.ndarray


def prd(
    real_features,
    fake_features,
    *,
    seed,
    num_clusters: Size = 20,
    num_angles: Angles = 1001,
    num_runs: Count = 10,
    require_balance: bool = True,
    progress=None,
):
    """`Prd` of features: real and fake ones are clustered together, then their histograms over clusters are compared.

    Clusters come from scikit-learn's MiniBatchKMeans with the best of ten starts; curves are averaged over `num_runs`
    clusterings. Computed in float64.

    Args:
        real_features: [num_real, num_features].
        fake_features: [num_fake, num_features].
        seed: of the clusterings; number i starts from the state [seed, i].
        num_clusters: bins of the histograms.
        num_angles: points of the curve.
        num_runs: number of clusterings.
        require_balance: whether to refuse unequal numbers of images, for which clusters lean to the larger set.
        progress: function (done, total) called after each clustering.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, fewer images than clusters, or unequal numbers.
    """
    real, fake = map(in_content_order, checked_features("prd", real_features, fake_features))
    check_counts(len(real), len(fake), num_clusters, require_balance)
    if num_runs < 1:
        raise ValueError(f"prd.num_runs: expected at least 1, got {num_runs}")
    both = np.concatenate([fake, real]).astype(np.float64)
    curves = []
    for run in tracked(range(num_runs), progress):
        clusters = _clusters(both, num_clusters, [seed, run])
        histograms = [
            np.bincount(part, minlength=num_clusters) / len(part)
            for part in (clusters[len(fake) :], clusters[: len(fake)])
        ]
        curves.append(prd_of_histograms(*histograms, num_angles=num_angles))
    precision, recall = np.mean(curves, axis=0)
    return Prd(*max_f_beta_pair(precision, recall), precision, recall)


def check_counts(num_real, num_fake, num_clusters, require_balance):
    """Raises a `ValueError` if so many images cannot be clustered."""
    if require_balance and num_real != num_fake:
        raise ValueError(
            f"prd.require_balance: expected as many real as fake images, got {num_real} and {num_fake}; bind"
            " prd.require_balance = False to compare them all the same"
        )
    if not 1 <= num_clusters <= num_real + num_fake:
        raise ValueError(
            f"prd.num_clusters: expected 1 to {num_real + num_fake}, the number of images, got {num_clusters}"
        )


def prd_of_histograms(real_histogram, fake_histogram, *, num_angles=1001, epsilon=1e-10):
    """(precision, recall), each [num_angles], of two discrete distributions.

    At slope s, precision is the sum of min(s * real, fake) and recall is precision / s; slopes are the tangents of
    angles equally spaced between `epsilon` and pi/2 - `epsilon`.

    Args:
        real_histogram: [num_bins], adds up to 1.
        fake_histogram: [num_bins], adds up to 1.
        num_angles: 3 to 1,000,000.
        epsilon: between 0 and 0.1.

    Raises:
        ValueError: for arguments outside these ranges.
    """
    if not (0 < epsilon < 0.1 and 3 <= num_angles <= 1_000_000):
        raise ValueError(
            f"prd.num_angles: expected 3 to 1,000,000 angles and 0 < epsilon < 0.1, got {num_angles} and {epsilon}"
        )
    fake, real = _histogram("fake", fake_histogram), _histogram("real", real_histogram)
    if len(fake) != len(real):
        raise ValueError(f"prd: expected equally many bins, got {len(fake)} fake and {len(real)} real")
    slopes = np.tan(np.linspace(epsilon, np.pi / 2 - epsilon, num_angles))
    precision = np.minimum(slopes[:, None] * real, fake).sum(axis=1)
    # Rounding can lift a sum above 1, which F-scores do not allow.
    return np.minimum(precision, 1.0), np.minimum(precision / slopes, 1.0)


def max_f_beta_pair(precision, recall, beta=8.0):
    """(largest F_beta, largest F_{1/beta}) of a curve: (F8, F1/8) by default, floats between 0 and 1.

    Args:
        precision: [num_points] in [0, 1].
        recall: [num_points] in [0, 1].
        beta: weight of recall over precision, above 0.

    Raises:
        ValueError: for values outside these ranges.
    """
    precision, recall = np.asarray(precision, np.float64), np.asarray(recall, np.float64)
    if not all(np.all((values >= 0) & (values <= 1)) and values.size for values in (precision, recall)) or beta <= 0:
        raise ValueError(f"prd: expected precision and recall in [0, 1] and beta above 0, got beta {beta}")
    return tuple(float(np.max(_f_score(precision, recall, weight))) for weight in (beta, 1.0 / beta))


def _f_score(precision, recall, beta, epsilon=1e-10):
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall + epsilon)


def _histogram(kind, histogram):
    histogram = np.asarray(histogram, np.float64)
    # A NaN or infinite bin fails as well.
    if histogram.ndim != 1 or not (np.all(histogram >= 0) and abs(histogram.sum() - 1.0) < 1e-6):
        raise ValueError(
            f"prd: {kind} histogram: expected non-negative bins [num_bins] that add up to 1,"
            f" got shape {histogram.shape} and sum {histogram.sum()}"
        )
    return histogram


def _clusters(rows, num_clusters, seed):
    import threadpoolctl
    from sklearn.cluster import MiniBatchKMeans  # here: slow to import

    kmeans = MiniBatchKMeans(n_clusters=num_clusters, n_init=10, random_state=np.random.RandomState(seed))
    # Threads waiting for each other after every small batch took ten times as long, and sums depend on their number.
    with threadpoolctl.threadpool_limits(1):
        return kmeans.fit_predict(rows)
