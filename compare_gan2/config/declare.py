"""What a `.gin` file may name: every class and function declared with `configurable`.

`@gin.configurable` cannot wrap a Keras 3 class, and `@gin.register` does not let a binding on a base class reach its
subclasses. So a declared object stays as it is, and `Configuration.build` creates it from its bindings and those of its
bases. The table of declarations is filled when modules are imported and never changes afterwards.
"""

import functools
import inspect
import typing

import gin

REQUIRED = gin.REQUIRED

_selectors = {}  # Declared object -> full selector, e.g. "compare_gan.gans.s3gan.S3GAN".
_bindable = {}  # Declared object -> function (parameter) -> whether a file may bind it.
_refused = {}  # Full selector -> what to use instead.


def configurable(name, *, module, allowlist=None, denylist=None):
    """Declares a class or function to gin as `module.name`; the object itself stays unchanged.

    Args:
        name: name in `.gin` files.
        module: dotted module of the original implementation, so that its long selectors keep working.
        allowlist: the only parameters a file may bind (default: all).
        denylist: parameters that a file may not bind, such as those that the caller gives.
    """

    def declare(target):
        gin.register(name, module=module, allowlist=allowlist, denylist=denylist)(target)
        _selectors[target] = f"{module}.{name}"
        _bindable[target] = lambda name: name not in (denylist or ()) and (allowlist is None or name in allowlist)
        return target

    return declare


def refuse(name, *, module, instead):
    """Makes a file that names `module.name`, which the original had, end in a message that says what to use instead."""

    def refused(**bound):
        raise AssertionError(f"{name}({bound}) is refused when a file is parsed")

    gin.register(name, module=module)(refused)
    _refused[f"{module}.{name}"] = instead


def refused(full):
    """What to use instead of a refused name, by its full selector; None if it is not refused."""
    return _refused.get(full)


def is_declared(value):
    """Whether a value is a declared class or function."""
    try:
        return value in _selectors
    except TypeError:
        return False  # unhashable


def full_selector(target):
    """Full selector of a declared object, such as "compare_gan.gans.s3gan.S3GAN"."""
    return _selectors[target]


def selector(target):
    """Shortest name by which a `.gin` file can refer to a declared object."""
    full = _selectors[target].split(".")
    for length in range(1, len(full) + 1):
        suffix = full[-length:]
        if sum(other.split(".")[-length:] == suffix for other in _selectors.values()) == 1:
            return ".".join(suffix)
    return ".".join(full)


def declared():
    """All declared objects, in the order of their declaration."""
    return list(_selectors)


def names():
    """Shortest names of all declared objects, sorted."""
    return sorted(map(selector, _selectors))


def named(name):
    """All declared objects that a full or shortened name in a `.gin` file may mean."""
    parts = name.split(".")
    return [target for target, full in _selectors.items() if full.split(".")[-len(parts) :] == parts]


def declared_bases(target):
    """The declared ones among a class and its bases, itself first; a declared function alone."""
    return [base for base in inspect.getmro(target) if base in _selectors] if inspect.isclass(target) else [target]


def signature(target):
    """({parameter: default}, {parameter: type}) of what a file may bind, with what `**kwargs` hands to the bases."""
    parameters, hints = {}, {}
    for base in declared_bases(target):
        function = base.__init__ if inspect.isclass(base) else base
        own = inspect.signature(function).parameters.values()
        kinds = {parameter.kind for parameter in own}
        types = typing.get_type_hints(function, include_extras=True)  # ranges are extras
        for parameter in own:
            variable = parameter.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
            if parameter.name not in parameters and not variable and parameter.name != "self":
                parameters[parameter.name] = parameter.default
                hints[parameter.name] = types.get(parameter.name)
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return {key: default for key, default in parameters.items() if _may_bind(target, key)}, hints


def parameters(target):
    """Names of the parameters of a declared object that a file may bind, sorted."""
    return sorted(signature(target)[0])


def gin_text(value):
    """Text that gin parses back to the value; None if there is none (an object that a caller gives)."""
    if isinstance(value, functools.partial):
        value = value.func
    if is_declared(value):
        return f"@{selector(value)}"
    if is_declared(type(value)):  # what a reference with parentheses made
        return f"@{selector(type(value))}()"
    if isinstance(value, (list, tuple)) and any(is_declared(member) or is_declared(type(member)) for member in value):
        members = [gin_text(member) for member in value]
        return None if None in members else f"[{', '.join(members)}]"
    return repr(value) if gin.config._is_literally_representable(value) else None


def _may_bind(target, parameter):
    return all(_bindable[base](parameter) for base in declared_bases(target))
