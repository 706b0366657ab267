"""Whether images of a name exist, found out without TensorFlow and without opening them."""

import os
import pathlib

from compare_gan2.datasets.dataset_options import is_name, names
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.local_paths import LONGEST, problem_of_name
from compare_gan2.ground.suggestions import did_you_mean


def require_images(name, option):
    """Raises a `DataError` unless a folder, a file or a dataset has this name.

    Args:
        name: path, or name of a dataset.
        option: for messages, such as "--fake".
    """
    text, path = str(name), pathlib.Path(name)
    if not text.strip() or max(map(len, os.fsencode(text).split(b"/"))) > LONGEST:
        raise DataError(f"{option}: expected a folder, an .npz file or a dataset, got {problem_of_name(text)}")
    if path.exists() and not path.is_dir() and not path.is_file():
        raise DataError(f"{option}: expected a folder or a file, {text} is a pipe, a socket or a device")
    if not path.exists() and not is_name(text):
        hint = did_you_mean(name, names().split(", "))
        raise DataError(f"{option}: expected a folder, an .npz file or one of {names()}, got {text!r}{hint}")
