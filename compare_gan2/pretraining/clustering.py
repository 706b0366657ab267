"""Classes without labels: k-means on the features of a pre-trained extractor, clusters of any or of equal sizes."""

import dataclasses
from typing import Annotated, Literal

import numpy as np

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Positive, Range, Seed, Size
from compare_gan2.few_labels.balanced_clusters import balanced_clusters
from compare_gan2.few_labels.propagation import unit_length
from compare_gan2.ground import store
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.random_streams import random_state

BATCH_SIZE = 1024
STARTS = 10  # initialisations, of which the best is taken


@configurable("clustering", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class ClusteringOptions:
    """How images are clustered.

    Attributes:
        num_clusters: k, which is also the number of classes of the GAN; "silhouette": the one of `candidates` with the
            highest mean silhouette.
        seed: seed of the initial centres.
        scaling: "deviation": each feature to mean 0 and deviation 1; "length": each image's features to length 1, which
            suits features that a contrastive loss has compared by their angles.
        assignment: "nearest": mini-batch k-means (Sculley 2010), clusters of any sizes; "balanced": k-means of
            directions, each image in its likeliest cluster by Sinkhorn's iteration, so that sizes are nearly equal.
        restarts: number of runs from different initial centres, of which the one with the tightest clusters is taken.
        temperature: temperature of the balanced assignment.
        candidates: numbers of clusters whose silhouettes are reported, and that "silhouette" chooses from.
    """

    num_clusters: Size | Literal["silhouette"] = 50
    seed: Seed = 0
    scaling: Literal["deviation", "length"] = "deviation"
    assignment: Literal["nearest", "balanced"] = "nearest"
    restarts: Annotated[int, Range(1, 1000)] = 1
    temperature: Positive = 0.005
    candidates: list[Size] = dataclasses.field(default=())

    def __post_init__(self):
        check_fields(self)
        if self.chooses and not self.candidates:
            raise ConfigError(
                "clustering.candidates: expected numbers of clusters to choose from beside clustering.num_clusters = "
                "'silhouette', got none"
            )

    @property
    def chooses(self):
        """Whether the number of clusters follows from the features."""
        return self.num_clusters == "silhouette"

    @property
    def in_name(self):
        """Text for the name of a folder that differs where the clusters, or what is reported of them, do."""
        named = f"{self.num_clusters}-seed{self.seed}"
        others = [field for field in dataclasses.fields(self) if field.name not in ("num_clusters", "seed")]
        values = {field.name: getattr(self, field.name) for field in others}
        changed = {field.name: values[field.name] for field in others if values[field.name] != field.default}
        changed = {name: value for name, value in changed.items() if value not in ((), [])}
        return f"{named}-{store.key_of(changed)[:8]}" if changed else named


@dataclasses.dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each image.

    Attributes:
        assignments: int64 [n], the cluster of each image.
        distances: float [n], from each image's scaled features to the centre of its cluster.
    """

    assignments: np.ndarray
    distances: np.ndarray


def cluster(features, options):
    """`Clusters` of features [n,F].

    Raises:
        ConfigError: for more clusters than images.
    """
    require_images(options, len(features))
    points = scaled(features, options)
    return _balanced(points, options) if options.assignment == "balanced" else _nearest(points, options)


def require_images(options, count):
    """Raises a `ConfigError` for more clusters than `count` images."""
    numbers = [("candidates", k) for k in options.candidates]
    for name, number in [*([] if options.chooses else [("num_clusters", options.num_clusters)]), *numbers]:
        if number > count:
            raise ConfigError(f"clustering.{name}: expected at most the number of images ({count}), got {number}")


def scaled(features, options):
    """Features [n,F] as `ClusteringOptions.scaling` says, so that no feature, or no image, outweighs the others."""
    if options.scaling == "length":
        return unit_length(features)
    from sklearn.preprocessing import StandardScaler  # here, since scikit-learn takes long to import

    return StandardScaler().fit_transform(features)


def _nearest(points, options):
    from sklearn.cluster import MiniBatchKMeans

    best = None
    for number in range(options.restarts):
        seed = options.seed if not number else random_state(options.seed, number).randint(2**31)
        means = MiniBatchKMeans(
            options.num_clusters, random_state=seed, batch_size=BATCH_SIZE, n_init=STARTS, reassignment_ratio=0.01
        ).fit(points)
        assignments = means.predict(points)
        distances = np.linalg.norm(points - means.cluster_centers_[assignments], axis=1)
        if best is None or np.mean(distances**2) < np.mean(best.distances**2):
            best = Clusters(assignments.astype(np.int64), distances)
    return best


def _balanced(points, options):
    directions = unit_length(points)
    found = balanced_clusters(
        directions,
        options.num_clusters,
        seed=options.seed,
        restarts=options.restarts,
        temperature=options.temperature,
    )
    assignments = found.probabilities.argmax(axis=1)
    distances = np.linalg.norm(directions - found.centres[assignments], axis=1)
    return Clusters(assignments.astype(np.int64), distances)


def purity(assignments, labels):
    """Share of the images whose class is the most frequent one of their cluster."""
    from sklearn.metrics.cluster import contingency_matrix

    return float(contingency_matrix(labels, assignments).max(axis=0).sum() / len(labels))


def report(clusters, labels, num_clusters):
    """{name: number}: cluster sizes and, over the images with a label, purity and normalised mutual information.

    Args:
        clusters: `Clusters` of n images.
        labels: [n], -1 for unlabelled images.
        num_clusters: of the clusters.
    """
    sizes = np.bincount(clusters.assignments, minlength=num_clusters)
    found = {"cluster_sizes": sizes.tolist()}
    if np.any(labels >= 0):
        from sklearn.metrics import normalized_mutual_info_score

        known = clusters.assignments[labels >= 0], labels[labels >= 0]
        found["purity"] = purity(*known)
        found["nmi"] = float(normalized_mutual_info_score(*known))
    return found
