"""How names of classes are compared, with each other and with numbers."""

import unicodedata


def normalised(name):
    """A name in Unicode's composed form (NFC), and a whole number by its value, so that "07" is "7"."""
    name = unicodedata.normalize("NFC", str(name))
    if not name.isdecimal():
        return name
    return "".join(str(unicodedata.decimal(digit)) for digit in name).lstrip("0") or "0"  # `int` takes 4,300 digits


def are_other_numbers(names):
    """Whether a name is a whole number other than its place, as in 1, 2, 3: a number alone could then mean two."""
    return any(name.isdecimal() and name != str(place) for place, name in enumerate(map(normalised, names)))
