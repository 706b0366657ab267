"""How far a score would move with other images: sets drawn with replacement (the bootstrap, Efron 1979).

A drawn set is a weight per image, so that no feature is extracted again.
"""

import numpy as np
import scipy.linalg
import scipy.special

RESAMPLES = 200
COVERAGE = 0.95
# Multiplications of one resampled FID's covariances, and features: more would take minutes for all of them.
_MOST_WORK, _WIDEST = 2.5e8, 1000


def interval(value, resampled):
    """(low, high): the central 95 % of the resampled scores, shifted so that their mean is the score.

    The shift is needed since a set drawn with replacement has fewer different images, which raises scores such as FID.

    Args:
        value: the score.
        resampled: [R] scores of sets drawn with replacement.
    """
    tails = [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2]
    low, high = np.quantile(resampled, tails) - np.mean(resampled) + value
    return float(low), float(high)


def weights(random, count, resamples=RESAMPLES):
    """[resamples, count]: share of each of `count` images among `count` draws with replacement; rows add up to 1."""
    return random.multinomial(count, np.full(count, 1.0 / count), size=resamples) / count


def mean_resamples(values, random):
    """[R] resampled means of per-image numbers."""
    values = np.asarray(values, np.float64)
    return weights(random, len(values)) @ values


def classifier_score_resamples(logits, random):
    """[R] resampled classifier scores of logits [N, K]."""
    logits = np.asarray(logits, np.float64)
    log_probabilities = scipy.special.log_softmax(logits, axis=1)
    probabilities = np.exp(log_probabilities)
    drawn = weights(random, len(logits))
    negative_entropy = drawn @ np.sum(probabilities * log_probabilities, axis=1)
    marginal = drawn @ probabilities
    return np.exp(negative_entropy - np.sum(scipy.special.xlogy(marginal, marginal), axis=1))


def fid_resamples(real, fake, random):
    """[R] FIDs with real and generated images both drawn with replacement; None for features so wide that it would take
    long."""
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    if real.shape[1] > _WIDEST or (len(real) + len(fake)) * real.shape[1] ** 2 > _MOST_WORK:
        return None
    import threadpoolctl  # here: only resampled FID needs it

    pairs = zip(weights(random, len(real)), weights(random, len(fake)), strict=True)
    # Many small matrices: on a busy machine, threads waiting for each other made this a hundred times slower.
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        return np.array([_frechet(_moments(real, of_real), _moments(fake, of_fake)) for of_real, of_fake in pairs])


def _moments(features, drawn):
    """(mean, covariance divided by n - 1) of features of which row i is drawn `drawn[i]` * n times."""
    count = len(features)
    mean = drawn @ features
    centred = features - mean
    return mean, (centred * drawn[:, None]).T @ centred * (count / (count - 1))


def _frechet(real, fake):
    values, vectors = scipy.linalg.eigh(real[1])
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.maximum(scipy.linalg.eigvalsh(root @ fake[1] @ root), 0.0)
    return np.sum((real[0] - fake[0]) ** 2) + np.trace(real[1]) + np.trace(fake[1]) - 2.0 * np.sum(np.sqrt(cross))
