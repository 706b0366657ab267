"""The nearest known name for a mistyped one."""

import difflib


def did_you_mean(name, known, prefix=""):
    """End of a message, such as "; did you mean options.z_dim?"; empty if no known name is near."""
    near = difflib.get_close_matches(str(name), [str(other) for other in known], cutoff=0.6)
    return f"; did you mean {' or '.join(prefix + other for other in near)}?" if near else ""
