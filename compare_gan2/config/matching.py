"""Whether a value is of the type and in the range that its parameter is annotated with, and what was expected if not.

A hint is a type, or one with a rule of `ranges`: `Annotated[float, Range(0, 1)]`.
"""

import collections.abc
import dataclasses
import inspect
import types
import typing

from compare_gan2.config.declare import REQUIRED, declared, gin_text, is_declared, selector, signature
from compare_gan2.config.ranges import LARGEST, AnyOf
from compare_gan2.ground.errors import ConfigError

LONGEST = 80  # characters of a value in a message
_KINDS = {int: "a whole number", float: "a number"}  # with a range
_WORDS = {int: "a whole number", float: "a finite number", str: "text"}


def check_type(where, value, hint, place=""):
    """Raises a `ConfigError` naming `where` if a value does not match a type hint; None as a hint matches all.

    `place` ends the message.
    """
    if hint is None or value is REQUIRED or matches(value, hint):
        return
    raise ConfigError(f"{where}: expected {describe(hint)}, got {_given(value, hint)}{place}")


def check_fields(options):
    """Raises a `ConfigError` for the first field of a declared dataclass that is of a wrong type or out of range.

    Its `__post_init__` calls this, so that a value made without a configuration is checked, too.
    """
    target = type(options)
    hints = signature(target)[1]
    for field in dataclasses.fields(options):
        check_type(f"{selector(target)}.{field.name}", getattr(options, field.name), hints.get(field.name))


def check_values(options, name):
    """As `check_fields`, of a dataclass that is not declared, whose values are those of `name` in messages."""
    for field, hint in typing.get_type_hints(type(options), include_extras=True).items():
        check_type(f"{name}.{field}", getattr(options, field), hint)


def check_arguments(target, values):
    """Raises a `ConfigError` for the first argument of a declared object that is of a wrong type or out of range.

    Args:
        target: class or function.
        values: {parameter: value}; names that a file cannot bind are passed over.
    """
    parameters, hints = signature(target)
    for name, value in values.items():
        if name in parameters:
            check_type(f"{selector(target)}.{name}", value, hints[name])


def matches(value, hint):
    """Whether a value has a type and is in its range; whole numbers match float, and booleans do not match numbers."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        kind, *rules = typing.get_args(hint)
        return matches(value, kind) and all(rule.holds(value) for rule in rules)
    if origin in (typing.Union, types.UnionType):
        return any(matches(value, option) for option in typing.get_args(hint))
    if origin is typing.Literal:
        return isinstance(value, str) and value in typing.get_args(hint)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST
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
    """A type hint in words, such as "one of 'left', 'right'" or "a whole number from 1 to 100 or None"."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        kind, *rules = typing.get_args(hint)
        words = _KINDS.get(kind) or describe(kind)
        for rule in rules:
            words = rule.described(words)
        return words
    if origin is typing.Literal:
        options = [repr(option) for option in typing.get_args(hint)]
        return ("one of " if len(options) > 1 else "") + ", ".join(options)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(describe(option) for option in typing.get_args(hint))
    if hint is type(None):
        return "None"
    if origin is type:
        classes = [target for target in declared() if inspect.isclass(target) and matches(target, hint)]
        return "one of " + ", ".join(sorted(f"@{selector(target)}" for target in classes))
    if hint is type:
        return "a class (@name)"
    if collections.abc.Callable in (hint, origin):
        return "a function (@name)"
    if made := _declared_below(hint):
        return ", ".join(sorted(f"@{selector(target)}()" for target in made))
    if origin in (list, tuple) and typing.get_args(hint):
        return f"a list of {describe(typing.get_args(hint)[0])}"
    return _WORDS.get(hint) or getattr(hint, "__name__", str(hint))


def _declared_below(hint):
    """The declared classes among a class and its subclasses, whose instances references with parentheses make."""
    if not inspect.isclass(hint) or hint is object:
        return []
    return [target for target in declared() if inspect.isclass(target) and issubclass(target, hint)]


def is_stated(hint):
    """Whether a hint says which values are right: a closed set, a range, or the reason why any value is."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return True
    if origin in (typing.Union, types.UnionType):
        return all(map(is_stated, typing.get_args(hint)))
    if origin in (list, tuple):
        return is_stated(typing.get_args(hint)[0])
    if _declared_below(hint):
        return True
    references = (type, collections.abc.Callable)  # a closed set, what is declared
    return hint in (bool, type(None), *references) or origin in (typing.Literal, *references)


def reasons_in(hint):
    """List of the `AnyOf` in a hint."""
    found = [rule for rule in typing.get_args(hint)[1:] if isinstance(rule, AnyOf)]
    return found + [rule for part in typing.get_args(hint) for rule in reasons_in(part)]


def _given(value, hint):
    """A value as a message shows it, cut if it is long, with its type unless that is the expected one."""
    if is_declared(value) or is_declared(type(value)):
        return gin_text(value)
    try:
        text = gin_text(value) or repr(value)
    except ValueError:  # of thousands of digits, which Python does not write out
        text = f"a number of {value.bit_length()} bits"
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}...{text[-LONGEST // 4 :]}"
    return text if _is_of_a_type_of(value, hint) else f"{text} ({type(value).__name__})"


def _is_of_a_type_of(value, hint):
    """Whether a value is of the type of a hint, so that only its range is wrong."""
    if typing.get_origin(hint) is typing.Annotated:
        return matches(value, typing.get_args(hint)[0])
    if typing.get_origin(hint) is typing.Literal:
        return isinstance(value, str)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return any(_is_of_a_type_of(value, option) for option in typing.get_args(hint))
    return False
