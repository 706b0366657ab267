"""Classes as users give them, by number or by name, as numbers."""

import numpy as np

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean

_SHOWN = 30  # names in a message


def class_numbers(labels, count, num_classes, class_names=None, what="labels"):
    """int32 [count] of classes; None in unconditional models.

    Args:
        labels: a class, or a list of `count` of them: a name, a number, a number as text, or -1 for no label. Text is a
            name if there is one like it.
        count: number of images.
        num_classes: of the model; None in unconditional ones, whose labels are None.
        class_names: one name per class, or None.
        what: start of messages.

    Raises:
        ConfigError: for a class that does not exist, or another number of them.
    """
    if num_classes is None:
        if labels is not None:
            raise ConfigError(f"{what}: an unconditional model takes none, got {labels!r}")
        return None
    given = [labels] * count if np.ndim(labels) == 0 else list(labels)
    if len(given) != count:
        raise ConfigError(f"{what}: expected one class, or {count} of them, got {len(given)}")
    names = list(class_names or ())
    return np.array([_number(label, num_classes, names, what) for label in given], np.int32)


def _number(label, num_classes, names, what):
    if isinstance(label, str) and label in names:
        return names.index(label)
    is_number = isinstance(label, str) and label.isdecimal() and len(label) < 19
    number = int(label) if is_number else label
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not -1 <= number < num_classes:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        differ = names != [str(number) for number in range(num_classes)]
        known = f" or one of the names {', '.join(map(str, names[:_SHOWN]))}{more}" if names and differ else ""
        is_name = isinstance(number, str) and not number.lstrip("-").isdecimal()
        hint = did_you_mean(number, names) if is_name else ""
        shown = label if not isinstance(label, str) or len(label) <= 80 else f"{label[:80]}..."
        raise ConfigError(f"{what}: expected classes from 0 to {num_classes - 1}{known}, got {shown!r}{hint}")
    return int(number)
