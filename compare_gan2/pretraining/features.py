"""Features and logits that a trained extractor computes for the images of a split, and how good they are."""

import dataclasses

import numpy as np
import tensorflow as tf

from compare_gan2.ground.progress import Progress
from compare_gan2.ground.random_streams import random_state

BATCH_SIZE = 256
PROBE_ITERATIONS = 1000
_PROBE = 2**31  # random stream apart from those that are seeded by a seed alone


@dataclasses.dataclass(frozen=True, eq=False)
class Features:
    """Outputs of an extractor for n images of a split, in the dataset's order.

    Attributes:
        features: float32 [n,F].
        logits: of the classes, float32 [n,num_classes]; None if the task reads no labels.
        labels: stored labels int32 [n], none hidden; -1 for unlabelled images.
    """

    features: np.ndarray
    logits: np.ndarray | None
    labels: np.ndarray


def stream(model, dataset, split, chosen=None):
    """Yields `Features` of up to `BATCH_SIZE` images at a time, in inference mode.

    Args:
        model: `PretrainModel`.
        dataset: `ImageDataset`.
        split: "train" or "test".
        chosen: indices of images, ascending; None: all. The others are read and discarded.
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
    """`Features` of all images at once; arguments as of `stream`."""
    parts = list(stream(model, dataset, split, chosen))
    logits = None if parts[0].logits is None else np.concatenate([part.logits for part in parts])
    return Features(
        np.concatenate([part.features for part in parts]), logits, np.concatenate([part.labels for part in parts])
    )


def rotation_accuracy(model, dataset, split, count):
    """Share of the 4 count rotated copies of a split's first images whose angle is predicted correctly."""
    hits = 0
    for images, _ in dataset.batches(split, count, BATCH_SIZE):
        predicted = model.tell_rotations(tf.constant(images)).numpy().reshape(4, len(images))
        hits += int(np.sum(predicted == np.arange(4)[:, None]))
    return hits / (4 * count)


def class_accuracy(test):
    """Share of the images with a stored label whose class is predicted correctly; `test`: `Features` with logits."""
    known = test.labels >= 0
    return float(np.mean(test.logits.argmax(axis=1)[known] == test.labels[known]))


def probe_images(labels, count, seed):
    """Indices, ascending, of the images that a linear probe is fitted to: drawn among those with a label.

    Args:
        labels: stored labels [n], -1 for unlabelled images.
        count: maximum number of images.
        seed: whole number; with the same seed, a larger count includes the images of a smaller one.
    """
    known = np.flatnonzero(labels >= 0)
    return np.sort(random_state(seed, _PROBE).permutation(known)[:count])


def linear_probe_accuracy(train, test):
    """Test accuracy, over images with a label, of a logistic regression fitted to frozen, standardised features.

    Args:
        train, test: `Features`; all stored labels are used, whatever the task has seen.
    """
    from sklearn.linear_model import LogisticRegression  # here, since scikit-learn takes long to import
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=PROBE_ITERATIONS))
    known, test_known = train.labels >= 0, test.labels >= 0
    probe.fit(train.features[known], train.labels[known])
    return float(probe.score(test.features[test_known], test.labels[test_known]))
