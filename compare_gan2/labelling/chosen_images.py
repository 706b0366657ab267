"""The images of a configuration's dataset that a person should label, with all that is shown of them."""

import dataclasses

import numpy as np

from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.chosen_network import chosen_network
from compare_gan2.evaluation.given_images import GivenImages
from compare_gan2.evaluation.real_images import real_images
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.ground.trust import trusting
from compare_gan2.labelling.selection import typical, uncertain
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.pretraining import features as extractor_features
from compare_gan2.pretraining.make_inference import make_extractor
from compare_gan2.pretraining.options import PretrainOptions

_NEEDS, _BATCH = frozenset({"real_features"}), 256


@dataclasses.dataclass(frozen=True, eq=False)
class ChosenImages:
    """Images to label; make them with `choose_images`.

    Attributes:
        dataset: name of the dataset.
        class_names: one name per class, or None if it has no classes.
        indices: int64 [count], numbers of the training images, the one that stands for most others first.
        names: one name per image, as label files have them.
        shares: float64 [count], see `Selection`.
        images: uint8 [count, H, W, C].
        total: number of training images.
        labelled: number of labelled training images that the choice used; 0: none.
        network: name of the feature network, or the task of pre-training whose features were taken.
        stored: int32 [count], the labels that the data stores, seen by training or not, -1 for none; None without
            classes.
        bindings: gin bindings that give training all labels of a file, where the configuration hides some.
    """

    dataset: str
    class_names: tuple | None
    indices: np.ndarray
    names: list
    shares: np.ndarray
    images: np.ndarray
    total: int
    labelled: int
    network: str
    stored: np.ndarray | None = None
    bindings: tuple = ()

    def in_words(self):
        """One line on how they were chosen."""
        how = f"those least sure to a classifier of the {self.labelled:,} labelled ones" if self.labelled else "typical"
        return f"{len(self.indices)} of {self.total:,} training images of {self.dataset}: {how}, by {self.network}"


def choose_images(
    config, count, *, use_labels=True, seed=0, network=None, network_path=None, tfds_data_dir=None, trust=False
):
    """`ChosenImages` of the training images that a configuration's dataset has.

    Args:
        config: `Configuration` that binds `dataset.name`.
        count: number of images.
        use_labels: whether the labels that training sees make the choice: images with a label are left out, and the
            others are taken where a classifier is unsure. Without them, or if every image or none has one, images are
            taken that stand for most others.
        seed: of the clustering.
        network, network_path: see `compare_gan2.evaluate`; without either, and if the configuration binds a
            `pretrain.task` that reads no labels, features are those of its extractor, trained unless it is cached.
        tfds_data_dir: folder of TensorFlow Datasets.
        trust: see `compare_gan2.evaluate`.

    Raises:
        ConfigError: for more images than there are to choose from, or a network that does not fit.
        DataError: for images that are missing or unreadable.
    """
    name = config.build(DatasetOptions).name
    given = {key: value for key, value in (("name", network), ("path", network_path)) if value is not None}
    dataset = GivenImages(config, tfds_data_dir=tfds_data_dir).dataset(name)
    if not given and _pretrains_without_labels(config):
        called, features_of = _by_extractor(config, dataset)
    else:
        with trusting(trust, ()):
            called, features_of = _by_network(config, dataset, given)
    labels, total = _labels(dataset) if use_labels else None, dataset.num_images("train")
    left = total if labels is None else int(np.sum(labels < 0))
    if count > left:
        which = "training images" if labels is None else "training images without a label"
        raise ConfigError(f"count: expected at most {left}, the {which} of {name}, got {count}")
    features = features_of()
    found = typical(features, count, seed) if labels is None else uncertain(features, labels, count, seed)
    chosen = _with_pictures(dataset, found, called, 0 if labels is None else int(np.sum(labels >= 0)))
    return dataclasses.replace(chosen, bindings=_of_all_labels(config.build(LabelOptions)))


def _of_all_labels(options):
    unused = {"fraction": 1.0, "per_class": None}
    return tuple(f"labels.{name} = {value}" for name, value in unused.items() if getattr(options, name) != value)


def _pretrains_without_labels(config):
    return config.is_bound(PretrainOptions, "task") and not config.build(PretrainOptions).reads_labels


def _by_extractor(config, dataset):
    """(name, function () -> features [n, F]) of the extractor that the configuration pre-trains."""
    extractor = make_extractor(config, dataset, get_strategy()[0])

    def features():
        log.info(f"features: pre-training ({extractor.options.task}), without labels, in {extractor.folder}")
        extractor.train()
        return extractor_features.extract(extractor.restored(), dataset, "train").features

    return f"features of {extractor.options.task}", features


def _by_network(config, dataset, given):
    """The same of the feature network that is given, bound or at hand."""
    network = config.build(feature_network, **chosen_network(config, dataset.name, given))
    network.check_image_shape(tuple(dataset.image_shape))
    return network.name, lambda: real_images(sources.of_dataset(dataset, "train"), network, _NEEDS).features


def _labels(dataset):
    """Labels int [n] that training sees; None if they cannot guide the choice: there are none, all, or no classes."""
    if dataset.num_classes is None or dataset.has_soft_labels:
        return None
    labels = dataset.source.training_labels() if dataset.labels is None else dataset.labels
    return labels if np.any(labels >= 0) and np.any(labels < 0) else None


def _with_pictures(dataset, found, network, labelled):
    order = np.argsort(found.indices)  # in which a dataset is read
    batches = dataset.batches("train", len(order), _BATCH, found.indices[order])
    shown = np.empty([len(order), *dataset.image_shape], np.uint8)
    shown[order] = np.rint(np.concatenate([np.asarray(images) for images, _ in batches]) * 255)
    names = dataset.source.training_names()
    stored = None if dataset.num_classes is None else dataset.source.training_labels()[found.indices]
    return ChosenImages(
        dataset=dataset.name,
        class_names=dataset.class_names,
        indices=found.indices,
        names=[str(names[index]) for index in found.indices],
        shares=found.shares,
        images=shown,
        total=dataset.num_images("train"),
        labelled=labelled,
        network=network,
        stored=stored,
    )
