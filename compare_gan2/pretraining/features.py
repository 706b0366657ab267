"""What a trained extractor makes of the images of a split, and how good that is."""

import dataclasses

import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from compare_gan2.reporting.progress import Progress

BATCH_SIZE = 256
PROBE_ITERATIONS = 1000
_PROBE = 2**31  # stream of random numbers apart from those of seeds alone


@dataclasses.dataclass(frozen=True, eq=False)
class Features:
    """Of n images of a split, in the dataset's order.

    Attributes:
        features: float32 [n,F].
        logits: of the classes, float32 [n,num_classes]; None if the task reads no labels.
        labels: stored labels int32 [n], none hidden; -1 where there is none.
    """

    features: np.ndarray
    logits: np.ndarray | None
    labels: np.ndarray


def stream(model, dataset, split, chosen=None):
    """`Features` of up to `BATCH_SIZE` images at a time, in inference mode.

    Args:
        model: `PretrainModel`.
        dataset: `ImageDataset`.
        split: "train" or "test".
        chosen: indices of images, ascending; None: all. The others are read and thrown away.
    """
    count = dataset.num_images(split) if chosen is None else int(chosen[-1]) + 1
    first = 0
    with Progress(count, 0, f"features of {split} images", 1, unit="images", quiet_seconds=5) as progress:
        for images, labels in dataset.batches(split, count, BATCH_SIZE):
            rows = np.arange(len(labels))
            if chosen is not None:
                rows = chosen[(chosen >= first) & (chosen < first + len(labels))] - first
            first += len(labels)
            if len(rows):
                features, logits = model.infer(tf.constant(images[rows]))
                yield Features(features.numpy(), None if logits is None else logits.numpy(), labels[rows])
            progress.update(first)


def extract(model, dataset, split, chosen=None):
    """`Features` of all at once: see `stream`."""
    parts = list(stream(model, dataset, split, chosen))
    logits = None if parts[0].logits is None else np.concatenate([part.logits for part in parts])
    return Features(
        np.concatenate([part.features for part in parts]), logits, np.concatenate([part.labels for part in parts])
    )


def rotation_accuracy(model, dataset, split, count):
    """Share of the 4 count rotated copies of a split's first images whose angle is told."""
    hits = 0
    for images, _ in dataset.batches(split, count, BATCH_SIZE):
        told = model.tell_rotations(tf.constant(images)).numpy().reshape(4, len(images))
        hits += int(np.sum(told == np.arange(4)[:, None]))
    return hits / (4 * count)


def class_accuracy(test):
    """Share of the images with a stored label whose class is told; `Features` with logits."""
    known = test.labels >= 0
    return float(np.mean(test.logits.argmax(axis=1)[known] == test.labels[known]))


def probe_images(labels, count, seed):
    """Indices, ascending, of the images that a linear probe is fitted to: drawn among those with a label.

    Args:
        labels: stored labels [n], -1 where there is none.
        count: at most so many.
        seed: whole number; more images with the same seed hold those of fewer.
    """
    known = np.flatnonzero(labels >= 0)
    return np.sort(np.random.RandomState([seed, _PROBE]).permutation(known)[:count])


def linear_probe_accuracy(train, test):
    """Accuracy on the test images with a label of a logistic regression fitted to frozen, standardised features.

    Args:
        train, test: `Features`; all stored labels are used, whatever the task has seen.
    """
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=PROBE_ITERATIONS))
    known, test_known = train.labels >= 0, test.labels >= 0
    probe.fit(train.features[known], train.labels[known])
    return float(probe.score(test.features[test_known], test.labels[test_known]))
