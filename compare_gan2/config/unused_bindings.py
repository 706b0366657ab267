"""Bindings that a command was given and did not read."""

from compare_gan2.config.configuration import parse
from compare_gan2.ground.messages import log


def warn_of_unused(config, bindings, purpose):
    """Warns of the bindings that nothing built so far from a `Configuration` has read.

    Args:
        config: `Configuration`, parsed with these bindings among others.
        bindings: list of gin lines.
        purpose: what they were given for, such as "this evaluation".
    """
    given = parse([], bindings, allow_imports=True).bound_names  # imported by now
    if unused := set(config.unused) & set(given):
        log.warning(f"bound but not used by {purpose}: {', '.join(sorted(unused))}")
