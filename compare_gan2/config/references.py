"""References in bound values: %macros, which are replaced by their values, and @names; what of them is refused."""

import re

import gin

from compare_gan2.config.declare import declared, parameters, refused, selector
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean


class Undefined:
    """Placeholder of a macro that no file defines; an error only if it is read."""

    def __init__(self, name):
        self.name = name


def references(value):
    """All references with @ or % in a bound value."""
    if isinstance(value, gin.config.ConfigurableReference):
        yield value
    elif isinstance(value, dict):
        yield from references(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from references(member)


def without_macros(value, macros, depth=0):
    """A bound value with each %macro replaced by its value."""
    if isinstance(value, (list, tuple)):
        return type(value)(without_macros(member, macros, depth) for member in value)
    if isinstance(value, dict):
        return {key: without_macros(member, macros, depth) for key, member in value.items()}
    if not isinstance(value, gin.config.ConfigurableReference):
        return value
    name = "/".join(value.scopes)
    if value.configurable.selector == "gin.constant":  # %gin.REQUIRED
        return gin.config._CONSTANTS[name]
    if value.configurable.selector != "gin.macro":
        return value
    if name not in macros or depth > len(macros):  # the latter for macros that name each other in a circle
        return Undefined(name)
    return without_macros(macros[name], macros, depth + 1)


def refuse_scopes_and_names(bound):
    scoped = [scope for scope, name in bound if scope and name != "gin.macro"]
    if scoped:
        raise ConfigError(f"gin configuration: scopes have no effect here, got bindings under {sorted(set(scoped))}")
    referenced = [found.configurable.selector for found in references(list(bound.values()))]
    for name in [*(full for _, full in bound), *referenced]:
        if (instead := refused(name)) is not None:
            raise ConfigError(f"gin configuration: {name} does not exist here: {instead}")


def refuse_idle_macros(gin_bindings, bound):
    """Raises for a line such as "z_dim = 120", which gin takes for a macro; a macro of a file may be idle."""
    given = [found.group(1) for line in gin_bindings if (found := re.match(r"\s*(\w+)\s*=", line))]
    used = {"/".join(found.scopes) for found in references(list(bound.values()))}
    for name in given:
        if name not in used:
            known = [f"{selector(target)}.{parameter}" for target in declared() for parameter in parameters(target)]
            meant = [full for full in known if full.endswith(f".{name}")]
            hint = f"; did you mean {' or '.join(meant[:3])}?" if meant else did_you_mean(name, known)
            raise ConfigError(
                f"gin configuration: {name}: expected selector.parameter, or a macro that a value refers to "
                f"as %{name}{hint}"
            )
