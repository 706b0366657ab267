"""Whether a bound value has the type that its parameter is annotated with, and how to say what was expected."""

import collections.abc
import inspect
import types
import typing

from compare_gan2.config.declare import REQUIRED, declared, is_declared, selector
from compare_gan2.ground.errors import ConfigError


def check_type(where, value, hint):
    """Raises a `ConfigError` naming `where` if a value does not match a type hint; None as a hint matches all."""
    if hint is None or value is REQUIRED or matches(value, hint):
        return
    given = f"@{selector(value)}" if is_declared(value) else f"{value!r} ({type(value).__name__})"
    raise ConfigError(f"{where}: expected {describe(hint)}, got {given}")


def matches(value, hint):
    """Whether a value has a type; whole numbers match float, and booleans do not match numbers."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(matches(value, option) for option in typing.get_args(hint))
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if collections.abc.Callable in (hint, origin):
        return callable(value) and not inspect.isclass(value)
    if origin is type:
        return inspect.isclass(value) and issubclass(value, typing.get_args(hint))
    if origin in (list, tuple):
        members = [m for m in typing.get_args(hint) if m is not Ellipsis] or [object]
        return isinstance(value, (list, tuple)) and all(matches(v, members[0]) for v in value)
    if hint is type(None):
        return value is None
    return not inspect.isclass(hint) or isinstance(value, hint)


def describe(hint):
    """A type hint in words, such as "one of 'left', 'right'" or "int or None"."""
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(repr(option) for option in typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(describe(option) for option in typing.get_args(hint))
    if hint is type(None):
        return "None"
    if typing.get_origin(hint) is type:
        classes = [target for target in declared() if inspect.isclass(target) and matches(target, hint)]
        return "one of " + ", ".join(sorted(f"@{selector(target)}" for target in classes))
    if hint is type:
        return "a class (@name)"
    if collections.abc.Callable in (hint, typing.get_origin(hint)):
        return "a function (@name)"
    return getattr(hint, "__name__", str(hint))
