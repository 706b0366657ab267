"""Classifier score, known as Inception score when the classifier is Inception, https://arxiv.org/abs/1606.03498."""

from compare_gan2.metrics import tfgan_eval
from compare_gan2.metrics.finite import finite_matrix


def classifier_score(logits):
    """exp of the mean KL divergence of each image's class distribution from their average, as a float.

    Between 1 (all images get the same distribution) and the number of classes; higher is better. All images are taken
    at once, without the split into ten parts that some implementations average over.

    Args:
        logits: [num_images, num_classes].

    Raises:
        ValueError: for NaN or infinity in a logit, or a wrong shape.
    """
    return float(tfgan_eval.load().classifier_score_from_logits(finite_matrix("classifier_score: logits", logits)))
