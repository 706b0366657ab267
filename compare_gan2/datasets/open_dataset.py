"""From a configuration to the dataset that it binds."""

from compare_gan2.datasets import data_request
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.crop_options import ImagenetCrops, eval_imagenet_transform, train_imagenet_transform
from compare_gan2.datasets.dataset_options import require_name
from compare_gan2.datasets.labels import label_table, replacement
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.datasets.labels.replacement import ReplaceLabels
from compare_gan2.datasets.sources import folder_source
from compare_gan2.datasets.sources.folder_headers import known_channels
from compare_gan2.datasets.sources.folder_options import FolderOptions


def open_dataset(config, name, *, tfds_data_dir=None, fake=False, shuffle_buffer_size=10_000, inferred=None):
    """`ImageDataset` of a name, with the labels and the options of its source that a configuration binds.

    Args:
        config: `Configuration`; `labels`, `replace_labels` and the options of this source are built from it.
        name: a key of `catalog.DATASETS`, "folder", "arrays", "idx" or "tfds:NAME".
        tfds_data_dir, fake, shuffle_buffer_size, inferred: see `DataRequest`.

    Raises:
        ConfigError: for an unknown name, options out of range, or label options that cannot be met.
        DataError: for data that is missing, unreadable or unfit.
        DamagedFileError: if a cache of pictures is damaged.
    """
    require_name(name, fake)
    return data_request.get_dataset(
        data_request.DataRequest(
            name,
            labels=config.build(LabelOptions),
            replace_labels=config.build(ReplaceLabels),
            source_options=_source_options(config, name),
            tfds_data_dir=tfds_data_dir,
            fake=fake,
            shuffle_buffer_size=shuffle_buffer_size,
            inferred=inferred,
        )
    )


def known_shape(config, name, fake=False):
    """(image_shape, num_classes) that `open_dataset` will return, before an image is decoded; None if unknown.

    The catalogue knows its shapes, and the first pictures of a folder give its own. Classes are those of training: one
    with `labels.source = "single"`, clusters if the files of `replace_labels` hold clusters.

    Args:
        config: `Configuration`.
        name: as `open_dataset` takes it.
        fake: whether images are to be made up, so that no file is read.

    Raises:
        ConfigError: for an unknown name, or options out of range.
        DataError: for a folder that is missing or laid out otherwise, or label files that are missing.
    """
    require_name(name, fake)
    if name in DATASETS:
        shape, num_classes = DATASETS[name].image_shape, DATASETS[name].num_classes
    elif name == "folder":
        options = config.build(FolderOptions)
        listing = folder_source.listed(options)
        channels = known_channels(listing, options)
        if channels is None:
            return None
        shape, num_classes = (options.resolution, options.resolution, channels), listing.num_classes
    else:
        return None
    pattern, labels = config.build(ReplaceLabels).file_pattern, config.build(LabelOptions)
    if labels.source == "single":
        return shape, 1
    if labels.file is not None and num_classes is None and not fake:
        num_classes, _, _ = label_table.read_table(labels.file).classes(None, None)
    if pattern is not None and not fake and (described := replacement.description_of(pattern)) is not None:
        return shape, described.num_classes
    return shape, num_classes


def _source_options(config, name):
    """Options of the one source that a name needs, see `DataRequest`; nothing else is built, for it is recorded."""
    options_class = data_request.source_options_of(name)
    if options_class is ImagenetCrops:
        return ImagenetCrops(config.build(train_imagenet_transform), config.build(eval_imagenet_transform))
    return None if options_class is None else config.build(options_class)
