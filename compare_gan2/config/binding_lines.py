"""Bindings as Python values, turned into lines of a `.gin` file."""

import collections.abc

from compare_gan2.ground.errors import ConfigError


def as_lines(bindings):
    """Lines of a `.gin` file for bindings given as {"selector.parameter": value}, a list of lines, or None.

    Text that begins with @ or % is a reference, as in a `.gin` file.

    Raises:
        ConfigError: for bindings of another kind.
    """
    if bindings is None:
        return []
    if isinstance(bindings, str):
        return [bindings]
    if not isinstance(bindings, dict):
        lines = list(bindings) if isinstance(bindings, collections.abc.Iterable) else [bindings]
        if all(isinstance(line, str) for line in lines):
            return lines
        raise ConfigError(f"bindings: expected a dict of names and values, or lines of a .gin file, got {bindings!r}")

    def text(value):
        if hasattr(value, "tolist"):  # of numpy, as from a sweep
            value = value.tolist()
        return value if isinstance(value, str) and value[:1] in ("@", "%") else repr(value)

    return [f"{name} = {text(value)}" for name, value in bindings.items()]
