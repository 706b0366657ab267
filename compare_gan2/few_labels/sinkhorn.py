"""Soft assignments whose classes have given sizes, by the iteration of Sinkhorn and Knopp.

Sources: Cuturi 2013; Asano et al. 2020 (self-labelling), section 3.1.
"""

import numpy as np

ITERATIONS = 300
TOLERANCE = 1e-4  # sum of the shares of images that are in a class too many or too few


def balanced(scores, temperature, shares=None):
    """Probabilities float64 [n,K]: each row sums to 1, each column to its share of the n rows.

    Args:
        scores: [n,K], higher for likelier classes; finite.
        temperature: above 0, of the softmax; the lower, the more a row is of one class.
        shares: [K], above 0, of the classes, which sum to 1; None: all equal.
    """
    return balanced_from(np.zeros(np.shape(scores)[1]), scores, temperature, shares)[0]


def balanced_from(offsets, scores, temperature, shares=None, tolerance=TOLERANCE):
    """(probabilities as of `balanced`, offsets [K] added to the logits to reach them), from offsets that are near.

    Args:
        offsets: [K], zeros if nothing is known.
        scores, temperature, shares: see `balanced`.
        tolerance: see `TOLERANCE`.
    """
    logits = np.asarray(scores, np.float64) / temperature
    classes = logits.shape[1]
    wanted = np.full(classes, 1 / classes) if shares is None else np.asarray(shares, np.float64)
    for _ in range(ITERATIONS):
        shifted = logits + offsets
        shifted -= shifted.max(axis=1, keepdims=True)  # else exp of scores over a low temperature overflows
        probabilities = np.exp(shifted)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        found = probabilities.mean(axis=0)
        if np.abs(found - wanted).sum() < tolerance:
            break
        offsets = offsets + np.log(wanted) - np.log(np.maximum(found, 1e-300))
    return probabilities, offsets
