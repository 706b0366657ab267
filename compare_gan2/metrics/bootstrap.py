"""How far a score would move with other images: sets drawn anew with replacement (Efron 1979), by weights of images."""

import numpy as np
import scipy.linalg
import scipy.special
import threadpoolctl

RESAMPLES = 200
COVERAGE = 0.95
_MOST_WORK = 2.5e8  # numbers that one resampling of FID multiplies; more than some seconds for all of them


def interval(value, resampled):
    """(low, high): the central 95 % of the resampled scores, moved so that their mean is the score.

    Moved because a set drawn with replacement has fewer different images, which by itself raises scores such as FID.

    Args:
        value: the score.
        resampled: [R] scores of sets that were drawn anew.
    """
    tails = [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2]
    low, high = np.quantile(resampled, tails) - np.mean(resampled) + value
    return float(low), float(high)


def weights(random, count, resamples=RESAMPLES):
    """[resamples, count]: how often each of `count` images is drawn when as many are drawn with replacement, over the
    count, so that each row adds up to 1."""
    return random.multinomial(count, np.full(count, 1.0 / count), size=resamples) / count


def mean_resamples(values, random):
    """[R] means of per-image numbers."""
    values = np.asarray(values, np.float64)
    return weights(random, len(values)) @ values


def classifier_score_resamples(logits, random):
    """[R] classifier scores of [N, K] logits."""
    logits = np.asarray(logits, np.float64)
    log_probabilities = scipy.special.log_softmax(logits, axis=1)
    probabilities = np.exp(log_probabilities)
    drawn = weights(random, len(logits))
    negative_entropy = drawn @ np.sum(probabilities * log_probabilities, axis=1)
    marginal = drawn @ probabilities
    return np.exp(negative_entropy - np.sum(scipy.special.xlogy(marginal, marginal), axis=1))


def fid_resamples(real, fake, random):
    """[R] FIDs with real and generated images both drawn anew; None where that would take long (wide features)."""
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    if (len(real) + len(fake)) * real.shape[1] ** 2 > _MOST_WORK:
        return None
    pairs = zip(weights(random, len(real)), weights(random, len(fake)), strict=True)
    # Many small matrices: on a busy machine threads that wait for each other made this a hundred times slower.
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        return np.array([_frechet(_moments(real, of_real), _moments(fake, of_fake)) for of_real, of_fake in pairs])


def _moments(features, drawn):
    """Mean and covariance, divided by n - 1, of rows drawn `drawn` * n times each."""
    count = len(features)
    mean = drawn @ features
    centred = features - mean
    return mean, (centred * drawn[:, None]).T @ centred * (count / (count - 1))


def _frechet(real, fake):
    values, vectors = scipy.linalg.eigh(real[1])
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.maximum(scipy.linalg.eigvalsh(root @ fake[1] @ root), 0.0)
    return np.sum((real[0] - fake[0]) ** 2) + np.trace(real[1]) + np.trace(fake[1]) - 2.0 * np.sum(np.sqrt(cross))
