"""What the label of a row of a file says: no label, the name of a class, or its number."""

import re
import unicodedata

from compare_gan2.ground.class_names import are_other_numbers, normalised

# What programs write for a cell without a value. Someone may have a class of this name, so it is not guessed.
_NO_VALUE = {"nan", "na", "<na>", "n/a", "#n/a", "null", "none", "nat"}
_MOST_DIGITS = 18


def is_no_label(text):
    """Whether a label is empty or -1, also as a floating-point number."""
    return not text or re.fullmatch(r"-1(\.0*)?", text) is not None


def whole_number(text):
    """The number from 0 that a label is, "3.0" and "03" too; None for any other text."""
    match = re.fullmatch(r"\+?(\d+)(\.0*)?", text)
    digits = match and normalised(match[1])
    return int(digits[:_MOST_DIGITS]) if digits else None  # a longer one is beyond all classes, too


def is_number(text):
    """Whether a label is a number of any kind, -2, 0.5 and infinity too."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def stands_for_nothing(text):
    """Whether a label is what programs write for a missing value, such as "NaN"."""
    return text.lower() in _NO_VALUE


def is_plain(text):
    """Whether a label has no control characters and no bytes that are not UTF-8."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def is_class(text):
    """Whether a label can name a class, whatever other labels there are."""
    return is_plain(text) and not is_no_label(text) and not stands_for_nothing(text)


def numbers_by_name(found, num_classes, class_names):
    """{label: number of the class} of those labels that are classes of the data.

    A label is the name of a class, which counts as written before it counts as `normalised`, or its number from 0.
    Where a class has another number as its name, labels are names only: of 1, 2 and 3, "1" could be the second as well.

    Args:
        found: labels, as texts.
        num_classes: of the data.
        class_names: one name per class, or ().
    """
    exact = {str(name): number for number, name in enumerate(class_names)}
    alike = {normalised(name): number for number, name in enumerate(class_names)}
    if len(alike) < len(exact):
        alike = {}
    by_number = not are_other_numbers(class_names)
    numbers = {}
    for label in found:
        number = whole_number(label)
        if (of_name := exact.get(label, alike.get(normalised(label)))) is not None:
            numbers[label] = of_name
        elif not by_number and number is not None and str(number) in alike:
            numbers[label] = alike[str(number)]  # "1.0" is the class "1"
        elif by_number and number is not None and number < num_classes:
            numbers[label] = number
    return numbers


def names_of_classes(found):
    """{label: name of its class} of labels that are names: two forms of one name are one class."""
    names = {}
    for label in sorted(found, key=len):  # of "01" and "1" the shorter one
        names.setdefault(normalised(label), unicodedata.normalize("NFC", label))
    return {label: names[normalised(label)] for label in found}
