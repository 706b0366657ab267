"""Classification accuracy score (CAS), https://arxiv.org/abs/1905.10887 (Ravuri and Vinyals).

The paper trains a ResNet-50 on generated images and tests it on real ones. Here the classifier is multinomial logistic
regression on the features of the network that the other scores use. It takes minutes instead of days and answers the
same question (do images generated for a class teach what the class is?), but its numbers are not the paper's.
"""

import dataclasses
import warnings

import numpy as np

from compare_gan2.config.ranges import Count, Positive
from compare_gan2.metrics.input_checks import checked_features, class_labels
from compare_gan2.metrics.row_order import content_order


@dataclasses.dataclass(frozen=True)
class ClassificationAccuracy:
    """Fractions of real test images that get their class from a classifier trained on generated ones; higher is better.

    Attributes:
        accuracy: over all images.
        per_class: {class: over its images}.
    """

    accuracy: float
    per_class: dict[int, float]


def classification_accuracy(
    real_features,
    real_labels,
    fake_features,
    fake_labels,
    *,
    regularisation: Positive = 1.0,
    max_iterations: Count = 1000,
):
    """`ClassificationAccuracy` of scikit-learn's logistic regression (L-BFGS, float64, deterministic).

    Features of both sets are scaled to mean 0 and deviation 1 over the generated images. Real training images in place
    of generated ones give the number to compare with.

    Args:
        real_features: [num_real, num_features] to test on.
        real_labels: integers [num_real]; all of these classes were generated.
        fake_features: [num_fake, num_features] to train on.
        fake_labels: integers [num_fake], the classes that images were generated for, at least two different ones.
        regularisation: weight of half the squared norm of the classifier's weights, beside the sum of losses.
        max_iterations: most iterations of L-BFGS.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, a negative label, a real class that was not
            generated, or training that needs more iterations.
    """
    real, fake = checked_features("classification_accuracy", real_features, fake_features)
    fake_labels = class_labels("classification_accuracy: fake", fake_labels, len(fake))
    real_labels = class_labels("classification_accuracy: real", real_labels, len(real))
    classes = np.unique(fake_labels)
    missing = np.setdiff1d(real_labels, classes)
    if missing.size or len(classes) < 2:
        raise ValueError(
            "classification_accuracy: expected generated images of all real classes and of at least 2,"
            f" got {len(classes)} classes, without class {', '.join(map(str, missing[:5])) or 'any other'}"
        )
    order, test_order = content_order(fake, fake_labels), content_order(real, real_labels)
    classifier = _trained(fake[order], fake_labels[order], regularisation, max_iterations)
    real_labels = real_labels[test_order]
    hits = classifier.predict(real[test_order]) == real_labels
    per_class = {int(label): float(hits[real_labels == label].mean()) for label in np.unique(real_labels)}
    return ClassificationAccuracy(float(hits.mean()), per_class)


def _trained(features, labels, regularisation, max_iterations):
    # Here: slow to import.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(
        StandardScaler(), LogisticRegression(C=1.0 / regularisation, max_iter=max_iterations, solver="lbfgs")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return classifier.fit(features.astype(np.float64), labels)
        except ConvergenceWarning as error:
            raise ValueError(
                "classification_accuracy: training did not converge in"
                f" classification_accuracy.max_iterations = {max_iterations}"
            ) from error
