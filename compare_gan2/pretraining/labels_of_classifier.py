"""Labels by the class head of an extractor; of each batch of images only what is needed stays in memory."""

import numpy as np

from compare_gan2.pretraining import features
from compare_gan2.pretraining.calibration import probabilities_of
from compare_gan2.pretraining.given_labels import given_labels
from compare_gan2.pretraining.inferred_values import InferredValues, agreement


def labels_of_classifier(model, dataset, soft, true_of, temperature=1.0):
    """(`InferredValues`, {name: agreement with true labels}).

    Args:
        model: `PretrainModel` with a class head.
        dataset: `ImageDataset` with only the labels that the model has seen.
        soft: whether the values are logits.
        true_of: function (stored labels [b]) -> true labels [b], -1 if unknown.
        temperature: the logits are divided by it.
    """
    parts = []
    for part in features.stream(model, dataset, "train"):
        logits = part.logits / np.float32(temperature)
        highest = np.sort(logits, axis=1)[:, -2:]
        margin = highest[:, -1] - highest[:, 0] if highest.shape[1] > 1 else highest[:, 0]
        labels, probability = logits.argmax(axis=1), probabilities_of(logits).max(axis=1)
        parts.append((logits if soft else labels, labels, margin, probability, true_of(part.labels)))
    found = InferredValues(*map(np.concatenate, zip(*parts, strict=True)))
    return found, agreement(found.labels, found.true, given_labels(dataset))
