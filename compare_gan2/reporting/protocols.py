"""Whether scores may stand in one table: their protocols, what differs, and marks for those that are mixed."""

import string

from compare_gan2.reporting.scores import PROTOCOL


def protocol_of(row):
    """{field: text} of a row of scores.csv; what a row of an older version lacks is "unknown"."""
    return {field: row.get(field) or "unknown" for field in PROTOCOL}


def differences(rows):
    """{field: sorted list of its texts} of the fields of the protocol in which rows of one metric differ."""
    found = {field: {protocol_of(row)[field] for row in rows} for field in PROTOCOL}
    found["label_prior"].discard("none")  # a model without labels can be compared with one that has them
    return {field: sorted(texts) for field, texts in found.items() if len(texts) > 1}


class Marks:
    """Letters for the protocols of a table, in the order in which they are asked for.

    Args:
        differing: names of the fields that tell protocols apart.
    """

    def __init__(self, differing):
        self._differing = differing
        self._letters = {}

    def of(self, rows):
        """Text such as " [a]" or " [a, b]" that goes behind the number made of these rows."""
        texts = sorted({self._text(row) for row in rows})
        for text in texts:
            self._letters.setdefault(text, _letter(len(self._letters)))
        return f" [{', '.join(sorted(self._letters[text] for text in texts))}]"

    def legend(self):
        """A line per letter that says what it stands for."""
        return [f"[{letter}]: {text}" for text, letter in self._letters.items()]

    def _text(self, row):
        protocol = protocol_of(row)
        return "; ".join(f"{field} {protocol[field]}" for field in self._differing)


def _letter(number):
    most, rest = divmod(number, 26)
    return (_letter(most - 1) if most else "") + string.ascii_lowercase[rest]
