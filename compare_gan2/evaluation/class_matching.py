"""Which class of the generated images is which class of the real ones: by name, or by number without names."""

import collections
from typing import Literal

from compare_gan2.evaluation import sources
from compare_gan2.ground.class_names import normalised
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log

Classes = Literal["same", "common"]
SHOWN = 10  # names in a message


def matched(fake, real, classes="same", by_same_record=False):
    """(fake, real, text for the protocol): both `ImageSource`s with the classes of the real images, in their order.

    Names are compared in Unicode's composed form (NFC), and whole numbers by value, so that "07" is "7".

    Args:
        fake: `ImageSource` of the generated images.
        real: `ImageSource` of the real images.
        classes: "same": both have to have the same classes; "common": images of other classes are left out.
        by_same_record: whether both sides are numbered by one dataset, so that numbers are enough where one of them
            has no names.

    Raises:
        ConfigError: for classes that one side lacks, two classes of one name, or "common" without names.
    """
    if not (fake.has_labels and real.has_labels):
        if classes == "common":
            raise ConfigError("--classes=common: expected classes on both sides, --fake or --real has none")
        return fake, real, "none"
    if by_same_record and classes == "same":
        if None in (fake.class_names, real.class_names):
            return fake, real, "by number"
        if fake.class_names == real.class_names:  # some data has two classes of one name
            return fake, real, "by name"
    if fake.class_names is None or real.class_names is None:
        if classes == "common":
            lacking = "--fake" if fake.class_names is None else "--real"
            raise ConfigError(f"--classes=common: expected named classes, those of {lacking} are numbers")
        return _by_number(fake, real)
    numbers = _numbers_of(fake, "--fake"), _numbers_of(real, "--real")
    common = [name for name in numbers[1] if name in numbers[0]]
    if classes == "same":
        _require_same(*numbers)
        return _renamed(fake, real, numbers), real, "by name"
    if not common:
        raise ConfigError(f"--classes=common: no class of --fake is one of --real: {_differences(*numbers)}")
    kept = tuple(real.class_names[numbers[1][name]] for name in common)
    sides = [
        sources.of_classes(side, [of_side[name] for name in common], kept)
        for side, of_side in zip((fake, real), numbers, strict=True)
    ]
    return *sides, f"common: {', '.join(kept)}"


def _numbers_of(source, option):
    """{normalised name: number} of the classes of a source."""
    names = [normalised(name) for name in source.class_names]
    double = [name for name, count in collections.Counter(names).items() if count > 1]
    if double:
        given = [name for name in source.class_names if normalised(name) == double[0]]
        raise ConfigError(f"{option}: expected classes of different names, got {' and '.join(map(repr, given))}")
    return {name: number for number, name in enumerate(names)}


def _renamed(fake, real, numbers):
    order = [numbers[1][name] for name in numbers[0]]
    return sources.with_numbers(fake, order, real.class_names)


def _by_number(fake, real):
    named = real if fake.class_names is None else fake
    names = named.class_names
    if names is not None:
        other, option = (fake, "--fake") if named is real else (real, "--real")
        if other.num_classes > len(names):
            raise ConfigError(
                f"{option}: its classes are numbers up to {other.num_classes - 1}, the other side has only "
                f"{len(names)} classes ({_some(names)}); name them, as `class_names` in an .npz file or as sub-folders"
            )
        if [normalised(name) for name in names] == [str(number) for number in range(len(names))]:
            return fake, real, "by name"
    elif real.split != "none" and fake.num_classes > real.num_classes:
        raise ConfigError(
            f"--fake: its classes are numbers up to {fake.num_classes - 1}, {real.name} has {real.num_classes} "
            "classes, counted from 0"
        )
    known = "neither side names its classes" if names is None else f"only one side has names ({_some(names)})"
    log.warning(
        f"--fake, --real: classes are matched by number, since {known}; scores of classes mean nothing unless both "
        "count them in the same order"
    )
    return fake, real, "by number"


def _require_same(fake, real):
    if fake.keys() != real.keys():
        raise ConfigError(
            f"--fake, --real: expected the same classes, {_differences(fake, real)}; --classes=common compares those "
            "that both have"
        )


def _differences(fake, real):
    parts = [
        f"only {option} has {_some([name for name in one if name not in other])}"
        for option, one, other in (("--fake", fake, real), ("--real", real, fake))
        if one.keys() - other.keys()
    ]
    return ", ".join(parts)


def _some(names):
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
