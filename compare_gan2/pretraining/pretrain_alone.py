"""Pre-training without a GAN: the extractor and, if a configuration binds any, the inferred labels."""

from compare_gan2.datasets.dataset_options import DatasetOptions
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.ground.messages import log
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions
from compare_gan2.pretraining.make_inference import make_extractor, make_label_inference
from compare_gan2.pretraining.schedules import unreached_steps
from compare_gan2.run_folder.dataset_record import empty_classes


def pretrain_alone(config, folder=None, *, tfds_data_dir=None, fake=False, shuffle_buffer_size=10_000):
    """({name: accuracy}, pattern of the label files or None) of the extractor that a configuration binds.

    Trains the extractor, measures it and writes label files; what is cached is not computed again.

    Args:
        config: `Configuration`.
        folder: of the extractor; None for its folder in the cache.
        tfds_data_dir: folder of TensorFlow Datasets; None for its default.
        fake: train on random images of the dataset's shape.
        shuffle_buffer_size: examples that are shuffled at a time.

    Raises:
        ConfigError: for options that cannot be run, before anything is written.
        DamagedFileError: if a cached record cannot be read.
        TrainingFailed: if training diverges.
    """
    kind = config.build(InferredLabelsOptions).kind
    strategy, devices = get_strategy()
    dataset = open_dataset(
        config,
        config.build(DatasetOptions).name,
        tfds_data_dir=tfds_data_dir,
        fake=fake,
        shuffle_buffer_size=shuffle_buffer_size,
    )
    extractor = make_extractor(config, dataset, strategy, folder)
    inference = None if kind is None else make_label_inference(config, extractor, kind)
    for line in (f"folder: {extractor.folder}", f"devices: {devices}", f"dataset: {dataset.description}"):
        log.info(line)
    for line in (*dataset.notes, f"pre-training: {extractor.description}"):
        log.info(line)
    if inference is not None:
        log.info(f"labels: {inference.description}")
    for warning in (*empty_classes(extractor.dataset.known_label_distribution), *unreached_steps(config.record)):
        log.warning(warning)
    accuracies = extractor.train()
    return accuracies, None if inference is None else inference.infer().file_pattern
