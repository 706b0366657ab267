"""Functions of the library: what cannot be given ends in a `ConfigError` that names the keyword."""

import functools
import inspect
import typing

from compare_gan2.config.matching import check_type
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.option_names import are_flags, as_keywords, logged_as_keywords
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.ground.tensorflow_start import without_advice


def library_call(*others, checks=True, **instead):
    """Decorator of a public function: its arguments are checked, and its messages name keywords, not flags.

    A keyword that the function does not have, a missing argument, and one of another type than its hint end in a
    `ConfigError`. NumPy's numbers are taken as Python's.

    Args:
        *others: keywords that the function's `**` takes; empty: any, if it has one.
        checks: whether types are checked; not where the function does that itself.
        **instead: {flag: what it is called here}, of flags that are not keywords of the same name.
    """

    def decorate(function):
        parameters = inspect.signature(function).parameters
        kinds = {parameter.kind for parameter in parameters.values()}
        known = [name for name, each in parameters.items() if each.kind not in (each.VAR_KEYWORD, each.POSITIONAL_ONLY)]
        known = [name for name in (*known, *others) if name != "self"]
        takes_any = inspect.Parameter.VAR_KEYWORD in kinds and not others
        names = {name: name for name in known} | instead
        flags = {keyword: f"--{flag}" for flag, keyword in names.items()}

        @functools.wraps(function)
        def call(*args, **keywords):
            for name in keywords:
                if name not in known and not takes_any:
                    hint = did_you_mean(name, known) or f"; it takes {', '.join(known)}"
                    raise ConfigError(f"{function.__name__}: there is no keyword {name!r}{hint}")
            try:
                bound = inspect.signature(function).bind(*args, **keywords)
            except TypeError as error:
                raise ConfigError(f"{function.__name__}: {error}") from error
            hints = typing.get_type_hints(function, include_extras=True) if checks else {}
            for name, value in bound.arguments.items():
                if name in parameters and parameters[name].kind is not inspect.Parameter.VAR_KEYWORD:
                    bound.arguments[name] = value = _of_python(value)
                    _check(flags.get(name, name) if are_flags() else name, value, hints.get(name))
            if are_flags():
                return function(*bound.args, **bound.kwargs)
            try:
                with logged_as_keywords(names), without_advice():
                    return function(*bound.args, **bound.kwargs)
            except ConfigError as error:
                error.args = (as_keywords(str(error), names),)
                raise

        return call

    return decorate


def _check(name, value, hint):
    """`check_type`, whose message ends with the nearest of the names that a hint lists."""
    try:
        check_type(name, value, hint)
    except ConfigError as error:
        listed = [each for part in (hint, *typing.get_args(hint)) for each in _names_in(part)]
        raise ConfigError(f"{error}{did_you_mean(value, listed) if isinstance(value, str) else ''}") from None


def _names_in(hint):
    return typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()


def _of_python(value):
    """A number of NumPy as one of Python, anything else as it is."""
    is_scalar = type(value).__module__ == "numpy" and not hasattr(value, "__len__")
    return value.item() if is_scalar else value
