"""What a configuration may measure, so that a file cannot keep a reader busy or fill the memory.

The shipped configurations have under 10,000 characters, values nested 2 deep, and files included 3 deep.
"""

import math
import re

import gin

from compare_gan2.ground.errors import ConfigError

MOST_BYTES = 2**18  # of all texts together, a file that is included twice counted twice
MOST_INCLUDED = 30  # files inside each other
MOST_NESTED = 50  # lists, tuples and dicts inside each other; Python's parser gives up at 200 brackets
MOST_MEMBERS = 1_000_000  # of one value, macros replaced
TOO_DEEP = f"values may be nested {MOST_NESTED} deep; expected a value written flat"


class TextBudget:
    """Counts the text of one configuration; raises a `ConfigError` once it is more than `MOST_BYTES`."""

    def __init__(self):
        self._spent = 0

    def spend(self, size, where):
        """Counts `size` bytes of the text of `where`."""
        self._spent += size
        if self._spent > MOST_BYTES:
            raise ConfigError(
                f"{where}: a configuration may have {MOST_BYTES:,} bytes, all files that it includes counted; "
                f"got at least {self._spent:,}"
            )


def check_text(text, where):
    """Raises a `ConfigError` for text that is too long, nested too deeply or has characters that gin cannot read."""
    if len(text) > MOST_BYTES:
        raise ConfigError(f"{where}: a configuration may have {MOST_BYTES:,} bytes, got more")
    if "\0" in text:
        raise ConfigError(f"{where}: expected text of bindings, got a zero byte")
    depth = deepest = 0
    for character in re.findall(r"[\[\](){}]", re.sub("#.*", "", text)):
        depth = max(depth + (1 if character in "[({" else -1), 0)
        deepest = max(deepest, depth)
    if deepest > MOST_NESTED:
        raise ConfigError(f"{where}: expected at most {MOST_NESTED} brackets inside each other, got {deepest}")


def require_nesting(chain):
    """Raises a `ConfigError` if more than `MOST_INCLUDED` files include each other.

    Args:
        chain: paths, each included by the one before it.
    """
    if len(chain) > MOST_INCLUDED:
        raise ConfigError(
            f"include: files may include each other {MOST_INCLUDED} deep; {chain[0]} leads to {chain[-1]}, which is "
            "deeper"
        )


def refuse_large_values(bound):
    """Raises a `ConfigError` for a bound value that is nested too deep or has too many members.

    Args:
        bound: {(scope, name): {parameter: value}}, as gin parsed it.
    """
    macros = {scope: given["value"] for (scope, name), given in bound.items() if name == "gin.macro"}
    known = {}
    for (scope, name), given in bound.items():
        for parameter, value in given.items():
            members, depth = _extent(value, macros, known, ())
            where = f"%{scope}" if name == "gin.macro" else f"{name.rpartition('.')[2]}.{parameter}"
            if depth > MOST_NESTED:
                raise ConfigError(f"{where}: {TOO_DEEP}")
            if members == math.inf:
                if name == "gin.macro":  # an error only if it is used
                    continue
                raise ConfigError(f"{where}: the macro {_named(value)} has no value, it leads to itself")
            if members > MOST_MEMBERS:
                raise ConfigError(
                    f"{where}: a value may have {MOST_MEMBERS:,} members, macros replaced; got {members:,}"
                )


def _extent(value, macros, known, inside):
    """(members, depth) of a value; each macro is measured once, one that leads to itself is endless."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        parts = [_extent(member, macros, known, inside) for member in value]
        return 1 + sum(members for members, _ in parts), 1 + max((depth for _, depth in parts), default=0)
    name = _macro(value)
    if name not in macros:
        return 1, 0
    if name in inside:
        return math.inf, 0
    if name not in known:
        known[name] = _extent(macros[name], macros, known, (*inside, name))
    return known[name]


def _macro(value):
    """Name of the macro that a value refers to; None for other values."""
    is_macro = isinstance(value, gin.config.ConfigurableReference) and value.configurable.selector == "gin.macro"
    return "/".join(value.scopes) if is_macro else None


def _named(value):
    return f"%{_macro(value)}" if _macro(value) else f"in {value!r}"[:200]
