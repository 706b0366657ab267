"""Fashion-MNIST (Xiao et al. 2017, https://arxiv.org/abs/1708.07747) from the package of Debian, padded to 32x32."""

import functools
import pathlib

from compare_gan2.datasets.sources.idx_files import read_idx
from compare_gan2.datasets.sources.padding import padded
from compare_gan2.ground.errors import DataError

FOLDER = pathlib.Path("/usr/share/datasets/fashion-mnist")  # of the package, in Debian and Ubuntu
INSTALL = "apt install dataset-fashion-mnist"
SIDE = 32  # pixels; the networks halve images four times
COUNTS = {"train": 60_000, "t10k": 10_000}
_OPTION = "dataset fashion_mnist"


def is_installed():
    """Whether the folder of the package is there; a file that is missing in it is an error of `load`."""
    return FOLDER.is_dir()


@functools.cache
def load():
    """60,000 training and 10,000 test pictures in the order of the files.

    The arrays are shared between callers and therefore read-only.

    Returns:
        (train_images, train_labels, test_images, test_labels): images uint8 in 0..255, [60000, 32, 32, 1] and
        [10000, 32, 32, 1]; labels int32, [60000] and [10000].

    Raises:
        DataError: if a file is missing, cut or holds something else.
    """
    arrays = [*_split("train"), *_split("t10k")]
    for array in arrays:
        array.setflags(write=False)
    return tuple(arrays)


def _split(name):
    images = read_idx(FOLDER / f"{name}-images-idx3-ubyte.gz", _OPTION)
    labels = read_idx(FOLDER / f"{name}-labels-idx1-ubyte.gz", _OPTION)
    count = COUNTS[name]
    if images.shape != (count, 28, 28) or labels.shape != (count,) or set(labels.tolist()) != set(range(10)):
        raise DataError(
            f"{_OPTION}: expected {count} pictures of 28x28 and as many labels from 0 to 9 in {FOLDER}/{name}-*, got"
            f" images of shape {images.shape} and labels of shape {labels.shape}; reinstall the package: {INSTALL}"
        )
    return padded(images[..., None], SIDE), labels.astype("int32")
