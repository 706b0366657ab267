"""What decides which images and labels a dataset has, as plain values, and the dataset that it describes."""

import dataclasses

from compare_gan2.config.declare import gin_text, selector
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.catalog_dataset import open_catalog
from compare_gan2.datasets.crop_options import ImagenetCrops, train_imagenet_transform
from compare_gan2.datasets.dataset_options import require_name
from compare_gan2.datasets.labels.label_options import InferredLabels, LabelOptions
from compare_gan2.datasets.labels.label_table import read_table
from compare_gan2.datasets.labels.replacement import ReplaceLabels
from compare_gan2.datasets.labels.training_labels import check_label_options, with_training_labels
from compare_gan2.datasets.sources import arrays_source, folder_source, idx_source, tfds_names
from compare_gan2.datasets.sources.arrays_options import ArraysOptions
from compare_gan2.datasets.sources.folder_options import LATER, FolderOptions
from compare_gan2.datasets.sources.idx_options import IdxOptions
from compare_gan2.datasets.sources.tfds_options import TfdsOptions

# Where data is and what is left out of it; the fingerprint of a dataset says more.
_OF_PLACES = {
    *("arrays.path", "folder.path", "folder.cache_dir", "folder.max_bad_fraction", "idx.path", "idx.class_names"),
    *("folder.unlabelled", "folder.loose"),
}


@dataclasses.dataclass(frozen=True)
class DataRequest:
    """Everything that decides which images and labels `get_dataset` returns.

    Attributes:
        name: a key of `catalog.DATASETS`, "folder", "arrays", "idx" or "tfds:NAME".
        labels: `LabelOptions`.
        replace_labels: `ReplaceLabels`.
        source_options: `FolderOptions` for "folder", `ArraysOptions` for "arrays", `IdxOptions` for "idx",
            `TfdsOptions` for "tfds:NAME", `ImagenetCrops` or None for an ImageNet of the catalogue, None for all
            others.
        tfds_data_dir: folder of TensorFlow Datasets; None: its default.
        fake: make up random images of the same shape; reads no file. Names of the catalogue only.
        shuffle_buffer_size: see `StreamSource`.
        inferred: `InferredLabels` that replace those of all training images; None: they stay.

    Raises:
        ConfigError: for an unknown name, or a fake dataset of unknown shape.
        TypeError: for source options that are not those of the name.
    """

    name: str
    labels: LabelOptions = LabelOptions()
    replace_labels: ReplaceLabels = ReplaceLabels()
    source_options: FolderOptions | ArraysOptions | IdxOptions | TfdsOptions | ImagenetCrops | None = None
    tfds_data_dir: str | None = None
    fake: bool = False
    shuffle_buffer_size: int = 10_000
    inferred: InferredLabels | None = None

    def __post_init__(self):
        require_name(self.name, self.fake)
        expected = source_options_of(self.name)
        optional = expected in (ImagenetCrops, None) and self.source_options is None
        if not optional and (expected is None or not isinstance(self.source_options, expected)):
            kind = getattr(expected, "__name__", None)
            raise TypeError(f"dataset {self.name}: expected source_options {kind}, got {self.source_options!r}")

    @property
    def image_options(self):
        """{`selector.parameter`: gin text} of the options that decide how training images are made.

        Paths and cache folders are not among them. Addresses of pre-training follow from this: keep it the same.
        """
        options = self.source_options
        if source_options_of(self.name) is ImagenetCrops:
            method = (options or ImagenetCrops()).train
            return {f"{selector(train_imagenet_transform)}.crop_method": gin_text(method)}
        if options is None:
            return {}
        values = {
            f"{selector(type(options))}.{field.name}": gin_text(getattr(options, field.name))
            for field in dataclasses.fields(options)
        }
        left_out = set(_OF_PLACES)
        if isinstance(options, FolderOptions):
            left_out |= {f"{selector(FolderOptions)}.{name}" for name in LATER if name not in options.unlike_before}
        return {name: text for name, text in values.items() if name not in left_out}


def source_options_of(name):
    """Class of the `source_options` that a name needs; None if it needs none."""
    if name in DATASETS:
        return ImagenetCrops if DATASETS[name].transform == "imagenet" else None
    return {"folder": FolderOptions, "arrays": ArraysOptions, "idx": IdxOptions}.get(name, TfdsOptions)


def get_dataset(request):
    """`ImageDataset` of a `DataRequest`, with the labels that it asks for; reads no configuration.

    Raises:
        ConfigError: for label options that cannot be met; those that no data is needed for are checked first.
        DataError: for data that is missing, unreadable or unfit.
        DamagedFileError: if a cache of pictures is damaged.
    """
    labels, replace_labels = request.labels, request.replace_labels
    if request.name in DATASETS:
        entry = DATASETS[request.name]
        check_label_options(request.name, entry.num_classes, labels, replace_labels, entry.label, request.fake)
        dataset = open_catalog(
            request.name,
            request.source_options,
            tfds_data_dir=request.tfds_data_dir,
            fake=request.fake,
            shuffle_buffer_size=request.shuffle_buffer_size,
        )
        own, only_labelled, partly = entry.label, entry.only_labelled, entry.partly_labelled and not request.fake
    else:
        dataset, own, only_labelled, partly = _of_user(request), "stored", False, False
    dataset = with_training_labels(
        dataset,
        labels,
        replace_labels,
        own=own,
        only_labelled=only_labelled,
        partly_labelled=partly,
        inferred=request.inferred,
        fake=request.fake,
    )
    return dataclasses.replace(dataset, options=request.image_options)


def _of_user(request):
    """`ImageDataset` of a folder, of arrays, of IDX files or of TFDS, its labels as stored."""
    options = request.source_options
    if request.name == "folder":
        listing = folder_source.listed(options)
        name, classes = folder_source.name_of(listing), listing.num_classes
        check_label_options(name, classes, request.labels, request.replace_labels)  # decoding may take hours
        if request.labels.file is not None:
            table = read_table(request.labels.file)
            table.classes(classes, listing.class_names)
            if not table.by_number:
                table.require_known(listing.names, len(listing.names))
        return folder_source.open_folder(listing, options, request.shuffle_buffer_size)
    if request.name == "arrays":
        return arrays_source.open_arrays(options)
    if request.name == "idx":
        return idx_source.open_idx(options)
    return tfds_names.open_tfds(request.name, options, request.tfds_data_dir, request.shuffle_buffer_size)
