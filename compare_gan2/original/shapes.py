"""Shapes of the original's variables, by name."""

import re

from compare_gan2.ground.errors import ConfigError


class Shapes:
    """Shapes of a pair of networks, by name.

    Args:
        shapes: {variable of the original: shape}.
    """

    def __init__(self, shapes):
        self.shapes = shapes

    def has(self, name):
        """Whether a variable of this name exists."""
        return name in self.shapes

    def side(self, name, axis):
        """Size of an axis of a variable; None if the variable or the axis is missing."""
        return next(iter(self.shapes.get(name, ())[axis : axis + 1]), None)

    def required(self, name, axis):
        """As `side`, but raises a `ConfigError` if the variable or the axis is missing."""
        size = self.side(name, axis)
        if size is None:
            found = self.shapes.get(name, "missing")
            raise ConfigError(f"--from: {name}: expected a size on axis {axis}, found {found}")
        return size

    def first(self, pattern):
        """(name, shape) of the first variable, by name, that a pattern finds; (None, None) if it finds none."""
        return next(
            ((name, self.shapes[name]) for name in sorted(self.shapes) if re.search(pattern, name)), (None, None)
        )

    def count(self, pattern):
        """Number of different texts that the group of a pattern matches."""
        return len({found.group(1) for found in (re.fullmatch(pattern, name) for name in self.shapes) if found})
