"""TensorBoard events of a model directory."""

import pathlib

import numpy as np
import tensorflow as tf

from compare_gan2.ground import files
from compare_gan2.ground.messages import log
from compare_gan2.reporting.tag_names import readable_tag

PATTERN = "events.out.tfevents.*"
HYPERPARAMETERS = "_hparams_/session_start_info"  # tag that TensorBoard gives them


class EventWriter:
    """Writes events.out.tfevents.* in a folder; a context manager that closes itself.

    Args:
        model_dir: folder, made if it is missing.
    """

    def __init__(self, model_dir):
        self._writer = tf.summary.create_file_writer(str(model_dir))

    def scalars(self, step, values):
        """Adds {name: number} at a step, under the names of `tag_names`."""
        with self._writer.as_default():
            for name, value in values.items():
                tf.summary.scalar(readable_tag(name), float(value), step=step)

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

    def histogram(self, step, name, values):
        """Adds the distribution of numbers [n]."""
        with self._writer.as_default():
            tf.summary.histogram(name, values, step=step)

    def hyperparameters(self, name, values):
        """Adds a run to TensorBoard's page of hyperparameters.

        Args:
            name: of the run, a row of the page.
            values: {option: number, truth value or text}, columns of the page.
        """
        from tensorboard.plugins.hparams import api

        # Equal runs leave equal events, so without the time.
        summary = api.hparams_pb(values, trial_id=name, start_time_secs=0)
        with self._writer.as_default():
            tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=0)

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


def cut_after(model_dir, step):
    """{(tag, step)} of a folder's events, after removing those of later steps, which training will write again.

    Files that hold scores only are left alone, since another process may be writing them.

    Args:
        model_dir: folder of a run that no other process trains in.
        step: of the checkpoint from which training resumes.
    """
    known = set()
    for path in sorted(pathlib.Path(model_dir).glob(PATTERN)):
        records, kept = _whole_records(path), []
        for record in records:
            event = tf.compat.v1.Event.FromString(record)
            tags = {value.tag for value in event.summary.value}
            if event.step <= step or all(tag.startswith("score/") for tag in tags):
                kept.append(record)
                known |= {(tag, event.step) for tag in tags}
        if len(kept) < len(records):
            with files.replacing(path) as file:
                temporary = file.name
                with tf.io.TFRecordWriter(temporary) as writer:
                    for record in kept:
                        writer.write(record)
    return known


def _whole_records(path):
    """List of records up to the first damaged one, which is reported; a last one that was cut is not."""
    records = []
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            records.append(record)
    except tf.errors.OpError as error:
        if "truncated" not in str(error):
            log.warning(f"{path}: damaged after {len(records)} events; training.csv and scores.csv hold all numbers")
    return records
