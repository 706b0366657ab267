"""Datasets by name: their images and labels, and the input pipeline of training.

`open_dataset.open_dataset` opens what a configuration binds, `get_dataset` what a `DataRequest` holds.
"""

from compare_gan2.datasets.dataset_options import DatasetOptions, is_name, names

__all__ = ["DatasetOptions", "get_dataset", "is_name", "names"]


def __getattr__(name):
    if name == "get_dataset":  # late, for it imports TensorFlow
        from compare_gan2.datasets.data_request import get_dataset

        return get_dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
