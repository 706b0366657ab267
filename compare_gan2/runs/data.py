"""The data of a run: images, the labels that training sees, and what its folder records of them."""

import pathlib

from compare_gan2.datasets.labels.training_labels import with_inferred
from compare_gan2.datasets.open_dataset import known_shape, open_dataset
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.pretraining.clustering import ClusteringOptions
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions
from compare_gan2.pretraining.label_files import keep_manifest
from compare_gan2.pretraining.make_inference import inference_of
from compare_gan2.run_folder import dataset_record


def expected_shape(config, settings):
    """(image_shape, num_classes) of pictures that are still to be decoded; None for data that needs no decoding.

    Args:
        config: `Configuration`.
        settings: its `Settings`.

    Raises:
        ConfigError: for a folder that is missing, or options out of range.
    """
    if settings.data.name != "folder" or settings.command.data_fake_dataset:
        return None
    shape = known_shape(config, settings.data.name)
    if shape is not None and config.build(InferredLabelsOptions).kind == "clusters":
        clustering = config.build(ClusteringOptions)
        return None if clustering.chooses else (shape[0], clustering.num_clusters)
    return shape


class RunData:
    """Images and labels of a run; the constructor reads no labels that pre-training has yet to infer.

    Args:
        config: `Configuration`.
        settings: `Settings`.
        devices: `Devices`.

    Attributes:
        given: `ImageDataset` with the given labels, before others are inferred.
        dataset: `ImageDataset` that training sees, with inferred labels if there are any.
        inference: `LabelInference`, None if no labels are inferred.
        record: `DatasetRecord` of `dataset`; None before the labels of training are known.

    Raises:
        ConfigError: for data that is missing, or options that it cannot meet.
    """

    def __init__(self, config, settings, devices):
        command = settings.command
        self.given = open_dataset(
            config,
            settings.data.name,
            tfds_data_dir=command.tfds_data_dir,
            fake=command.data_fake_dataset,
            shuffle_buffer_size=command.data_shuffle_buffer_size,
        )
        self.dataset, self.record = self.given, None
        self.inference = inference_of(config, self.given, devices.scoring_strategy)
        if self.inference is not None:
            if command.dry_run and self.inference.has_to_choose:
                raise ConfigError(
                    "--dry_run: clustering.num_clusters = 'silhouette' is known once features are learned; run "
                    "'compare_gan2 pretrain' with this configuration first, or bind a number"
                )
            self.dataset = with_inferred(self.given, self.inference.announced)

    def record_labels(self, model_dir, count_labels):
        """Sets `record` and refuses a folder whose run began with other data; call it once the labels are known.

        Args:
            model_dir: folder of the run.
            count_labels: count the labels of each class even if that takes a pass through the files.
        """
        self.record = dataset_record.of_dataset(self.dataset, with_distribution=count_labels)
        dataset_record.check(model_dir, self.given, self.record)

    def infer_labels(self, model_dir, count_labels):
        """Pre-trains and infers the labels of training, if configured and not cached.

        Args:
            model_dir, count_labels: see `record_labels`.
        """
        inferred = self.inference.infer()
        self.dataset = with_inferred(self.given, inferred)
        self.record_labels(model_dir, count_labels)
        keep_manifest(pathlib.Path(inferred.file_pattern).parent, model_dir / "inferred_labels.json")

    def take_inferred_labels(self):
        """Takes the labels that the chief has inferred; for the other workers."""
        self.dataset = with_inferred(self.given, self.inference.made())

    def announce(self, labels_are_used):
        """Reports the data of the run: images, labels, notes of the source."""
        log.info(f"dataset: {self.given.description}{'' if labels_are_used else '; labels are not used'}")
        for note in self.given.notes:
            log.info(note)
        if self.inference is not None:
            log.info(f"labels: {self.inference.description}")
            for warning in dataset_record.empty_classes(self.given.known_label_distribution):
                log.warning(warning)
