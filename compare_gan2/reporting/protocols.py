"""Whether scores may be in one table: their protocols, what differs, and marks for mixed ones."""

import string

from compare_gan2.reporting.page_parts import Table
from compare_gan2.run_folder.scores import PROTOCOL


def protocol_of(row):
    """{field: text} of a row of scores.csv; fields that a row of an older version lacks are "unknown"."""
    return {field: row.get(field) or "unknown" for field in PROTOCOL}


def differences(rows):
    """{field of the protocol: sorted list of its texts} of the fields in which rows of one metric differ."""
    found = {field: {protocol_of(row)[field] for row in rows} for field in PROTOCOL}
    found["label_prior"].discard("none")  # a model without labels can be compared with one that has them
    return {field: sorted(texts) for field, texts in found.items() if len(texts) > 1}


class Marks:
    """Letters for the protocols of a table, in the order in which rows are marked.

    Args:
        differing: names of the fields in which the protocols differ.
    """

    def __init__(self, differing):
        self._differing = differing
        self._letters = {}

    def of(self, rows):
        """Text such as " [a]" or " [a, b]" to append to a number computed from these rows."""
        texts = sorted({self._text(row) for row in rows})
        for text in texts:
            self._letters.setdefault(text, _letter(len(self._letters)))
        return f" [{', '.join(sorted(self._letters[text] for text in texts))}]"

    def legend(self):
        """List of lines, one per letter, with the protocol that it means."""
        return [f"[{letter}]: {text}" for text, letter in self._letters.items()]

    def _text(self, row):
        protocol = protocol_of(row)
        return "; ".join(f"{field} {protocol[field]}" for field in self._differing)


def _letter(number):
    most, rest = divmod(number, 26)
    return (_letter(most - 1) if most else "") + string.ascii_lowercase[rest]


def protocol_table(rows, titles):
    """`Table` of the protocol, a line per field that is known, a column per metric; texts that differ are listed.

    Args:
        rows: {column: text} of scores, as scores.csv has them.
        titles: {metric: title}, the columns.
    """
    lines = []
    for field in PROTOCOL:
        cells = []
        for metric in titles:
            texts = sorted({protocol_of(row)[field] for row in rows if row["metric"] == metric})
            cells.append(", ".join(text[:12] if field.endswith("checksum") else text for text in texts))
        if set(cells) - {"unknown", ""}:
            lines.append([field.replace("_", " "), *cells])
    return Table("How scores were made", ["", *titles.values()], lines, is_text=True)
