"""The images of a configuration's dataset that a person should label, with all that is shown of them."""

import dataclasses

import numpy as np

from compare_gan2.datasets import DatasetOptions
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.chosen_network import chosen_network
from compare_gan2.evaluation.given_images import GivenImages
from compare_gan2.evaluation.real_images import real_images
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.trust import trusting
from compare_gan2.labelling.selection import typical, uncertain
from compare_gan2.metrics.networks.feature_networks import feature_network

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
        labelled: number of those whose label the choice made use of; 0: it used none.
        network: name of the feature network.
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
        network, network_path: see `compare_gan2.evaluate`.
        tfds_data_dir: folder of TensorFlow Datasets.
        trust: see `compare_gan2.evaluate`.

    Raises:
        ConfigError: for more images than there are to choose from, or a network that does not fit.
        DataError: for images that are missing or unreadable.
    """
    name = config.build(DatasetOptions).name
    given = {key: value for key, value in (("name", network), ("path", network_path)) if value is not None}
    with trusting(trust, ()):
        network = config.build(feature_network, **chosen_network(config, name, given))
    images = GivenImages(config, tfds_data_dir=tfds_data_dir)
    dataset = images.dataset(name)
    network.check_image_shape(tuple(dataset.image_shape))
    labels, total = _labels(dataset) if use_labels else None, dataset.num_images("train")
    left = total if labels is None else int(np.sum(labels < 0))
    if count > left:
        which = "training images" if labels is None else "training images without a label"
        raise ConfigError(f"count: expected at most {left}, the {which} of {name}, got {count}")
    features = real_images(sources.of_dataset(dataset, "train"), network, _NEEDS).features
    found = typical(features, count, seed) if labels is None else uncertain(features, labels, count, seed)
    return _with_pictures(dataset, found, network.name, 0 if labels is None else int(np.sum(labels >= 0)))


def _labels(dataset):
    """Labels int [n] that training sees; None if they say nothing about which image to take next."""
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
    )
