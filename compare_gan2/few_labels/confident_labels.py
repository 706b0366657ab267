"""Labels that a network gives to images it is sure of, and the loss that teaches it the same for other views.

Source: Sohn et al. 2020 (FixMatch), section 2.
"""

import tensorflow as tf


def confident_labels(probabilities, threshold):
    """(label int32 [N], mask float [N]): the likeliest class, and 1 where its probability reaches the threshold.

    Args:
        probabilities: [N,K]; no gradient flows through either result.
        threshold: in [0, 1], or one for each class [K].
    """
    probabilities = tf.stop_gradient(probabilities)
    labels = tf.argmax(probabilities, axis=1, output_type=tf.int32)
    threshold = tf.cast(tf.convert_to_tensor(threshold), probabilities.dtype)
    wanted = threshold if threshold.shape.rank == 0 else tf.gather(threshold, labels)
    return labels, tf.cast(tf.reduce_max(probabilities, axis=1) >= wanted, probabilities.dtype)


def consistency_loss(logits, targets, mask):
    """Cross entropy of logits [N,K], weighted by a mask, as a mean over all N images.

    Args:
        logits: [N,K] of another view of the images.
        targets: labels int32 [N], or probabilities [N,K].
        mask: [N], weights of the images.
    """
    if targets.shape.rank == 1:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    else:
        losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.reduce_mean(mask * losses)
