"""Labels inferred from the features of a trained extractor, made once and cached below its folder."""

import dataclasses
from typing import Literal

import numpy as np

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import FolderName
from compare_gan2.datasets.labels.label_options import InferredLabels
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.pretraining import extractor_cache, features, label_files, pictures
from compare_gan2.pretraining.clustering import cluster, report


@configurable("inferred_labels", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class InferredLabelsOptions:
    """Which labels a GAN trains on in place of the stored ones.

    Attributes:
        kind: "hard": the likeliest class of a pre-trained classifier; "soft": its class probabilities; "clusters": the
            cluster of the features; None: the stored labels.
        cache_dir: folder where results of pre-training are cached; None for `pretraining` in the user's cache folder.
    """

    kind: Literal["hard", "soft", "clusters"] | None = None
    cache_dir: FolderName | None = None

    def __post_init__(self):
        check_fields(self)


@dataclasses.dataclass(frozen=True, eq=False)
class _Inferred:
    """Labels of all n training images: what is written, and what is reported about them.

    Attributes:
        values: whole numbers [n], or float32 logits [n,num_classes].
        labels: whole numbers [n].
        confidence: float [n], higher for more certain labels.
        true: stored labels int32 [n], -1 for unlabelled images.
    """

    values: np.ndarray
    labels: np.ndarray
    confidence: np.ndarray
    true: np.ndarray


class LabelInference:
    """Labels from the features of an extractor; the constructor checks the configuration and computes nothing.

    Args:
        extractor: `Extractor`.
        kind: see `InferredLabelsOptions`; not None.
        clustering: `ClusteringOptions`; None unless the kind is "clusters".
        labels: `LabelOptions` of the dataset, checked if the extractor reads no labels; None otherwise.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """

    def __init__(self, extractor, kind, clustering=None, labels=None):
        self.extractor = extractor
        self.dataset = extractor.dataset
        self.kind = kind
        self.clustering = clustering
        if not extractor.options.reads_labels:
            if kind != "clusters":
                raise ConfigError(
                    f"inferred_labels.kind: {kind} labels need pretrain.task s2l or supervised, got "
                    f"{extractor.options.task}"
                )
            _refuse_choice_of_labels(labels, extractor.options.task)
        if self.clustering and self.clustering.num_clusters > self.dataset.source.num_train:
            raise ConfigError(
                "clustering.num_clusters: expected at most the number of images "
                f"({self.dataset.source.num_train}), got {self.clustering.num_clusters}"
            )

    @property
    def description(self):
        """Text for messages: which labels, and how many true ones they are inferred from."""
        return f"{self.kind}, inferred by {self.extractor.description}"

    @property
    def announced(self):
        """`InferredLabels` that are still to be made."""
        clusters = self.kind == "clusters"
        classes = self.clustering.num_clusters if clusters else self.dataset.num_classes
        return InferredLabels(None, classes, self.kind == "soft", not clusters)

    def infer(self):
        """`InferredLabels`, made unless they are cached; if they are, the extractor is not trained.

        Raises:
            ConfigError, DamagedFileError, TrainingFailed: as `Extractor.train`.
        """
        extractor = self.extractor
        with extractor_cache.locked(extractor.folder):
            extractor_cache.require_inputs(extractor.folder, extractor.inputs)
            if not self._are_there():
                self._write(self._folder, extractor.accuracies())
        return self._labels()

    def made(self):
        """`InferredLabels` that another process has made.

        Raises:
            ConfigError: if they are missing.
        """
        if not self._are_there():
            raise ConfigError(
                "inferred_labels.cache_dir: expected a folder that all workers share, where the chief has inferred "
                f"labels, found none in {self._folder}"
            )
        return self._labels()

    @property
    def _folder(self):
        name = f"labels-{self.kind}"
        if self.kind == "clusters":
            name += f"{self.clustering.num_clusters}-seed{self.clustering.seed}"
        return self.extractor.folder / name

    def _are_there(self):
        return (self._folder / label_files.MANIFEST).exists()

    def _labels(self):
        return dataclasses.replace(self.announced, file_pattern=str(self._folder / label_files.PATTERN))

    def _write(self, folder, accuracies):
        dataset, extractor, task = self.dataset, self.extractor, self.extractor.options.task
        found, agreement = self._clusters() if self.kind == "clusters" else self._classes()
        facts = {"dataset": dataset.name, "task": task, "kind": self.kind, "model": extractor.folder.name}
        facts |= {"content": dataset.source.content("train")}
        facts |= {"num_classes": self.announced.num_classes, "labels_used": extractor.labels_used, "test": accuracies}
        facts |= {"fraction": extractor.labels_used / dataset.source.num_train, **agreement}
        folder.mkdir(parents=True, exist_ok=True)
        self._draw(folder, found)
        label_files.write_label_files(folder, dataset.source.training_names(), found.values, facts)
        shown = ", ".join(f"{name} {facts[name]:.4g}" for name in ("accuracy", "purity", "nmi") if name in facts)
        if "true_labels" in facts and facts["true_labels_seen"] == facts["true_labels"]:
            shown += f" over {facts['true_labels']} labels, all of which it was trained on"
        shown = shown or "no true labels to compare with"
        log.info(f"labels: {self.kind}, {len(found.values)} images, {shown}: {folder}")

    def _clusters(self):
        """(`_Inferred`, {name: agreement with true labels})."""
        parts = features.stream(self.extractor.restored(), self.dataset, "train")
        points, true = map(np.concatenate, zip(*((part.features, part.labels) for part in parts), strict=True))
        found, true = cluster(points, self.clustering), self._true(true)
        agreement = report(found, true, self.clustering.num_clusters)
        return _Inferred(found.assignments, found.assignments, -found.distances, true), agreement

    def _classes(self):
        """(`_Inferred`, {name: agreement with true labels}); of each batch only what is needed stays in memory."""
        parts = []
        for part in features.stream(self.extractor.restored(), self.dataset, "train"):
            highest = np.sort(part.logits, axis=1)[:, -2:]
            margin = highest[:, -1] - highest[:, 0] if highest.shape[1] > 1 else highest[:, 0]
            labels = part.logits.argmax(axis=1)
            parts.append((part.logits if self.kind == "soft" else labels, labels, margin, self._true(part.labels)))
        found = _Inferred(*map(np.concatenate, zip(*parts, strict=True)))
        known = found.true >= 0
        hits = found.labels[known] == found.true[known]
        if not hits.size:
            return found, {}
        seen = int(np.sum(known & self.dataset.labelled_mask))
        return found, {"accuracy": float(np.mean(hits)), "true_labels": hits.size, "true_labels_seen": seen}

    def _true(self, stored):
        return stored if self.extractor.has_true_labels else np.full_like(stored, -1)

    def _draw(self, folder, found):
        dataset, task, clusters = self.dataset, self.extractor.options.task, self.kind == "clusters"
        own = list(dataset.class_names or map(str, range(dataset.num_classes or 0)))
        names = [f"cluster {number}" for number in range(self.clustering.num_clusters)] if clusters else own
        what = f"clusters of {task} features" if clusters else f"{self.kind} labels of {task}"
        title, known = f"{dataset.name}: {what}", found.true >= 0
        if np.any(known):
            compared = found.true[known], found.labels[known]
            pictures.confusion_picture(folder / "confusion.png", *compared, own, names, title)
        sheet = f"{title}, surest and least sure images"
        pictures.confidence_sheet(folder / "confidence.png", dataset, found.labels, found.confidence, names, sheet)


def _refuse_choice_of_labels(options, task):
    for name, unused in {"fraction": 1.0, "per_class": None, "noise": 0.0}.items():
        if getattr(options, name) != unused:
            raise ConfigError(
                f"labels.{name}: clusters of {task} features use no labels, expected {unused}, got "
                f"{getattr(options, name)}"
            )
