"""Codes of one view predicted from another: the loss of SwAV (Caron et al. 2020)."""

import tensorflow as tf


def balanced_codes(scores, epsilon, iterations):
    """Codes [N, K], rows that sum to 1, that use all prototypes about equally; constant.

    Sinkhorn and Knopp's algorithm: prototypes and examples are normalised in turn.

    Args:
        scores: [N, K], cosines of examples and prototypes.
        epsilon: divisor of the scores; the smaller, the harder the codes.
        iterations: how often both are normalised.
    """
    logits = tf.stop_gradient(scores) / epsilon  # logarithms: with a small epsilon exponentials would be 0
    for _ in range(iterations):
        logits -= tf.reduce_logsumexp(logits, 0, keepdims=True)
        logits -= tf.reduce_logsumexp(logits, 1, keepdims=True)
    return tf.nn.softmax(logits)


def swav(whole, local, temperature, epsilon, iterations):
    """Mean cross entropy of the codes of each whole view, predicted from each other view.

    Args:
        whole: list of scores [N, K] of views of most of the image, whose codes are predicted.
        local: list of scores [N, K] of small crops, from which codes are predicted, too; may be empty.
        temperature: temperature of the predictions.
        epsilon, iterations: see `balanced_codes`.
    """
    predictions = [tf.nn.log_softmax(scores / temperature) for scores in (*whole, *local)]
    losses = []
    for view, scores in enumerate(whole):
        codes = balanced_codes(scores, epsilon, iterations)
        others = predictions[:view] + predictions[view + 1 :]
        losses += [-tf.reduce_mean(tf.reduce_sum(codes * other, 1)) for other in others]
    return tf.add_n(losses) / len(losses)
