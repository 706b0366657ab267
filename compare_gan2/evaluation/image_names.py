"""Whether images of a name exist, found out without TensorFlow and without opening them."""

import pathlib

from compare_gan2.datasets.dataset_options import is_name, names
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.suggestions import did_you_mean


def require_images(name, option):
    """Raises a `DataError` unless a folder, a file or a dataset has this name.

    Args:
        name: path, or name of a dataset.
        option: for messages, such as "--fake".
    """
    if not pathlib.Path(name).exists() and not is_name(str(name)):
        hint = did_you_mean(name, names().split(", "))
        raise DataError(f"{option}: expected a folder, an .npz file or one of {names()}, got {str(name)!r}{hint}")
