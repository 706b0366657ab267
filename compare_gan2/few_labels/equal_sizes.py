"""Soft assignments whose classes have given sizes, by the iteration of Sinkhorn and Knopp.

Sources: Cuturi 2013; Asano et al. 2020 (self-labelling), section 3.1.
"""

import numpy as np

ITERATIONS = 1000
TOLERANCE = 1e-6  # of the sum of shares that are in the wrong class


def balanced(scores, temperature, shares=None):
    """Probabilities float64 [n,K]: each row sums to 1, each column to its share of the n rows.

    Args:
        scores: [n,K], higher for likelier classes; finite.
        temperature: above 0, of the softmax; the lower, the more a row is of one class.
        shares: [K], above 0, of the classes, which sum to 1; None: all equal.
    """
    from scipy.special import logsumexp

    logits = np.asarray(scores, np.float64) / temperature
    count, classes = logits.shape
    wanted = np.log(np.full(classes, 1 / classes) if shares is None else np.asarray(shares, np.float64)) + np.log(count)
    of_classes = np.zeros(classes)
    for _ in range(ITERATIONS):  # in logarithms, since exp of scores over a low temperature underflows
        rows = logsumexp(logits + of_classes, axis=1, keepdims=True)
        probabilities = np.exp(logits + of_classes - rows)
        if np.abs(probabilities.sum(axis=0) / count - np.exp(wanted) / count).sum() < TOLERANCE:
            break
        of_classes = wanted - logsumexp(logits - rows, axis=0)
    return probabilities
