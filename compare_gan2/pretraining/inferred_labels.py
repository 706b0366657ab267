"""Labels inferred from the features of a trained extractor, made once and cached below its folder."""

import dataclasses
from typing import Literal

import numpy as np

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Decay, FolderName
from compare_gan2.datasets.labels import replacement
from compare_gan2.datasets.labels.label_options import InferredLabels
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.pretraining import calibration, extractor_cache, features, label_files, pictures
from compare_gan2.pretraining.clustering import require_images
from compare_gan2.pretraining.given_labels import require_each_class
from compare_gan2.pretraining.inferred_counts import counts_in_words, counts_of, counts_picture
from compare_gan2.pretraining.labels_of_classifier import labels_of_classifier
from compare_gan2.pretraining.labels_of_clusters import labels_of_clusters
from compare_gan2.pretraining.labels_of_propagation import in_name, labels_of_propagation


@configurable("inferred_labels", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class InferredLabelsOptions:
    """Which labels a GAN trains on in place of the stored ones.

    Attributes:
        kind: "hard": the likeliest class; "soft": class probabilities; "clusters": the cluster of the features; None:
            the stored labels.
        method: where classes come from: "classifier": the class head of a task that reads labels; "propagation": the
            labelled images, along a graph of the features of any task.
        held_out: share of the labelled images of each class, in [0, 1), that neither pre-training nor propagation uses;
            the temperature of the probabilities is fitted to them. 0: probabilities are not calibrated.
        cache_dir: folder where results of pre-training are cached; None for `pretraining` in the user's cache folder.
    """

    kind: Literal["hard", "soft", "clusters"] | None = None
    method: Literal["classifier", "propagation"] = "classifier"
    held_out: Decay = 0.0
    cache_dir: FolderName | None = None

    def __post_init__(self):
        check_fields(self)


class LabelInference:
    """Labels from the features of an extractor; the constructor checks the configuration and computes nothing.

    Args:
        extractor: `Extractor`.
        kind: see `InferredLabelsOptions`; not None.
        clustering: `ClusteringOptions`; None unless the kind is "clusters".
        labels: `LabelOptions` of the dataset, checked if nothing reads labels; None otherwise.
        propagation: `PropagationOptions`; None unless labels are propagated.
        dataset: `ImageDataset` to label; None: that of the extractor.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """

    def __init__(self, extractor, kind, clustering=None, labels=None, propagation=None, dataset=None):
        self.extractor = extractor
        self.dataset = extractor.dataset if dataset is None else dataset
        self.kind = kind
        self.clustering = clustering
        self.propagation = propagation
        if propagation is not None:
            if self.dataset.num_classes is None or self.dataset.has_soft_labels:
                raise ConfigError(
                    f"inferred_labels.method: propagation needs a class per image, {self.dataset.name} has none"
                )
            require_each_class(self.dataset, "inferred_labels.method: propagation")
        elif not extractor.options.reads_labels:
            if kind != "clusters":
                raise ConfigError(
                    f"inferred_labels.kind: {kind} labels need a pretrain.task that reads labels, such as s2l or "
                    f"supervised, got {extractor.options.task}; or inferred_labels.method = 'propagation', which "
                    "spreads labels in the space of its features"
                )
            _refuse_choice_of_labels(labels, extractor.options.task)
        if self.clustering:
            require_images(self.clustering, self.dataset.source.num_train)

    @property
    def description(self):
        """Text for messages: which labels, and how many true ones they are inferred from."""
        held_out, task = self.extractor.held_out, self.extractor.options.task
        words = "" if held_out is None else f", {len(held_out.indices)} held out to calibrate"
        if self.propagation is None:
            return f"{self.kind}, inferred by {self.extractor.description}{words}"
        return f"{self.kind}, {self.dataset.num_labelled} labels propagated over the features of {task}{words}"

    @property
    def announced(self):
        """`InferredLabels` that are still to be made.

        A number of clusters that follows from the features is known once they are made: the first call makes them.
        """
        clusters = self.kind == "clusters"
        classes = self.clustering.num_clusters if clusters else self.dataset.num_classes
        if clusters and self.clustering.chooses:
            self._make()
            classes = replacement.description_of(str(self._folder / label_files.PATTERN)).num_classes
        return InferredLabels(None, classes, self.kind == "soft", not clusters)

    @property
    def has_to_choose(self):
        """Whether the number of clusters is still to be chosen, which takes a pre-training."""
        return self.kind == "clusters" and self.clustering.chooses and not self._are_there()

    def infer(self):
        """`InferredLabels`, made unless they are cached; if they are, the extractor is not trained.

        Raises:
            ConfigError, DamagedFileError, TrainingFailed: as `Extractor.train`.
        """
        self._make()
        return self._labels()

    def _make(self):
        extractor = self.extractor
        with extractor_cache.locked(extractor.folder):
            extractor_cache.require_inputs(extractor.folder, extractor.inputs)
            if not self._are_there():
                self._write(self._folder, extractor.accuracies())

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
            name += self.clustering.in_name
        if self.propagation is not None:
            name += f"-propagated-{in_name(self.propagation, self.dataset, self.extractor.held_out)}"
        return self.extractor.folder / name

    def _are_there(self):
        return (self._folder / label_files.MANIFEST).exists()

    def _labels(self):
        return dataclasses.replace(self.announced, file_pattern=str(self._folder / label_files.PATTERN))

    def _write(self, folder, accuracies):
        dataset, extractor, task = self.dataset, self.extractor, self.extractor.options.task
        found, agreement = self._inferred()
        learned_here = self.propagation is None and dataset is extractor.dataset
        used = extractor.labels_used if learned_here else dataset.num_labelled
        facts = {"dataset": dataset.name, "task": task, "kind": self.kind, "model": extractor.folder.name}
        facts |= {"content": dataset.source.content("train")}
        classes = len(agreement["cluster_sizes"]) if self.kind == "clusters" else dataset.num_classes
        facts |= {"num_classes": classes, "labels_used": used, "test": accuracies}
        facts |= {"fraction": used / dataset.source.num_train, **agreement}
        if self.kind != "clusters":
            facts |= {"method": "classifier" if self.propagation is None else "propagation"}
            facts |= counts_of(found, dataset.num_classes)
        folder.mkdir(parents=True, exist_ok=True)
        self._draw(folder, found, classes)
        label_files.write_label_files(folder, dataset.source.training_names(), found.values, facts)
        self._announce(folder, found, facts)

    def _announce(self, folder, found, facts):
        names = ("accuracy", "accuracy_unlabelled", "purity", "nmi")
        shown = ", ".join(f"{name.replace('_', ' ')} {facts[name]:.4g}" for name in names if name in facts)
        if "true_labels" in facts and facts["true_labels_seen"] == facts["true_labels"]:
            shown += f" over {facts['true_labels']} labels, all of which it was trained on"
        shown = shown or "no true labels to compare with"
        log.info(f"labels: {self.kind}, {len(found.values)} images, {shown}: {folder}")
        if self.kind != "clusters":
            log.info(f"labels: {counts_in_words(facts)}")

    def _inferred(self):
        """(`InferredValues`, {name: agreement with true labels and calibration})."""
        model, held_out, soft = self.extractor.restored(), self.extractor.held_out, self.kind == "soft"
        if self.kind == "clusters":
            return labels_of_clusters(model, self.dataset, self.clustering, self._true)
        if self.propagation is not None:
            return labels_of_propagation(model, self.dataset, self.propagation, soft, self._true, held_out)
        temperature, facts = 1.0, {}
        if held_out is not None:
            logits = features.extract(model, self.dataset, "train", held_out.indices).logits
            temperature, facts = calibration.calibrated(logits, held_out.labels)
        found, agreement = labels_of_classifier(model, self.dataset, soft, self._true, temperature)
        return found, agreement | facts

    def _true(self, stored):
        return stored if self.extractor.has_true_labels else np.full_like(stored, -1)

    def _draw(self, folder, found, classes):
        dataset, task, clusters = self.dataset, self.extractor.options.task, self.kind == "clusters"
        own = list(dataset.class_names or map(str, range(dataset.num_classes or 0)))
        names = [f"cluster {number}" for number in range(classes)] if clusters else own
        what = f"clusters of {task} features" if clusters else f"{self.kind} labels of {task}"
        if self.propagation is not None:
            what = f"{self.kind} labels, propagated over {task} features"
        title, known = f"{dataset.name}: {what}", found.true >= 0
        if np.any(known):
            compared = found.true[known], found.labels[known]
            pictures.confusion_picture(folder / "confusion.png", *compared, own, names, title)
        sheet = f"{title}, surest and least sure images"
        pictures.confidence_sheet(folder / "confidence.png", dataset, found.labels, found.certainty, names, sheet)
        if not clusters:
            counts_picture(folder / "counts.png", found, own, title)


def _refuse_choice_of_labels(options, task):
    for name, unused in {"fraction": 1.0, "per_class": None, "noise": 0.0}.items():
        if getattr(options, name) != unused:
            raise ConfigError(
                f"labels.{name}: clusters of {task} features use no labels, expected {unused}, got "
                f"{getattr(options, name)}"
            )
