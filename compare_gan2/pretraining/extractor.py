"""A feature extractor on one dataset: trained once, measured, cached."""

import functools
import pathlib

import numpy as np

from compare_gan2.ground import files, store
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.image_size import in_pixels
from compare_gan2.ground.messages import log
from compare_gan2.pretraining import extractor_cache, features, start_weights
from compare_gan2.pretraining.few_label_model import FewLabelModel
from compare_gan2.pretraining.given_labels import label_shares, require_each_class
from compare_gan2.pretraining.neighbours import NeighbourLog, neighbour_accuracy
from compare_gan2.pretraining.self_supervised.model import SelfSupervisedModel
from compare_gan2.pretraining.tasks import PretrainModel
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.run_folder import dataset_record
from compare_gan2.run_folder.checkpoint_files import checkpoint_path
from compare_gan2.run_folder.checkpoints import damage_of

ACCURACY = "accuracy.json"
NEIGHBOURS = "neighbours.csv"


class Extractor:
    """A feature extractor and its folder; the constructor checks the configuration and computes nothing.

    Args:
        dataset: `ImageDataset` with only the labels that the task may see.
        strategy: tf.distribute strategy.
        options: `PretrainOptions`.
        network_options: `ResNetV2Options`.
        cache_dir: see `InferredLabelsOptions`; not read if `folder` is given.
        folder: where it is stored; None for its folder in the cache.
        method: `Method` of a self-supervised task; None for other tasks.
        held_out: `HeldOut` images whose labels the dataset hides from the task; None for none.
        few_labels: `FewLabelOptions`; None for tasks that do not read them.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """

    def __init__(
        self,
        dataset,
        strategy,
        options,
        network_options,
        cache_dir=None,
        folder=None,
        method=None,
        held_out=None,
        few_labels=None,
    ):
        self.dataset = dataset
        self.strategy = strategy
        self.options = options
        self.network_options = network_options
        self.method = method
        self.held_out = held_out
        self.few_labels = few_labels
        self._check()
        self._cache_dir, self._folder = extractor_cache.cache_dir(cache_dir), folder

    def _check(self):
        options, dataset, replicas = self.options, self.dataset, self.strategy.num_replicas_in_sync
        if dataset.has_soft_labels:
            raise ConfigError("pretrain.task: expected whole numbers as labels, the dataset has class probabilities")
        if options.reads_labels and not dataset.num_labelled:
            raise ConfigError(f"pretrain.task: {options.task} needs labels, no image of {dataset.name} has one")
        if options.learns_from_few:
            require_each_class(dataset, f"pretrain.task: {options.task}")
            if self.few_labels.start is not None:
                start_weights.check(self.few_labels.start, dataset.image_shape, self.network_options)
        if options.rotates and dataset.image_shape[0] != dataset.image_shape[1]:
            size = in_pixels(*dataset.image_shape[:2])
            raise ConfigError(f"pretrain.task: rotations need square images, those of {dataset.name} have {size}")
        if options.max_shift >= dataset.image_shape[0] and not options.compares_views:
            raise ConfigError(
                f"pretrain.max_shift: expected less than {dataset.image_shape[0]}, got {options.max_shift}"
            )
        if options.compares_views:
            if options.views is None:
                raise ConfigError(
                    f"pretrain.views: {options.task} needs views of each image, expected @digit_views() or "
                    "@colour_views(), got None"
                )
            options.views.require_images(dataset.image_shape)
            self.method.require_batch(options.batch_size)
        sizes = {"batch_size": options.reads_all_images, "labelled_batch_size": options.reads_labels}
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
        """Text for messages: the task, and how many labels it uses."""
        return f"{self.options.task} with {self.labels_used} labels"

    @property
    def has_true_labels(self):
        """Whether the dataset stores labels that inferred ones can be compared with."""
        return self.dataset.num_classes not in (None, 1) and self.dataset.labels_are_classes

    @functools.cached_property
    def inputs(self):
        """See `extractor_cache.provenance`."""
        return extractor_cache.provenance(
            self.dataset, self.options, self.network_options, self.method, self.few_labels
        )

    @functools.cached_property
    def folder(self):
        """Folder of the checkpoints, the log and the accuracies."""
        return pathlib.Path(self._folder or self._cache_dir / extractor_cache.name_of(self.inputs))

    def train(self):
        """{name: accuracy in [0, 1]}, after training the extractor unless that is done.

        Raises:
            ConfigError: if the folder cannot be written or belongs to another configuration.
            DamagedFileError: if a record in it cannot be read.
            TrainingFailed: if training diverges.
        """
        with extractor_cache.locked(self.folder):
            return self.accuracies()

    def accuracies(self):
        """As `train`; the caller holds the lock of the folder."""
        extractor_cache.require_inputs(self.folder, self.inputs)
        path, probe_images = self.folder / ACCURACY, self.options.probe_images
        accuracies = store.read_json(path, "remove it, it is made again") if path.exists() else {}
        trained = damage_of(checkpoint_path(self.folder, self.options.training_steps)) is None
        if not trained or accuracies.pop("probe_images", None) != probe_images:
            accuracies = self._measure(self.restored() if trained else self._trained())
            store.write_json(path, accuracies | {"probe_images": probe_images})
            shown = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in accuracies.items())
            log.info(f"pre-training: {shown or 'no labels to measure the features with'}")
        return accuracies

    def restored(self):
        """The trained `PretrainModel` or `SelfSupervisedModel`, read from its checkpoint."""
        with self.strategy.scope():
            model = self._model()
        model.restore(checkpoint_path(self.folder, self.options.training_steps))
        return model

    def _model(self):
        if self.method is not None:
            return SelfSupervisedModel(self.options, self.method, self.network_options, self.dataset.image_shape)
        if self.few_labels is not None:
            shares = label_shares(self.dataset)
            shape, images = self.dataset.image_shape, self.dataset.source.num_train
            return FewLabelModel(self.options, self.network_options, shape, self.few_labels, images, shares)
        classes = self.dataset.num_classes if self.options.reads_labels else None
        return PretrainModel(self.options, self.network_options, self.dataset.image_shape, classes)

    def _trained(self):
        log.info(f"pre-training: {self.options.task}, in {self.folder}")
        labelled = dataset_record.labelled_images(self.dataset) if self.options.reads_labels else None
        if labelled is not None:
            with files.replacing(self.folder / dataset_record.LABELLED_FILE) as file:
                file.write(labelled)
        with self.strategy.scope():
            model = self._model()
            if self.few_labels is not None and self.few_labels.start is not None:
                model.start_from(self.few_labels.start)
            pretrain(self.strategy, model, PretrainState(model), self.dataset, self.folder, self._watch(model))
        return model

    def _watch(self, model):
        """`NeighbourLog` of a self-supervised task, whose loss alone shows little; None without true labels."""
        if self.method is None or not self.has_true_labels:
            return None
        stored = self.dataset.source.training_labels()
        chosen = features.probe_images(stored, self.options.probe_images, self.options.seed)
        return NeighbourLog(model, self.dataset, chosen, self.folder / NEIGHBOURS) if len(chosen) else None

    def _measure(self, model):
        """{name: accuracy on the test split}; without true labels that of rotations only."""
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
            if options.compares_views:
                found["neighbour_accuracy"] = neighbour_accuracy(train, test)
            found["linear_probe_accuracy"] = features.linear_probe_accuracy(train, test)
        return found
