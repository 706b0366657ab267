"""Where a run shows what it does: TensorBoard, and the sinks that its configuration binds."""

from compare_gan2.reporting.tensorboard import EventWriter


class Events:
    """`EventWriter` of a folder that passes everything on to sinks, too; a context manager that closes the former.

    Args:
        folder: of the run.
        sinks: `Sinks`.
    """

    def __init__(self, folder, sinks):
        self._writer = EventWriter(folder)
        self._sinks = sinks

    def scalars(self, step, values):
        """Adds {name: number} at a step."""
        self._writer.scalars(step, values)
        self._sinks.scalars(step, values)

    def image(self, step, name, array):
        """Adds a picture, uint8 [height, width, 1 or 3]."""
        self._writer.image(step, name, array)
        self._sinks.image(step, name, array)

    def histogram(self, step, name, values):
        """Adds the distribution of numbers [n]."""
        self._writer.histogram(step, name, values)
        self._sinks.histogram(step, name, values)

    def text(self, step, name, text):
        """Adds a text."""
        self._writer.text(step, name, text)
        self._sinks.text(step, name, text)

    def hyperparameters(self, name, values):
        """Adds {option: value} of a run to TensorBoard; sinks get them when they are opened."""
        self._writer.hyperparameters(name, values)

    def flush(self):
        """Writes everything added so far to disk."""
        self._writer.flush()

    def close(self):
        """Closes TensorBoard's file."""
        self._writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
