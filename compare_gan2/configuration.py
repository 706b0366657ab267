"""From gin bindings to explicit arguments, resolved once and before anything is traced.

`@gin.configurable` cannot wrap a Keras 3 class, and `@gin.register` does not let a binding on a base class reach its
subclasses. So everything a `.gin` file may name is declared with `configurable` below, and created with `build`, which
merges the bindings of a class and of its bases (the subclass wins), checks names and types, and passes plain arguments.
"""

import collections.abc
import contextlib
import functools
import inspect
import logging
import sys
import tokenize
import types
import typing

import gin

REQUIRED = gin.REQUIRED

_selectors = {}  # Declared object -> full selector, e.g. "compare_gan.gans.s3gan.S3GAN".
_bindable = {}  # Declared object -> function that tells whether a file may bind a parameter.
_resolved = {}  # Shortest selector -> {parameter: gin text of its value}, for everything built since `parse`.
_defaults = {}  # The same for their defaults, where there is one.
_bound_parameters_used = set()
_refused = {}  # Full selector -> what to use instead.
_STAND_INS = ("gin.tf", "gin.tf.external_configurables")  # imported by old files; what they declared is declared here
# Files are files: gin's other reader takes the folder of a name for a Python package, and fails where there is one.
gin.config._FILE_READERS[:] = [reader for reader in gin.config._FILE_READERS if reader[0] is open]
_search_paths = []  # gin keeps every path it was ever given, so each is given once


class ConfigError(ValueError):
    """A configuration that cannot be run; the message names the option, what was expected and what came."""


def configurable(name, *, module, allowlist=None, denylist=None):
    """Declares a class or function to gin as `module.name`; the object itself stays unchanged.

    Args:
        name: name in `.gin` files.
        module: dotted module of the original implementation, so that its long selectors keep working.
        allowlist: the only parameters a file may bind (default: all).
        denylist: parameters that a file may not bind.
    """

    def declare(target):
        gin.register(name, module=module, allowlist=allowlist, denylist=denylist)(target)
        _selectors[target] = f"{module}.{name}"
        _bindable[target] = lambda name: name not in (denylist or ()) and name in (allowlist or [name])
        return target

    return declare


def refuse(name, *, module, instead):
    """Makes a file that names `module.name`, which the original had, end in a message that says what to use instead."""

    def refused(**bound):
        raise AssertionError(f"{name}({bound}) is refused by `parse`")

    gin.register(name, module=module)(refused)
    _refused[f"{module}.{name}"] = instead


def selector(target):
    """Shortest name by which a `.gin` file can refer to a declared object."""
    full = _selectors[target].split(".")
    for length in range(1, len(full) + 1):
        suffix = full[-length:]
        if sum(other.split(".")[-length:] == suffix for other in _selectors.values()) == 1:
            return ".".join(suffix)
    return ".".join(full)


def parse(gin_files, gin_bindings, search_paths=()):
    """Parses files, then bindings (later lines win), and forgets whatever was parsed before.

    Raises:
        ConfigError: for a missing file, bad syntax, or a name that nothing declares.
    """
    gin.clear_config()
    _resolved.clear()
    _defaults.clear()
    _bound_parameters_used.clear()
    for path in map(str, search_paths):
        if path not in _search_paths:
            _search_paths.append(path)
            gin.add_config_file_search_path(path)
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # gin logs an error for each search path that a file is not in
    try:
        with _importable(_STAND_INS):
            gin.parse_config_files_and_bindings(list(gin_files), list(gin_bindings), finalize_config=False)
    except (ValueError, KeyError, SyntaxError, OSError, ImportError, TypeError, tokenize.TokenError) as error:
        raise ConfigError(f"gin configuration: {error}") from error
    finally:
        logging.disable(disabled)
    scoped = [scope for scope, name in gin.config._CONFIG if scope and name != "gin.macro"]  # no public accessor
    if scoped:
        raise ConfigError(f"gin configuration: scopes have no effect here, got bindings under {sorted(set(scoped))}")
    for (_, full), bound in gin.config._CONFIG.items():
        for named in (full, *(found for value in bound.values() for found in _references(value))):
            if named in _refused:
                raise ConfigError(f"gin configuration: {named} does not exist here: {_refused[named]}")


@contextlib.contextmanager
def _importable(names):
    """Within it, these modules can be imported and are empty."""
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update({name: types.ModuleType(name) for name in names})
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _references(value):
    """Full selectors of all that a bound value refers to with @."""
    if isinstance(value, gin.config.ConfigurableReference):
        yield value.configurable.selector
    elif isinstance(value, dict):
        yield from _references(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from _references(member)


def build(target, **explicit):
    """Calls a declared class or function with its bindings; arguments given by the caller win over bindings."""
    values = arguments(target, **explicit)
    return target(**values)


def arguments(target, **explicit):
    """Merged keyword arguments for a declared object, checked against its signature.

    Raises:
        ConfigError: for a parameter it does not take, a missing required value or a value of the wrong type.
    """
    name = selector(_declared_bases(target)[0])
    bound = {}
    for declared in reversed(_declared_bases(target)):
        values = gin.get_bindings(_selectors[declared], resolve_references=False)
        bound.update({parameter: (selector(declared), value) for parameter, value in values.items()})
    parameters, hints = _signature(target)
    values = {}
    for parameter, (source, raw) in bound.items():
        if parameter not in parameters:
            raise ConfigError(f"{source}.{parameter}: no such parameter; {name} takes {', '.join(sorted(parameters))}")
        _bound_parameters_used.add(f"{source}.{parameter}")
        values[parameter] = _plain(raw, f"{source}.{parameter}")
        _check_type(f"{source}.{parameter}", values[parameter], hints.get(parameter))
    for parameter, value in explicit.items():
        if gin_text(value) is not None:  # what a file could have bound
            _check_type(f"{name}.{parameter}", value, hints.get(parameter))
    values.update(explicit)
    for parameter, default in parameters.items():
        if default in (REQUIRED, inspect.Parameter.empty) and values.get(parameter, REQUIRED) is REQUIRED:
            raise ConfigError(_no_value(name, parameter))
    _record(target, parameters, values)
    return values


def _no_value(name, parameter):
    return f"{name}.{parameter}: no value is given; bind it in a .gin file or by --gin_bindings"


def _declared_bases(target):
    """The declared ones of a class and its bases, itself first; a declared function alone."""
    return [base for base in inspect.getmro(target) if base in _selectors] if inspect.isclass(target) else [target]


def _signature(target):
    """({parameter: default}, {parameter: type}) of a declared object, with those that `**kwargs` hands to its bases."""
    parameters, hints = {}, {}
    for declared in _declared_bases(target):
        function = declared.__init__ if inspect.isclass(declared) else declared
        own = inspect.signature(function).parameters.values()
        kinds = {parameter.kind for parameter in own}
        for parameter in own:
            variable = parameter.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
            if parameter.name not in parameters and not variable and parameter.name != "self":
                parameters[parameter.name] = parameter.default
                hints[parameter.name] = typing.get_type_hints(function).get(parameter.name)
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return {key: default for key, default in parameters.items() if _may_bind(target, key) or default is REQUIRED}, hints


def _may_bind(target, parameter):
    return all(_bindable[declared](parameter) for declared in _declared_bases(target))


def is_bound(target, parameter):
    """Whether a file or a binding gives this parameter of a declared object (its bases not counted)."""
    return parameter in gin.get_bindings(_selectors[target], resolve_references=False)


def bound_value(target, parameter):
    """What a file or a binding gives this parameter of a declared object; None if nothing does."""
    raw = gin.get_bindings(_selectors[target], resolve_references=False).get(parameter)
    return _plain(raw, f"{selector(target)}.{parameter}")


def names():
    """Shortest names of all declared objects."""
    return sorted(map(selector, _selectors))


def named(name):
    """All declared objects that a full or shortened name in a `.gin` file may mean."""
    parts = name.split(".")
    return [target for target, full in _selectors.items() if full.split(".")[-len(parts) :] == parts]


def parameters(target):
    """Names of the parameters of a declared object that a file may bind."""
    return sorted(_signature(target)[0])


def unused_bindings():
    """`selector.parameter` of every binding that nothing built so far has read."""
    unused = []
    for (_, full), bound in gin.config._CONFIG.items():
        if full != "gin.macro":
            target = next(t for t, s in _selectors.items() if s == full)
            unused += [f"{selector(target)}.{parameter}" for parameter in bound]
    return sorted(set(unused) - _bound_parameters_used)


def resolved():
    """{`selector.parameter`: gin text} of all that was built since `parse`, defaults included."""
    return _by_full_name(_resolved)


def defaults():
    """{`selector.parameter`: gin text} of the defaults of what was built since `parse`, where there are any."""
    return _by_full_name(_defaults)


def bound():
    """Text of all bindings since `parse`, the same for the same bindings."""
    with _importable(_STAND_INS):  # gin imports once more what the files import
        return gin.config.config_str()


def imports():
    """The import statements of the parsed files, as lines of a `.gin` file."""
    return sorted(statement.format() for statement in gin.config._IMPORTS)  # no public accessor


def _by_full_name(texts):
    return {f"{name}.{key}": text for name, values in sorted(texts.items()) for key, text in sorted(values.items())}


def _plain(value, where):
    """A bound value with references replaced: classes by themselves, functions with their own bindings applied."""
    if not isinstance(value, gin.config.ConfigurableReference):
        return value
    if value.evaluate or value.configurable.selector == "gin.macro":
        try:
            return value.__deepcopy__(None)  # gin's own way to a macro's or a call's value
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{where}: {value} has no value: {str(error).splitlines()[0]}") from error
    target = value.configurable.wrapped
    if target not in _selectors:
        raise ConfigError(f"{where}: @{value.configurable.name} is not something that can be used here")
    if inspect.isclass(target):
        return target
    bound = arguments_of_function(target)
    return functools.partial(target, **bound) if bound else target


def arguments_of_function(target):
    """Bindings of a function that is passed on rather than called here (an optimizer, a distribution, a loss)."""
    bound = gin.get_bindings(_selectors[target], resolve_references=False)
    hints = typing.get_type_hints(target)
    values = {}
    for parameter, raw in bound.items():
        where = f"{selector(target)}.{parameter}"
        _bound_parameters_used.add(where)
        values[parameter] = _plain(raw, where)
        _check_type(where, values[parameter], hints.get(parameter))
    for parameter in inspect.signature(target).parameters.values():
        # What has a type is for files to bind; the rest is given by the caller.
        if parameter.name in hints and parameter.default is parameter.empty and parameter.name not in values:
            raise ConfigError(_no_value(selector(target), parameter.name))
    if values:
        _resolved.setdefault(selector(target), {}).update({k: gin_text(v) for k, v in values.items()})
    return values


def _check_type(where, value, hint):
    if hint is None or value is REQUIRED or _matches(value, hint):
        return
    given = f"@{selector(value)}" if _is_declared(value) else f"{value!r} ({type(value).__name__})"
    raise ConfigError(f"{where}: expected {_describe(hint)}, got {given}")


def _matches(value, hint):
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_matches(value, option) for option in typing.get_args(hint))
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
        return isinstance(value, (list, tuple)) and all(_matches(v, members[0]) for v in value)
    if hint is type(None):
        return value is None
    return not inspect.isclass(hint) or isinstance(value, hint)


def _describe(hint):
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(repr(option) for option in typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(_describe(option) for option in typing.get_args(hint))
    if hint is type(None):
        return "None"
    if typing.get_origin(hint) is type:
        classes = [target for target in _selectors if inspect.isclass(target) and _matches(target, hint)]
        return "one of " + ", ".join(sorted(f"@{selector(target)}" for target in classes))
    if hint is type:
        return "a class (@name)"
    if collections.abc.Callable in (hint, typing.get_origin(hint)):
        return "a function (@name)"
    return getattr(hint, "__name__", str(hint))


def _record(target, parameters, values):
    name = selector(_declared_bases(target)[0])
    for parameter, default in parameters.items():
        value = values.get(parameter, default)
        text = gin_text(value)
        if text is None:
            raise ConfigError(f"{name}.{parameter}: {value!r} cannot be written to a .gin file")
        _resolved.setdefault(name, {})[parameter] = text
        if default not in (REQUIRED, inspect.Parameter.empty):
            _defaults.setdefault(name, {})[parameter] = gin_text(default)


def gin_text(value):
    """Text that gin parses back to the value, or None if there is none (an object given by the caller)."""
    if isinstance(value, functools.partial):
        value = value.func
    if _is_declared(value):
        return f"@{selector(value)}"
    return repr(value) if gin.config._is_literally_representable(value) else None


def _is_declared(value):
    try:
        return value in _selectors
    except TypeError:
        return False  # unhashable
