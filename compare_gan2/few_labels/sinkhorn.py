"""Soft assignments whose classes have given sizes, by the iteration of Sinkhorn and Knopp.

Sources: Cuturi 2013; Asano et al. 2020 (self-labelling), section 3.1.
"""

import numpy as np

ITERATIONS = 300
TOLERANCE = 1e-4  # sum over the classes of |share of the images - wanted share|


def balanced(scores, temperature, shares=None):
    """Probabilities float64 [n,K]: each row sums to 1, each column to its share of the n rows.

    Args:
        scores: [n,K], higher for likelier classes; finite.
        temperature: temperature of the softmax, above 0; the lower, the more a row belongs to one class.
        shares: [K], shares of the classes, above 0, which sum to 1; None: all equal.
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
