"""Where a run shows what it does: TensorBoard, and the sinks that its configuration binds."""

from compare_gan2.reporting.tensorboard import EventWriter


class Events(EventWriter):
    """`EventWriter` of a run's folder that sinks get the same from, too; they stay open when it is closed.

    Args:
        folder: of the run.
        sinks: `Sinks`.
    """

    def __init__(self, folder, sinks):
        super().__init__(folder)
        self._sinks = sinks

    def scalars(self, step, values):
        super().scalars(step, values)
        self._sinks.scalars(step, values)

    def image(self, step, name, array):
        super().image(step, name, array)
        self._sinks.image(step, name, array)

    def histogram(self, step, name, values):
        super().histogram(step, name, values)
        self._sinks.histogram(step, name, values)

    def text(self, step, name, text):
        super().text(step, name, text)
        self._sinks.text(step, name, text)
