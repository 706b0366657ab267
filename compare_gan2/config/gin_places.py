"""Where a binding is: the line of a file or of the given bindings; and what gin finds wrong there, in one line.

Gin reports faults in several lines of its own; a user needs the place, the text, what was expected and the way out.
"""

import contextlib
import re
import tokenize

from compare_gan2.config.declare import named, names, parameters
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean

LONGEST = 100  # characters of a line in a message
FAULTS = (
    *(ValueError, KeyError, TypeError, AttributeError, NameError, SyntaxError, ImportError, tokenize.TokenError),
    *(RecursionError, MemoryError, OverflowError),
)


class Places:
    """The statements of files and bindings as they are read.

    Args:
        bindings: the given lines, such as those of --gin_bindings.
        option: what gives them, for messages.
    """

    def __init__(self, bindings, option="--gin_bindings"):
        self._lines = [line for binding in bindings for line in binding.split("\n")]
        self._option = option
        self._current = None
        self._places = {}  # (full selector, parameter) -> place of its last binding

    @contextlib.contextmanager
    def statement(self, location):
        """Context manager: an error inside becomes a `ConfigError` of one line that names this gin `Location`."""
        outer, self._current = self._current, self._name(location)
        try:
            yield
        except ConfigError:
            raise
        except FAULTS as error:
            raise ConfigError(f"{self._current}: {reason_of(error)}") from error
        finally:
            self._current = outer

    def bound(self, selector, parameter):
        """Keeps the place of the current statement as that of a binding."""
        self._places[selector, parameter] = self._current

    def of(self, selector, parameter):
        """Place of the binding of a parameter, such as "mine.gin, line 3"; None if it is not bound."""
        return self._places.get((selector, parameter))

    def fault(self, error):
        """`ConfigError` of one line for what gin raises while it reads text that is not yet a statement."""
        location = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], tuple) else ()
        # That of a token error has no file, that of a syntax error begins with it.
        if isinstance(error, tokenize.TokenError) or len(location) < 2:
            return ConfigError(f"{self._option}: {reason_of(error)}")
        return ConfigError(f"{self._name(location)}: {reason_of(error)}")

    def _name(self, location):
        filename, line = location[0], location[1]
        if filename:
            return f"{filename}, line {line}"
        if not isinstance(line, int) or not 0 < line <= len(self._lines):
            return self._option
        return f"{self._option}: {_cut(self._lines[line - 1].strip())!r}"


def reason_of(error):
    """What an error of gin means, in one line without the place, with a suggestion if a name is unknown."""
    text = str(error.args[0] if isinstance(error, (SyntaxError, tokenize.TokenError)) and error.args else error)
    if isinstance(error, (RecursionError, MemoryError)):
        return "expected a value that Python can read, got one that is nested too deeply"
    unknown = re.search(r"No configurable matching (reference )?'@?([^'(]+)", text)
    if unknown:
        name = unknown.group(2).rpartition("/")[2]
        return f"No configurable matching {unknown.group(1) or ''}'{'@' if unknown.group(1) else ''}{name}'" + (
            did_you_mean(name, names())
        )
    wrong = re.search(r"Configurable '([^']+)' doesn't have a parameter named '([^']+)'", text)
    if wrong and (found := named(wrong.group(1))):
        known = parameters(found[0])
        return (
            f"'{wrong.group(1)}' has no parameter named '{wrong.group(2)}'{did_you_mean(wrong.group(2), known)}; "
            f"it takes {', '.join(known) or 'none'}"
        )
    if found := re.search(r"Configurable '([^']+)' has denylisted kwarg '([^']+)'", text):
        return f"'{found.group(1)}' takes no binding of '{found.group(2)}', which its caller gives"
    if "Exceeds the limit" in text:
        return "expected a number of fewer digits"
    if "expected ':' or '='" in text or "Unexpected token" in text:
        return "expected NAME.PARAMETER = VALUE"
    if "Unable to parse value" in text or "EOF in multi-line" in text or "malformed node" in text:
        return "expected a value as Python writes it, texts in quotes, or a reference such as @name or %macro"
    return _cut(" ".join(text.split()), 300)


def _cut(text, most=LONGEST):
    return text if len(text) <= most else f"{text[:most]}..."
