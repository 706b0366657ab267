"""Labels inferred from the features of a trained extractor, made once and kept below its folder."""

import dataclasses
from typing import Literal

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.datasets.labels import InferredLabels, LabelOptions
from compare_gan2.datasets.replacement import ReplaceLabels
from compare_gan2.pretraining import clustering, features, label_files, pictures, place
from compare_gan2.pretraining.extractor import Extractor


@configurable("inferred_labels", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class InferredLabelsOptions:
    """Which labels a GAN trains on in place of the stored ones.

    Attributes:
        kind: "hard": the likeliest class of a pre-trained classifier; "soft": its class probabilities; "clusters": the
            cluster of the features; None: the stored labels.
        cache_dir: folder where results of pre-training are kept; None for `pretraining` in the user's cache folder.
    """

    kind: Literal["hard", "soft", "clusters"] | None = None
    cache_dir: str | None = None


def of_configuration(dataset, strategy):
    """`LabelInference` of the labels that `inferred_labels.kind` asks for, None if it asks for none.

    Args:
        dataset, strategy: see `Extractor`.

    Raises:
        ConfigError: as `Extractor` and `LabelInference`, and for options that say otherwise which labels there are.
    """
    options = configuration.build(InferredLabelsOptions)
    if options.kind is None:
        return None
    labels = configuration.build(LabelOptions)
    if labels.source != "stored" and options.kind != "clusters":
        raise ConfigError(
            f"labels.source: {options.kind} labels are inferred from stored ones, expected 'stored', got "
            f"{labels.source!r}"
        )
    if labels.only_labelled:
        raise ConfigError("labels.only_labelled: with inferred_labels.kind every image has a label, got True")
    pattern = configuration.build(ReplaceLabels).file_pattern
    if pattern is not None:
        raise ConfigError(f"replace_labels.file_pattern: expected None beside inferred_labels.kind, got {pattern!r}")
    return LabelInference(Extractor(dataset, strategy, options.cache_dir), options.kind)


@dataclasses.dataclass(frozen=True, eq=False)
class _Inferred:
    """Of all n training images: what is written, and what is told about it.

    Attributes:
        values: whole numbers [n], or float32 logits [n,num_classes].
        labels: whole numbers [n].
        confidence: float [n], higher is surer.
        true: stored labels int32 [n], -1 where there is none.
    """

    values: np.ndarray
    labels: np.ndarray
    confidence: np.ndarray
    true: np.ndarray


class LabelInference:
    """Making it checks the configuration and computes nothing.

    Args:
        extractor: `Extractor`.
        kind: see `InferredLabelsOptions`; not None.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """

    def __init__(self, extractor, kind):
        self.extractor = extractor
        self.dataset = extractor.dataset
        self.kind = kind
        self.clustering = configuration.build(clustering.ClusteringOptions) if kind == "clusters" else None
        if not extractor.options.reads_labels:
            if kind != "clusters":
                raise ConfigError(
                    f"inferred_labels.kind: {kind} labels need pretrain.task s2l or supervised, got rotation"
                )
            _refuse_choice_of_labels(configuration.build(LabelOptions))
        if self.clustering and self.clustering.num_clusters > self.dataset.source.num_train:
            raise ConfigError(
                "clustering.num_clusters: expected at most the number of images "
                f"({self.dataset.source.num_train}), got {self.clustering.num_clusters}"
            )

    @property
    def description(self):
        """For people: which labels, and how many true ones they are made of."""
        return f"{self.kind}, inferred by {self.extractor.description}"

    @property
    def announced(self):
        """`InferredLabels` that are still to be made."""
        clusters = self.kind == "clusters"
        classes = self.clustering.num_clusters if clusters else self.dataset.num_classes
        return InferredLabels(None, classes, self.kind == "soft", not clusters)

    def infer(self):
        """`InferredLabels`, made unless they are there; then the extractor is not asked for.

        Raises:
            ConfigError, DamagedFileError, TrainingFailed: as `Extractor.train`.
        """
        extractor = self.extractor
        with place.locked(extractor.folder):
            place.require_inputs(extractor.folder, extractor.inputs)
            if not self._are_there():
                self._write(self._folder, extractor.accuracies())
        return self._labels()

    def made(self):
        """`InferredLabels` that another process has made.

        Raises:
            ConfigError: if they are not there.
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
        facts |= {"num_classes": self.announced.num_classes, "labels_used": extractor.labels_used, "test": accuracies}
        facts |= {"fraction": extractor.labels_used / dataset.source.num_train, **agreement}
        folder.mkdir(parents=True, exist_ok=True)
        self._draw(folder, found)
        label_files.write_label_files(folder, dataset.source.training_names(), found.values, facts)
        told = ", ".join(f"{name} {facts[name]:.4g}" for name in ("accuracy", "purity", "nmi") if name in facts)
        told = told or "no true labels to compare with"
        print(f"labels: {self.kind}, {len(found.values)} images, {told}: {folder}", flush=True)

    def _clusters(self):
        """(`_Inferred`, {name: agreement with true labels})."""
        parts = features.stream(self.extractor.restored(), self.dataset, "train")
        points, true = map(np.concatenate, zip(*((part.features, part.labels) for part in parts), strict=True))
        found, true = clustering.cluster(points, self.clustering), self._true(true)
        report = clustering.report(found, true, self.clustering.num_clusters)
        return _Inferred(found.assignments, found.assignments, -found.distances, true), report

    def _classes(self):
        """The same; of each batch only what is wanted stays in memory."""
        parts = []
        for part in features.stream(self.extractor.restored(), self.dataset, "train"):
            highest = np.sort(part.logits, axis=1)[:, -2:]
            margin = highest[:, -1] - highest[:, 0] if highest.shape[1] > 1 else highest[:, 0]
            labels = part.logits.argmax(axis=1)
            parts.append((part.logits if self.kind == "soft" else labels, labels, margin, self._true(part.labels)))
        found = _Inferred(*map(np.concatenate, zip(*parts, strict=True)))
        known = found.true >= 0
        hits = found.labels[known] == found.true[known]
        return found, {"accuracy": float(np.mean(hits))} if hits.size else {}

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


def _refuse_choice_of_labels(options):
    for name, unused in {"fraction": 1.0, "per_class": None, "noise": 0.0}.items():
        if getattr(options, name) != unused:
            raise ConfigError(
                f"labels.{name}: clusters of rotation features use no labels, expected {unused}, got "
                f"{getattr(options, name)}"
            )
