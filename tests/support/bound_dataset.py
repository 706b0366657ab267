"""Datasets as configurations bind them, for tests."""

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.open_dataset import open_dataset


def opened(name, *bindings, **options):
    """`ImageDataset` of a name under lines of a `.gin` file; options as `open_dataset` takes them."""
    return open_dataset(parse([], list(bindings)), name, **options)
