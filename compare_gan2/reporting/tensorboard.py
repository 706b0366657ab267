"""TensorBoard events of a model directory."""

import numpy as np
import tensorflow as tf


class EventWriter:
    """Writes events.out.tfevents.* in a folder; a context manager that closes itself.

    Args:
        model_dir: folder, made if it is missing.
    """

    def __init__(self, model_dir):
        self._writer = tf.summary.create_file_writer(str(model_dir))

    def scalars(self, step, values):
        """Adds {name: number} at a step."""
        with self._writer.as_default():
            for name, value in values.items():
                tf.summary.scalar(name, float(value), step=step)

    def image(self, step, name, array):
        """Adds a picture, uint8 [height, width, 1 or 3].

        Raises:
            ValueError: for another type or shape.
        """
        array = np.asarray(array)
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (1, 3):
            raise ValueError(f"{name}: expected uint8 [height, width, 1 or 3], got {array.dtype} {list(array.shape)}")
        with self._writer.as_default():
            tf.summary.image(name, array[None], step=step)

    def text(self, step, name, text):
        """Adds a text, which TensorBoard reads as Markdown."""
        with self._writer.as_default():
            tf.summary.text(name, text, step=step)

    def flush(self):
        """Writes everything added so far to disk."""
        self._writer.flush()

    def close(self):
        """Flushes and closes the file; nothing can be added afterwards."""
        self._writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
