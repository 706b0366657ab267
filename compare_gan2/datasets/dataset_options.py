"""The dataset that a run trains on, and the valid names."""

import dataclasses
from typing import Annotated

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf, Seed
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.sources.tfds_options import PREFIX
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean

OF_USER = ("folder", "arrays", "idx")  # names for data of users


@configurable("dataset", module="compare_gan.datasets")
@dataclasses.dataclass(frozen=True)
class DatasetOptions:
    """Which dataset, and the seed of its order.

    Attributes:
        name: a key of `catalog.DATASETS`, "folder", "arrays", "idx" or "tfds:NAME".
        random_flip: mirror each training image left to right with probability 1/2.
        seed: seed of order, crops and flips of the training images, 0 to 2**32 - 1; None: the seed of the run.

    Raises:
        ConfigError: for a seed out of range.
    """

    name: Annotated[str, AnyOf("names of datasets, checked when one is opened")]
    random_flip: bool = False
    seed: Seed | None = None

    def __post_init__(self):
        check_fields(self)


def is_name(name):
    """Whether a dataset of this name can be opened."""
    return name in DATASETS or name in OF_USER or name.startswith(PREFIX) and name != PREFIX


def names():
    """All names of datasets, as text for messages."""
    return ", ".join([*DATASETS, *OF_USER, f"{PREFIX}NAME"])


def require_name(name, fake=False):
    """Raises a `ConfigError` unless a dataset of this name can be opened, or made up if it is to be `fake`."""
    if not is_name(name):
        hint = did_you_mean(name, [*DATASETS, *OF_USER])
        raise ConfigError(f"dataset.name: expected one of {names()}, got {name!r}{hint}")
    if fake and name not in DATASETS:
        raise ConfigError(f"--data_fake_dataset: the shape of {name} is known from its images only")
