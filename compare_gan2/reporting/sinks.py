"""Services beside TensorBoard that get the same numbers and pictures; a run without any is the default.

A sink never changes a number of a run and never ends one: if it fails while a run trains, a warning says so, and it
gets nothing more. All numbers are in the files of the run, too.
"""

import importlib.util

from compare_gan2.ground.errors import ConfigError, MissingPackageError
from compare_gan2.ground.messages import log
from compare_gan2.reporting.tag_names import readable_tag


class Sinks:
    """All sinks of a run, which are opened together and before the first step.

    Args:
        makers: {option that binds a sink: function () -> sink}, the sink with the methods `scalars`, `image`,
            `histogram` and `text` of `EventWriter`, and `close`.
    """

    def __init__(self, makers=()):
        self._makers = dict(makers)
        self._open = {}

    def open(self):
        """Opens the sinks that are not open.

        Raises:
            ConfigError: if one of them cannot be opened; the message names its option.
        """
        for option in list(self._makers):
            try:
                self._open[option] = self._makers[option]()
            except Exception as error:  # of any package
                raise ConfigError(
                    f"{option}: cannot be opened: {_line(error)}; remove the binding to train without it"
                ) from error
            del self._makers[option]

    def scalars(self, step, values):
        """Adds {name: number} at a step."""
        values = {readable_tag(name): float(value) for name, value in values.items()}
        self._each(lambda sink: sink.scalars(step, values))

    def image(self, step, name, array):
        """Adds a picture, uint8 [height, width, 1 or 3]."""
        self._each(lambda sink: sink.image(step, name, array))

    def histogram(self, step, name, values):
        """Adds the distribution of numbers [n]."""
        self._each(lambda sink: sink.histogram(step, name, values))

    def text(self, step, name, text):
        """Adds a text."""
        self._each(lambda sink: sink.text(step, name, text))

    def close(self):
        """Hands over what is left and closes all sinks."""
        self._each(lambda sink: sink.close())
        self._open.clear()

    def _each(self, call):
        if not self._open and not self._makers:
            return
        self.open()
        for option, sink in list(self._open.items()):
            try:
                call(sink)
            except Exception as error:  # of any package
                del self._open[option]
                log.warning(f"{option}: failed and gets nothing more; the run continues: {_line(error)}")


def require_package(option, package, extra):
    """Raises a `MissingPackageError` with the line that installs a package, unless it is installed.

    Args:
        option: that needs it.
        package: its name in `import`.
        extra: of setup.py.
    """
    if importlib.util.find_spec(package) is None:
        raise MissingPackageError(
            f"{option}: needs the package {package}, which is not installed; pip install 'compare_gan2[{extra}]'"
        )


def _line(error):
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300] if lines else 'no message'}"
