"""Images read through TensorFlow Datasets (TFDS), which is imported when a dataset is opened."""

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.sources import tfds_download
from compare_gan2.datasets.sources.stream_source import StreamSource
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.store import key_of


def prepared_builder(name, tfds_name, data_dir=None, manual_archives=(), install=None):
    """TFDS builder of a dataset that is on disk, downloaded first if TFDS can do that alone.

    Args:
        name: our name of the dataset, for messages.
        tfds_name: its name in TFDS.
        data_dir: folder of TFDS; None: its default.
        manual_archives: files that have to be downloaded by hand; if there are any, nothing is downloaded here.
        install: command that installs the data where it is found without TFDS, for messages; None: there is none.

    Raises:
        DataError: if the data is missing; the message says what to download and where to put it. Without a network it
            comes within `tfds_download.PATIENCE` seconds.
        ValueError: of TFDS's own kinds, for a name that it does not know.
    """
    import tensorflow_datasets as tfds

    with tfds_download.without_warnings("absl"):  # of a folder that is not there yet
        builder = tfds.builder(tfds_name, data_dir=data_dir)
        is_prepared = builder.is_prepared()
    if is_prepared:
        return builder
    root = builder.data_path.parents[tfds_name.count("/") + 1]
    build_it = f"run `tfds build {tfds_name} --data_dir={root}`"
    other_ways = "Another folder is named with --tfds_data_dir. gin_configs/s3gan.gin runs without any download."
    package = f"Debian and Ubuntu have it as a package, read without --tfds_data_dir: `{install}`. "
    missing = f"dataset {name}: there is no {tfds_name} in {builder.data_path}."
    if manual_archives:
        by_hand = f"Download {' and '.join(manual_archives)}, put them in {root}/downloads/manual"
        raise DataError(f"{missing} {by_hand}, {build_it}. {other_ways}")
    try:
        tfds_download.download(builder)
    except Exception as error:  # TFDS, its HTTP client and the file system all raise their own kinds
        raise DataError(
            f"{missing} Downloading it failed ({type(error).__name__}: {error}). {package if install else ''}"
            f"On a machine with network {build_it} and copy that folder here. {other_ways}"
        ) from error
    return builder


class TfdsSource(StreamSource):
    """`Source` of the images of a prepared TFDS dataset.

    Images are named by the feature `file_name`, or by their numbers if that feature is missing.

    Args:
        builder: TFDS builder, prepared.
        image_shape: (height, width, channels) after the transforms.
        train_split, test_split: TFDS splits.
        split_sizes: (train, test), used if TFDS does not know them; None: the images are counted then.
        train_transform, test_transform: functions (image uint8, seed [2]) -> image float32 in [0, 1].
        shuffle_buffer_size: images among which the next one of an epoch is drawn.
        image, label: names of the features; labels are 0 if that of the label is missing.
    """

    def __init__(
        self,
        builder,
        image_shape,
        *,
        train_split,
        test_split,
        split_sizes,
        train_transform,
        test_transform,
        shuffle_buffer_size,
        image="image",
        label="label",
    ):
        features = builder.info.features
        self._builder = builder
        self._content = {
            "train": _content(builder, train_split, image, label),
            "test": _content(builder, test_split, image, label),
        }
        train, test = (_read(builder, split, image) for split in (train_split, test_split))
        super().__init__(
            train,
            test,
            sizes=[_size(*given) for given in zip((train, test), split_sizes or (None, None), strict=True)],
            image_shape=image_shape,
            decode=features[image].decode_example,
            train_transform=train_transform,
            test_transform=test_transform,
            shuffle_buffer_size=shuffle_buffer_size,
            label=lambda example: example[label] if label in example else tf.constant(0),
            name=(lambda example: example["file_name"]) if "file_name" in features else None,
        )

    @property
    def record_files(self):
        """Paths of the TFRecord files of all splits; see `record_files.damage_named`."""
        files = (path for split in self._builder.info.splits.values() for path in split.filepaths)
        return [str(path) for path in files if ".tfrecord" in path.name]

    def drop_damaged(self, path):
        """What to do about a damaged file, which stays where it is: TFDS prepares whole datasets."""
        name, folder = self._builder.info.full_name, self._builder.data_path
        return f"delete the folder {folder} and run `tfds build {name}` again, or copy it again from where it is intact"

    def content(self, split):
        """Version, size and checksums as TFDS records them; the files are not read. See `Source`."""
        return self._content[split]

    def training_sides(self):
        """The shorter side of each stored image in pixels, int32 [num_train], read from the headers of JPEG images."""
        return self.of_all(lambda example: tf.reduce_min(tf.io.extract_jpeg_shape(example["image"])[:2]))


def _read(builder, split, image):
    """tf.data.Dataset of (index, example with encoded image), in an order fixed by the files and these settings."""
    import tensorflow_datasets as tfds

    stored = builder.as_dataset(
        split=split,
        shuffle_files=False,
        decoders={image: tfds.decode.SkipDecoding()},
        read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=16, interleave_block_length=16),
    )
    return stored.map(lambda example: {**example, "image": example[image]}).enumerate()


def _content(builder, split, image, label):
    """{"images": text} of a split: TFDS's name with version, features, checksums, numbers and bytes of all splits."""
    info = builder.info
    splits = sorted((name, each.num_bytes, list(each.shard_lengths)) for name, each in info.splits.items())
    archives = sorted((url, getattr(facts, "checksum", None)) for url, facts in (builder.url_infos or {}).items())
    return {"images": f"{info.full_name} {split} {key_of([info.full_name, split, image, label, splits, archives])}"}


def _size(stored, default):
    known = int(stored.cardinality())
    if known >= 0:
        return known
    return int(stored.reduce(np.int64(0), lambda count, _: count + 1)) if default is None else default
