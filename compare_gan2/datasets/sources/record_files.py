"""Damage in TFRecord files, whose records carry checksums: found when they are read, named by file."""

import contextlib
import pathlib
import re

import tensorflow as tf

from compare_gan2.ground.errors import DamagedFileError


@contextlib.contextmanager
def damage_named(source):
    """Context manager: what TensorFlow raises for a damaged or missing record names the file and the way out.

    Args:
        source: `Source`; those that read files have `record_files`, a list of paths, and `drop_damaged(path)`, which
            returns what happens next.

    Raises:
        DamagedFileError: if one of the source's files is damaged.
    """
    try:
        yield
    except (tf.errors.DataLossError, tf.errors.NotFoundError) as error:
        for path in getattr(source, "record_files", ()):
            reason = damage_of(path)
            if reason is not None:
                raise DamagedFileError(f"{path}: damaged ({reason}); {source.drop_damaged(path)}") from error
        raise


def damage_of(path):
    """One line on why a TFRecord file cannot be read; None if every record matches its checksum."""
    try:
        for _ in tf.data.TFRecordDataset(str(path)):
            pass
    except tf.errors.OpError as error:
        return re.sub(r"\{\{.*?\}\} *|\[Op:.*", "", str(error).splitlines()[0]).strip()[:120]
    return None


def remove_damaged(path):
    """What happens next, after removing a damaged file of a cache, which is then made again."""
    pathlib.Path(path).unlink(missing_ok=True)
    return "it was removed from the cache: the same command decodes the pictures again and resumes"
