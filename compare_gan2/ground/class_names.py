"""The form in which names of classes are compared."""

import unicodedata


def normalised(name):
    """A name in Unicode's composed form (NFC), and a whole number by its value, so that "07" is "7"."""
    name = unicodedata.normalize("NFC", str(name))
    if not name.isdecimal():
        return name
    return "".join(str(unicodedata.decimal(digit)) for digit in name).lstrip("0") or "0"  # `int` takes 4,300 digits
