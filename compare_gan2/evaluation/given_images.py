"""Images in any form that a user gives them in, as an `ImageSource`: folder, .npz file, arrays, name of a dataset."""

import os
import pathlib

from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.datasets.pictures.picture_reader import SCORING
from compare_gan2.datasets.sources.folder_options import FolderOptions
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.image_files import of_arrays, of_folder, of_images
from compare_gan2.evaluation.image_names import require_images
from compare_gan2.ground.errors import DataError
from compare_gan2.run_folder.model_directory import ModelDirectory


class GivenImages:
    """Opens images, all in one way.

    Args:
        config: `Configuration` with the options of datasets.
        split: of a dataset, "test" or "train".
        size: (side in pixels, resizer) that all images are brought to; None: they stay as they are.
        tfds_data_dir: folder of TensorFlow Datasets; None for its default.
        made_up: name of a dataset whose images are random, as `--data_fake_dataset` makes them; None: of no dataset.
        seed: which images are taken if not all are, see `drawn_images.chosen_images`.
        rules: `ReadingRules` of picture files.
    """

    def __init__(self, config, *, split="test", size=None, tfds_data_dir=None, made_up=None, seed=0, rules=SCORING):
        self._config = config
        self._split = split
        self._size = size
        self._tfds_data_dir = tfds_data_dir
        self._made_up = made_up
        self._seed = seed
        self._rules = rules

    def open(self, given, option, count=None):
        """`ImageSource` of what is given.

        Args:
            given: path of a folder or .npz file, array of images, tuple (images, labels), or name of a dataset.
            option: for messages, such as "--fake".
            count: number of images; None for all.

        Raises:
            DataError: for images that are missing, cannot be read, or are fewer than requested.
            ConfigError: for images of several sizes, or options of a dataset that cannot be met.
        """
        if isinstance(given, tuple) and len(given) == 2:
            return self.sized(of_images(*given, option, count, seed=self._seed))
        if hasattr(given, "__array__"):
            return self.sized(of_images(given, None, option, count, seed=self._seed))
        if not isinstance(given, (str, os.PathLike)):
            kind = type(given).__name__
            raise DataError(
                f"{option}: expected a path, the name of a dataset, an array of images, a tuple (images, labels) or a"
                f" model, got {kind}"
            )
        require_images(given, option)
        path = pathlib.Path(given)
        if path.is_dir():
            size = self._size or ()
            return of_folder(
                path, option, count, *size, seed=self._seed, rules=self._rules, unlabelled=self._unlabelled()
            )
        if path.is_file():
            return self.sized(of_arrays(path, option, count, self._seed))
        return self.of_dataset(self.dataset(str(given)), self._split, count)

    def dataset(self, name):
        """`ImageDataset` of a name.

        Raises:
            ConfigError: see `open_dataset`.
        """
        made_up = name == self._made_up
        return open_dataset(self._config, name, tfds_data_dir=self._tfds_data_dir, fake=made_up)

    def of_dataset(self, dataset, split, count):
        """`ImageSource` of a dataset's split; see `sources.of_dataset`."""
        return self.sized(sources.of_dataset(dataset, split, count, self._seed))

    def _unlabelled(self):
        """`folder.unlabelled` of the configuration, whose other options need not be bound."""
        if not self._config.is_bound(FolderOptions, "unlabelled"):
            return None
        return self._config.build(FolderOptions, path=".", resolution=1).unlabelled

    def sized(self, source):
        """The source with its images brought to the size."""
        if self._size is None or source.image_shape[:2] == (self._size[0], self._size[0]):
            return source
        return sources.resized(source, *self._size)


def made_up_dataset(sampler):
    """Name of the dataset of a run that trained on made-up images; None if there is none.

    Args:
        sampler: `Sampler` of a run; None for no run.
    """
    if sampler is None or ModelDirectory(sampler.model_dir).recorded().get("--data_fake_dataset") != "True":
        return None
    return sampler.dataset_name
