"""What a trained extractor makes of the images of a split, and how good that is."""

import dataclasses

import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from compare_gan2.pretraining.tasks import with_all_rotations
from compare_gan2.reporting.progress import Progress

BATCH_SIZE = 256
PROBE_ITERATIONS = 1000


@dataclasses.dataclass(frozen=True, eq=False)
class Features:
    """Of the first n images of a split, in the dataset's order.

    Attributes:
        features: float32 [n,F].
        logits: of the classes, float32 [n,num_classes]; None if the task reads no labels.
        labels: stored labels int32 [n], none hidden.
    """

    features: np.ndarray
    logits: np.ndarray | None
    labels: np.ndarray


def extract(model, dataset, split, count=None):
    """`Features` of a split, in inference mode.

    Args:
        model: `PretrainModel`.
        dataset: `ImageDataset`.
        split: "train" or "test".
        count: images, the first of the split; None for all.
    """
    count = dataset.num_images(split) if count is None else count

    @tf.function
    def apply(images):
        features = model.extractor(images, training=False)
        return features, (features if model.class_head is None else model.class_head(features))

    parts = []
    with Progress(count, 0, f"features of {split} images", 1, unit="images", quiet_seconds=5) as progress:
        done = 0
        for images, labels in dataset.batches(split, count, BATCH_SIZE):
            features, logits = apply(tf.constant(images))
            parts.append((features.numpy(), logits.numpy(), labels))
            done += len(labels)
            progress.update(done)
    features, logits, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Features(features, None if model.class_head is None else logits, labels)


def rotation_accuracy(model, dataset, split, count):
    """Share of the 4 count rotated copies of a split's first images whose angle is told."""

    @tf.function
    def apply(images):
        features = model.extractor(with_all_rotations(images), training=False)
        return tf.argmax(model.rotation_head(features), axis=1)

    hits = 0
    for images, _ in dataset.batches(split, count, BATCH_SIZE):
        told = apply(tf.constant(images)).numpy().reshape(4, len(images))
        hits += int(np.sum(told == np.arange(4)[:, None]))
    return hits / (4 * count)


def linear_probe_accuracy(train, test):
    """Accuracy on the test images of a logistic regression fitted to frozen, standardised features.

    Args:
        train, test: `Features`; all stored labels are used, whatever the task has seen.
    """
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=PROBE_ITERATIONS))
    return float(probe.fit(train.features, train.labels).score(test.features, test.labels))
