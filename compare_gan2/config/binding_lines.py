"""Bindings as Python values, turned into lines of a `.gin` file."""

import collections.abc
import functools

from compare_gan2.config.declare import gin_text
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

    return [f"{name} = {_text(name, value)}" for name, value in bindings.items()]


def _text(name, value):
    if not isinstance(name, str):
        raise ConfigError(f"bindings: expected names such as 'options.z_dim', got {name!r}")
    if hasattr(value, "tolist"):  # of numpy, as from a sweep
        value = value.tolist()
    if isinstance(value, str) and value[:1] in ("@", "%"):
        return value
    try:
        text = None if isinstance(value, functools.partial) else gin_text(value)
    except (ValueError, RecursionError):  # numbers of thousands of digits, lists in themselves
        text = None
    if text is None:
        raise ConfigError(f"{name}: expected a value that a .gin file can hold, got one of type {_kind(value)}")
    return text


def _kind(value):
    return f"{type(value).__name__} ({value})" if isinstance(value, float) else type(value).__name__
