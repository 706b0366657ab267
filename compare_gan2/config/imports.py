"""Import statements of configurations: whose modules may run, and what happens if one fails.

A module that is imported runs with all rights of the user. A file or a binding that the user names is the user's own:
its imports are shown and run. The record of a run (`operative_config-N.gin`) may come from anyone: what it imports runs
only if the user names the module, too, or allows it.
"""

import contextlib
import pathlib
import re
import signal
import sys
import threading
import traceback

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log

MOST_SECONDS = 300  # for the import of one module
_RECORD = re.compile(r"operative_config-\d+\.gin")
_IMPORT = re.compile(r"^[ \t]*(?:import[ \t]+([\w.]+)|from[ \t]+([\w.]+)[ \t]+import[ \t]+(\w+))", re.MULTILINE)


class _TookTooLong(BaseException):
    """Not an `Exception`, which the module that is imported might catch."""


def is_record(path):
    """Whether a file is, by its name, the record of a run."""
    return bool(path) and bool(_RECORD.fullmatch(pathlib.PurePath(path).name))


def modules_named(text):
    """Set of the modules that the import statements of a text name."""
    return {module or f"{parent}.{name}" for module, parent, name in _IMPORT.findall(text)}


_allowed = False


@contextlib.contextmanager
def imports_allowed(allow=True):
    """Context manager: whether every record of a run that is parsed in it may import modules."""
    global _allowed
    before, _allowed = _allowed, _allowed or bool(allow)
    try:
        yield
    finally:
        _allowed = before


def are_imports_allowed():
    """Whether records of runs may import modules, see `imports_allowed`."""
    return _allowed


class ImportGate:
    """Runs the import statements of one configuration while it is parsed, or refuses them.

    Args:
        named: modules that the user names, wherever else they are imported.
        allow_imports: whether records of runs may import whatever they name.
        option: what gives statements that are of no file, for messages.
    """

    def __init__(self, named=(), allow_imports=False, option="--gin_bindings"):
        self._option = option
        self._named = set(named)
        self._allow = _allowed or allow_imports

    def run(self, statement, import_it):
        """Imports the module of a statement.

        Args:
            statement: gin's `ImportStatement`.
            import_it: function without arguments that imports it.

        Raises:
            ConfigError: for a module that needs permission, raises, ends the program or takes too long; the message
                names the module, the file and the line.
        """
        module, file = statement.module, statement.location.filename
        line = statement.format()
        where = f"{file}, line {statement.location.line_num}: {line}" if file else f"{self._option}: {line!r}"
        if module in sys.modules:  # runs nothing
            import_it()
            return
        if is_record(file) and not self._allow and module not in self._named:
            raise ConfigError(
                f"{where}: a module runs with all your rights, and this line is of the record of a run, not yours. If "
                f'you trust whoever made the run, name the module yourself (a binding "import {module}"), or allow all '
                "imports of the record (--allow_imports)"
            )
        log.info(where)
        try:
            with _limited(MOST_SECONDS):
                import_it()
        except KeyboardInterrupt:
            raise
        except _TookTooLong:
            raise ConfigError(f"{where}: the import did not end within {MOST_SECONDS} seconds") from None
        except ModuleNotFoundError as error:
            if error.name and f"{module}.".startswith(f"{error.name}."):
                raise ConfigError(
                    f"{where}: there is no module {error.name}; expected one in the folders of sys.path, to which "
                    "PYTHONPATH adds"
                ) from error
            raise ConfigError(f"{where}: {_reason(error)}") from error
        except Exception as error:  # whatever the module raises
            raise ConfigError(f"{where}: {_reason(error)}") from error
        except BaseException as error:  # of sys.exit, above all
            raise ConfigError(f"{where}: the module ends the program: {_reason(error)}") from error


def _reason(error):
    frames = traceback.extract_tb(error.__traceback__)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, SyntaxError) or not frames:  # which names its own place
        return text
    return f"{text} (raised in {frames[-1].filename}, line {frames[-1].lineno})"


@contextlib.contextmanager
def _limited(seconds):
    """Context manager: raises `_TookTooLong` in the block after so many seconds; in the main thread only."""
    if threading.current_thread() is not threading.main_thread():  # others cannot receive signals
        yield
        return

    def end(number, frame):
        raise _TookTooLong

    before = signal.signal(signal.SIGALRM, end)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)
