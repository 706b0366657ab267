"""A feature extractor as it is bound, on one dataset: trained once, measured, kept."""

import functools
import pathlib

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import facts
from compare_gan2.pretraining import features, place
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.resnet_v2 import ResNetV2Options
from compare_gan2.pretraining.tasks import PretrainModel
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.reporting import files
from compare_gan2.training.checkpoints import checkpoint_path, damage_of, load_network

ACCURACY = "accuracy.json"


class Extractor:
    """Making it checks the configuration and computes nothing.

    Args:
        dataset: `ImageDataset`, its labels hidden as the task is to see them.
        strategy: tf.distribute strategy.
        cache_dir: see `InferredLabelsOptions`; not read if `folder` is given.
        folder: where it lies; None for its place in the cache.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """

    def __init__(self, dataset, strategy, cache_dir=None, folder=None):
        self.dataset = dataset
        self.strategy = strategy
        self.options = configuration.build(PretrainOptions)
        self.network_options = configuration.build(ResNetV2Options)
        self._check()
        self._cache_dir, self._folder = place.cache_dir(cache_dir), folder

    def _check(self):
        options, dataset, replicas = self.options, self.dataset, self.strategy.num_replicas_in_sync
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

    @property
    def labels_used(self):
        """Number of training images whose label the task sees."""
        return self.dataset.num_labelled if self.options.reads_labels else 0

    @property
    def description(self):
        """For people: the task, and how many labels it really uses."""
        return f"{self.options.task} with {self.labels_used} labels"

    @property
    def has_true_labels(self):
        """Whether the dataset stores labels that inferred ones can be compared with."""
        return self.dataset.num_classes not in (None, 1) and self.dataset.labels_are_classes

    @functools.cached_property
    def inputs(self):
        """See `place.inputs_of`."""
        return place.inputs_of(self.dataset, self.options, self.network_options)

    @functools.cached_property
    def folder(self):
        """Folder of the checkpoints, the log and the accuracies."""
        return pathlib.Path(self._folder or self._cache_dir / place.name_of(self.inputs))

    def train(self):
        """Trains unless that is done, and returns the accuracies, {name: number}.

        Raises:
            ConfigError: if the folder cannot be written or belongs to another configuration.
            DamagedFileError: if a record in it cannot be read.
            TrainingFailed: if training diverges.
        """
        with place.locked(self.folder):
            return self.accuracies()

    def accuracies(self):
        """As `train`, for those who hold the lock of the folder."""
        place.require_inputs(self.folder, self.inputs)
        path, probe_images = self.folder / ACCURACY, self.options.probe_images
        kept = place.read_json(path, "remove it, it is made again") if path.exists() else {}
        trained = damage_of(checkpoint_path(self.folder, self.options.training_steps)) is None
        if not trained or kept.pop("probe_images", None) != probe_images:
            kept = self._measure(self.restored() if trained else self._trained())
            place.write_json(path, kept | {"probe_images": probe_images})
            shown = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in kept.items())
            print(f"pre-training: {shown}", flush=True)
        return kept

    def restored(self):
        """The trained `PretrainModel`."""
        with self.strategy.scope():
            model = self._model()
        for part in model.parts:
            load_network(checkpoint_path(self.folder, self.options.training_steps), part)
        return model

    def _model(self):
        classes = self.dataset.num_classes if self.options.reads_labels else None
        return PretrainModel(self.options, self.network_options, self.dataset.image_shape, classes)

    def _trained(self):
        print(f"pre-training: {self.options.task}, in {self.folder}", flush=True)
        labelled = facts.labelled_images(self.dataset) if self.options.reads_labels else None
        if labelled is not None:
            with files.replacing(self.folder / facts.LABELLED_FILE) as file:
                file.write(labelled)
        with self.strategy.scope():
            model = self._model()
            pretrain(self.strategy, model, PretrainState(model), self.dataset, self.folder)
        return model

    def _measure(self, model):
        """Accuracies on the test split, {name: number}; without true labels that of rotations only."""
        dataset, options, found = self.dataset, self.options, {}
        if options.rotates:
            found["rotation_accuracy"] = features.rotation_accuracy(model, dataset, "test", dataset.num_test)
        if not self.has_true_labels:
            return found
        test, stored = features.extract(model, dataset, "test"), dataset.source.training_labels()
        if not np.any(test.labels >= 0):
            return found
        if options.reads_labels:
            found["class_accuracy"] = features.class_accuracy(test)
        chosen = features.probe_images(stored, options.probe_images, options.seed)
        if len(np.unique(stored[chosen])) > 1:
            train = features.extract(model, dataset, "train", chosen)
            found["linear_probe_accuracy"] = features.linear_probe_accuracy(train, test)
        return found
