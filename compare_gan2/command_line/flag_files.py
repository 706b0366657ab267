"""Flags that are read from a file: `--flagfile=FILE`, with one flag a line, as absl has it."""

import pathlib

from compare_gan2.ground.errors import ConfigError


def expanded(arguments, inside=()):
    """Command-line arguments with those of each `--flagfile` in its place.

    Lines that are empty or begin with # or // are left out.

    Args:
        arguments: list of texts.
        inside: the flag files that these arguments come from, outermost first.

    Raises:
        ConfigError: for a file that cannot be read or includes itself.
    """
    result, waiting = [], list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            return [*result, argument, *waiting]
        name, equals, path = argument.partition("=")
        if name not in ("--flagfile", "-flagfile"):
            result.append(argument)
            continue
        if not equals:
            if not waiting:
                raise ConfigError("--flagfile: expected the name of a file")
            path = waiting.pop(0)
        if path in inside:
            raise ConfigError("--flagfile: {} includes itself".format(" includes ".join([*inside, path])))
        result += expanded(_lines(path), (*inside, path))
    return result


def _lines(path):
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # bytes that are not UTF-8, or a zero byte in the name
        raise ConfigError(f"--flagfile: {path} cannot be read: {error}") from error
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith(("#", "//"))]
