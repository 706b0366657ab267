"""The images that a run was trained on, with features to compare samples with."""

import dataclasses

import numpy as np

from compare_gan2.config.binding_lines import as_lines
from compare_gan2.config.configuration import parse
from compare_gan2.evaluation.chosen_network import chosen_network
from compare_gan2.evaluation.given_images import GivenImages, made_up_dataset
from compare_gan2.evaluation.real_images import real_images
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.trust import trusting
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.run_folder import dataset_record

_NEEDS = frozenset({"real_features"})


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingImages:
    """Images that a run was trained on, in the order of its dataset; make one with `training_images`.

    Attributes:
        source: `ImageSource` of the training images.
        network: `FeatureNetwork`.
        features: float32 [n, F] of the training images.
        held_out: float32 [m, F], features of test images.
    """

    source: object
    network: object
    features: np.ndarray
    held_out: np.ndarray

    def features_of(self, images):
        """float32 [N, F] of images [N, H, W, C], uint8 or floats in [0, 1]."""
        images = np.asarray(images)
        scaled = images / np.float32(255) if images.dtype == np.uint8 else images
        return self.network.features_and_logits(scaled)[0]

    def images(self, indices):
        """{index: float32 [H, W, C] in [0, 1]} of some of the images; reads those before them, too."""
        wanted, found, first = set(map(int, indices)), {}, 0
        for images, _ in self.source.batches():
            here = [index for index in wanted if first <= index < first + len(images)]
            found |= {index: np.asarray(images[index - first], np.float32) for index in here}
            first += len(images)
            if len(found) == len(wanted):
                break
        return found


def training_images(
    model,
    *,
    network: str | None = None,
    network_path: str | None = None,
    num_real: int | None = None,
    more_than: int = 0,
    bindings: dict | list | None = None,
    cache_dir=None,
    tfds_data_dir=None,
    trust: bool = False,
    allow_imports: bool = False,
):
    """`TrainingImages` of a run, whose features are cached as those of scores.

    Args:
        model: `Model` of a run.
        network, network_path: see `compare_gan2.evaluate`; None: the feature network of the run.
        num_real: number of training images, drawn if there are more; see `drawn_images`. None: all.
        more_than: number of neighbours that are searched, of which there have to be fewer than images.
        bindings, cache_dir, tfds_data_dir, trust, allow_imports: see `compare_gan2.evaluate`.

    Raises:
        ConfigError: for a model without a run, a network that does not fit, or fewer images than requested.
        DataError: for images that are missing or unreadable.
    """
    sampler = model.sampler
    if not hasattr(sampler, "dataset_name"):
        raise ConfigError("neighbours: expected a run, which names its training images; saved networks do not")
    lines = as_lines(bindings)
    config = parse([], [sampler.config.text, *lines], allow_imports=allow_imports)
    given = {name: value for name, value in (("name", network), ("path", network_path)) if value is not None}
    named = network_path is not None or any("feature_network.path" in line for line in lines)
    with trusting(trust, () if named else sampler.recorded_paths):
        network = config.build(feature_network, **chosen_network(config, sampler.dataset_name, given))
    network.check_image_shape(model.image_shape)
    images = GivenImages(config, tfds_data_dir=tfds_data_dir, made_up=made_up_dataset(sampler))
    dataset = images.dataset(sampler.dataset_name)
    for split in ("train", "test"):
        dataset_record.require_same_content(sampler.dataset, dataset, split)
    available = dataset.num_images("train")
    if num_real is not None and num_real > available:
        raise ConfigError(
            f"num_real: expected at most {available}, the training images of {dataset.name}, got {num_real}"
        )
    searched = available if num_real is None else num_real
    if not more_than < searched:
        raise ConfigError(f"neighbours: expected fewer than the {searched} training images, got {more_than}")
    sources = [images.of_dataset(dataset, "train", num_real), images.of_dataset(dataset, "test", None)]
    features = [real_images(source, network, _NEEDS, cache_dir).features for source in sources]
    return TrainingImages(sources[0], network, *features)
