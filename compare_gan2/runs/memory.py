"""Networks and batches that do not fit into memory, in a line before training."""

import contextlib
import math
import re

import tensorflow as tf

from compare_gan2.distribution.device_memory import host_memory
from compare_gan2.ground.errors import ConfigError


@contextlib.contextmanager
def room_for_variables():
    """Context manager: a `ConfigError` of one line in place of TensorFlow's, if variables do not fit into memory."""
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        shape = re.search(r"shape ?\[[\d,]*\]", str(error))
        raise ConfigError(
            "options.architecture: expected networks that fit into the memory of the device, with their averages and "
            f"optimizers, got one that does not{f' at a tensor of {shape.group()}' if shape else ''}: choose a smaller "
            "ch or options.z_dim"
        ) from error


def require_room_for_batches(batch_size, batches, image_shape, available=None):
    """Raises a `ConfigError` if the images of one generator step, as float32, need more memory than there is.

    Args:
        batch_size: images per update.
        batches: updates, each with a batch of its own.
        image_shape: (height, width, channels).
        available: bytes; None for those of this machine.
    """
    available = host_memory() if available is None else available
    needed = 4 * batch_size * batches * math.prod(image_shape)
    if needed > available:
        raise ConfigError(
            f"options.batch_size: expected batches that fit into memory ({_gigabytes(available)}), got {batch_size} "
            f"images of {'x'.join(map(str, image_shape))}, {batches} times per step: {_gigabytes(needed)}"
        )


def _gigabytes(count):
    return f"{count / 2**30:.3g} GiB"
