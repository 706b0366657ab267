"""Labels inferred by pre-training, made once and kept: each step lies in a folder that is named after its inputs.

An extractor's folder is named after the task, the network, the images and, where the task reads them, the labels; the
labels that are made of it lie below, so that methods which share a step share its result.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import pathlib
import re
from typing import Literal

import numpy as np

from compare_gan2 import configuration
from compare_gan2.cache_folder import default_cache_dir
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.datasets.labels import InferredLabels, LabelOptions
from compare_gan2.datasets.replacement import ReplaceLabels
from compare_gan2.pretraining import clustering, features, label_files, pictures
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.resnet_v2 import ResNetV2Options
from compare_gan2.pretraining.tasks import PretrainModel
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.reporting import files
from compare_gan2.training.checkpoints import checkpoint_path, load_network

ACCURACY = "accuracy.json"
FINGERPRINTED_IMAGES = 256


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
    """`Pretraining` whose labels `inferred_labels.kind` asks for, None if it asks for none.

    Args:
        dataset, strategy: see `Pretraining`.

    Raises:
        ConfigError: as `Pretraining`, and for options that say otherwise which labels there are.
    """
    options = configuration.build(InferredLabelsOptions)
    if options.kind is None:
        return None
    if configuration.build(LabelOptions).only_labelled:
        raise ConfigError("labels.only_labelled: with inferred_labels.kind every image has a label, got True")
    pattern = configuration.build(ReplaceLabels).file_pattern
    if pattern is not None:
        raise ConfigError(f"replace_labels.file_pattern: expected None beside inferred_labels.kind, got {pattern!r}")
    return Pretraining(dataset, strategy, options.kind, options.cache_dir)


class Pretraining:
    """Pre-training as it is bound, on one dataset; making it checks the configuration and computes nothing.

    Args:
        dataset: `ImageDataset`, its labels hidden as the task is to see them.
        strategy: tf.distribute strategy.
        kind: see `InferredLabelsOptions`.
        cache_dir: the same; not read if `folder` is given.
        folder: of the extractor; None for its place in the cache.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """

    def __init__(self, dataset, strategy, kind, cache_dir=None, folder=None):
        self.dataset = dataset
        self.strategy = strategy
        self.kind = kind
        self.options = configuration.build(PretrainOptions)
        self.network_options = configuration.build(ResNetV2Options)
        self.clustering = configuration.build(clustering.ClusteringOptions) if kind == "clusters" else None
        self._check()
        self._cache_dir = pathlib.Path(cache_dir) if cache_dir else default_cache_dir() / "pretraining"
        self._folder = pathlib.Path(folder) if folder else None

    def _check(self):
        options, dataset, replicas = self.options, self.dataset, self.strategy.num_replicas_in_sync
        if self.kind in ("hard", "soft") and not options.reads_labels:
            raise ConfigError(
                f"inferred_labels.kind: {self.kind} labels need pretrain.task s2l or supervised, got rotation"
            )
        if dataset.has_soft_labels:
            raise ConfigError("pretrain.task: expected whole numbers as labels, the dataset has class probabilities")
        if options.reads_labels and not dataset.num_labelled:
            raise ConfigError(f"pretrain.task: {options.task} needs labels, no image of {dataset.name} has one")
        if options.rotates and dataset.image_shape[0] != dataset.image_shape[1]:
            raise ConfigError(f"pretrain.task: rotations need square images, {dataset.name} has {dataset.image_shape}")
        if options.max_shift >= dataset.image_shape[0]:
            raise ConfigError(
                f"pretrain.max_shift: expected less than {dataset.image_shape[0]}, got {options.max_shift}"
            )
        sizes = {"batch_size": options.rotates, "labelled_batch_size": options.reads_labels}
        for name in (name for name, is_read in sizes.items() if is_read):
            if getattr(options, name) % replicas:
                raise ConfigError(
                    f"pretrain.{name}: expected a multiple of the number of devices ({replicas}), "
                    f"got {getattr(options, name)}"
                )
        if self.clustering and self.clustering.num_clusters > dataset.source.num_train:
            raise ConfigError(
                f"clustering.num_clusters: expected at most the number of images ({dataset.source.num_train}), "
                f"got {self.clustering.num_clusters}"
            )

    @property
    def announced(self):
        """`InferredLabels` that are still to be made."""
        clusters = self.kind == "clusters"
        classes = self.clustering.num_clusters if clusters else self.dataset.num_classes
        return InferredLabels(None, classes, self.kind == "soft", not clusters)

    @property
    def labels_used(self):
        """Number of training images whose label the task sees."""
        return self.dataset.num_labelled if self.options.reads_labels else 0

    @property
    def folder(self):
        """Folder of the extractor."""
        if self._folder is None:
            name = re.sub(r"[^\w.-]", "_", f"{self.dataset.name}-{self.options.task}")
            self._folder = self._cache_dir / f"{name}-{self._address()}"
        return self._folder

    def run(self):
        """Trains the extractor unless it is there, and returns its accuracies, {name: number}.

        Raises:
            ConfigError: if the folder cannot be written or belongs to another configuration.
            TrainingFailed: if training diverges.
        """
        with _locked(self.folder):
            return self._accuracies()

    def infer(self):
        """`InferredLabels` of the bound kind, made unless they are there.

        Raises:
            ConfigError, TrainingFailed: as `run`.
        """
        with _locked(self.folder):
            accuracies = self._accuracies()
            folder = self.folder / self._labels_name()
            if (folder / label_files.MANIFEST).exists():
                pattern = str(folder / label_files.PATTERN)
            else:
                pattern = self._make_labels(folder, accuracies)
        return dataclasses.replace(self.announced, file_pattern=pattern)

    def _accuracies(self):
        inputs = self._inputs()
        _check_inputs(self.folder / "inputs.json", inputs)
        if (self.folder / ACCURACY).exists():
            return json.loads((self.folder / ACCURACY).read_text())
        print(f"pre-training: {self.options.task} on {self.dataset.description}, in {self.folder}", flush=True)
        with self.strategy.scope():
            model = self._model()
            pretrain(self.strategy, model, PretrainState(model), self.dataset, self.folder)
        found = self._measure(model)
        _write_json(self.folder / ACCURACY, found)
        shown = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in found.items())
        print(f"pre-training: {shown} ({self.labels_used} labels used)", flush=True)
        return found

    def _model(self):
        classes = self.dataset.num_classes if self.options.reads_labels else None
        return PretrainModel(self.options, self.network_options, self.dataset.image_shape, classes)

    def _restored(self):
        """The trained `PretrainModel`."""
        with self.strategy.scope():
            model = self._model()
        for part in model.parts:
            load_network(checkpoint_path(self.folder, self.options.training_steps), part)
        return model

    def _measure(self, model):
        """Accuracies on the test split, {name: number}; without true labels that of rotations only."""
        dataset, found = self.dataset, {}
        if self.options.rotates:
            found["rotation_accuracy"] = features.rotation_accuracy(model, dataset, "test", dataset.num_test)
        if dataset.num_classes is None or dataset.num_classes == 1:
            return found
        test = features.extract(model, dataset, "test")
        if test.logits is not None:
            found["class_accuracy"] = float(np.mean(test.logits.argmax(axis=1) == test.labels))
        train = features.extract(model, dataset, "train", min(self.options.probe_images, dataset.num_images("train")))
        if len(np.unique(train.labels)) > 1:
            found["linear_probe_accuracy"] = features.linear_probe_accuracy(train, test)
        return found

    def _make_labels(self, folder, accuracies):
        dataset, announced = self.dataset, self.announced
        train = features.extract(self._restored(), dataset, "train")
        true = train.labels if dataset.num_classes not in (None, 1) else None
        facts = {"dataset": dataset.name, "task": self.options.task, "kind": self.kind, "model": self.folder.name}
        facts |= {"num_classes": announced.num_classes, "labels_used": self.labels_used, "test": accuracies}
        facts["fraction"] = self.labels_used / dataset.source.num_train
        if self.kind == "clusters":
            found = clustering.cluster(train.features, self.clustering)
            values, inferred, confidence = found.assignments, found.assignments, -found.distances
            facts |= clustering.report(found, true, announced.num_classes)
        else:
            inferred = train.logits.argmax(axis=1)
            ordered = np.sort(train.logits, axis=1)
            confidence = ordered[:, -1] - ordered[:, -2] if ordered.shape[1] > 1 else ordered[:, -1]
            values = train.logits if self.kind == "soft" else inferred
            if true is not None:
                facts["accuracy"] = float(np.mean(inferred == true))
        folder.mkdir(parents=True, exist_ok=True)
        self._draw(folder, true, inferred, confidence)
        pattern = label_files.write_label_files(folder, dataset.source.training_names(), values, facts)
        shown = {name: facts[name] for name in ("accuracy", "purity", "nmi") if name in facts}
        told = ", ".join(f"{name} {value:.4g}" for name, value in shown.items())
        print(
            f"labels: {self.kind}, {len(values)} images, {told or 'no true labels to compare with'}: {folder}",
            flush=True,
        )
        return pattern

    def _draw(self, folder, true, inferred, confidence):
        dataset, classes = self.dataset, self.announced.num_classes
        own = list(dataset.class_names or map(str, range(dataset.num_classes or 0)))
        names = [f"cluster {number}" for number in range(classes)] if self.kind == "clusters" else own
        title = f"{dataset.name}: {self.kind} labels of {self.options.task}"
        if true is not None:
            pictures.confusion_picture(folder / "confusion.png", true, inferred, own, names, title)
        sheet = f"{title}, surest and least sure images"
        pictures.confidence_sheet(folder / "confidence.png", dataset, inferred, confidence, names, sheet)

    def _labels_name(self):
        if self.kind != "clusters":
            return f"labels-{self.kind}"
        return f"labels-clusters{self.clustering.num_clusters}-seed{self.clustering.seed}"

    def _address(self):
        return hashlib.sha256(json.dumps(self._inputs(), sort_keys=True).encode()).hexdigest()[:12]

    def _inputs(self):
        """All that the extractor and its accuracies follow from, as JSON has it."""
        dataset, options = self.dataset, dataclasses.asdict(self.options)
        unread = [] if self.options.reads_labels else ["labelled_batch_size", "class_weight", "rotated_class_loss"]
        unread += [] if self.options.rotates else ["batch_size", "class_weight", "rotated_class_loss"]
        unread += ["save_checkpoints_steps"]
        images, _ = next(
            iter(dataset.batches("train", min(FINGERPRINTED_IMAGES, dataset.source.num_train), FINGERPRINTED_IMAGES))
        )
        inputs = {
            "dataset": dataset.name,
            "image_shape": dataset.image_shape,
            "pretrain": {name: value for name, value in options.items() if name not in unread},
            "resnet_v2": dataclasses.asdict(self.network_options),
            "names": _digest("\n".join(dataset.source.training_names()).encode()),
            "images": _digest(images.tobytes()),
            "kept": None if dataset.kept is None else _digest(np.packbits(dataset.kept).tobytes()),
        }
        if self.options.reads_labels:
            stored = dataset.source.training_labels() if dataset.labels is None else dataset.labels
            inputs["labels"] = _digest(np.where(dataset.is_labelled, stored, -1).astype(np.int32).tobytes())
        return json.loads(json.dumps(inputs))


def _digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def _check_inputs(path, inputs):
    """Records what a folder is made from; refuses one that is made from something else."""
    if not path.exists():
        _write_json(path, inputs)
        return
    recorded = json.loads(path.read_text())
    different = sorted(name for name in inputs if recorded.get(name) != inputs[name])
    if different:
        raise ConfigError(f"--model_dir: {path.parent} holds pre-training with other values of {', '.join(different)}")


def _write_json(path, value):
    with files.replacing(path) as file:
        file.write((json.dumps(value, indent=2, sort_keys=True) + "\n").encode())


@contextlib.contextmanager
def _locked(folder):
    """Within it, this process alone works in the folder; another one's work is waited for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".lock", "ab")
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} (inferred_labels.cache_dir, --model_dir): {error.strerror}"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waits for another process that pre-trains in {folder}", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
