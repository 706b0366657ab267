"""Labels from a CSV file: `labels.file`, with a header, a column that names the image, and a column `label`.

Images are named as `labelled_images.csv` of a run names them, so that this file is one, too.
"""

import collections
import csv
import dataclasses
import pathlib

import numpy as np

from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.suggestions import did_you_mean

OPTION = "labels.file"
NAMES, NUMBER, LABEL = ("path", "name", "id"), "index", "label"
SHOWN = 3  # names in a message


@dataclasses.dataclass(frozen=True)
class LabelTable:
    """Rows of a file of labels.

    Attributes:
        path: of the file.
        labels: {name or number of an image, as text: label as text} of the rows with a label.
        by_number: whether images are given by their numbers in the training split.
        empty: images whose label is empty or -1: they are unlabelled.
    """

    path: pathlib.Path
    labels: dict
    by_number: bool
    empty: tuple = ()

    def classes(self, num_classes, class_names):
        """(number of classes, names or None, {label as text: number}).

        A label is the name of a class or its number from 0; a name wins. For data without classes the labels make them:
        names in alphabetical order, or numbers from 0.

        Args:
            num_classes: of the data; None without classes.
            class_names: one name per class, or None.

        Raises:
            DataError: for a label that is not a class of the data, numbers with gaps, or fewer than two classes.
        """
        found = sorted(set(self.labels.values()))
        if num_classes is None:
            return self._own_classes(found)
        numbers = {str(number): number for number in range(num_classes)}
        numbers |= {str(name): number for number, name in enumerate(class_names or ())}
        if unknown := [label for label in found if label not in numbers]:
            names = [str(name) for name in class_names or ()]
            image = next(image for image, label in self.labels.items() if label == unknown[0])
            known = f"{_some(names)}, or a number" if names else "numbers"
            raise DataError(
                f"{OPTION}: {self.path}: expected classes of the data ({known} from 0 to {num_classes - 1}), got "
                f"{unknown[0]!r} for {image}{did_you_mean(unknown[0], names)}"
            )
        return num_classes, class_names, numbers

    def _own_classes(self, found):
        if len(found) < 2:
            raise DataError(f"{OPTION}: {self.path}: expected labels of at least two classes, got {_some(found)}")
        if not all(label.isdecimal() for label in found):
            return len(found), tuple(found), {label: number for number, label in enumerate(found)}
        numbers = {label: int(label) for label in found}
        num_classes = max(numbers.values()) + 1
        missing = sorted(set(range(min(num_classes, len(found) + 1))) - set(numbers.values()))
        if missing:
            raise DataError(
                f"{OPTION}: {self.path}: expected a label for each class from 0 to {num_classes - 1}, class "
                f"{missing[0]} has none; number the classes from 0, or write their names"
            )
        return num_classes, None, numbers

    def require_known(self, names, num_train):
        """Refuses rows of images that do not exist.

        Args:
            names: of all images that have names, of those that are not trained on, too.
            num_train: of the training images.

        Raises:
            DataError: naming some of them.
        """
        known = {str(number) for number in range(num_train)} if self.by_number else set(names)
        if unknown := [image for image in (*self.labels, *self.empty) if image not in known]:
            expected = f"numbers from 0 to {num_train - 1}" if self.by_number else f"names such as {next(iter(names))}"
            count = len(self.labels) + len(self.empty)
            raise DataError(
                f"{OPTION}: {self.path}: {len(unknown)} of {count} rows are of images that do not exist "
                f"(such as {_some(unknown)}), expected {expected}"
            )

    def of_images(self, names, numbers):
        """Labels int32 [len(names)] of images, -1 for those without a row; numbers as `classes` returns them."""
        labels = np.full([len(names)], UNLABELLED, np.int32)
        for index, name in enumerate(names):
            if name in self.labels:
                labels[index] = numbers[self.labels[name]]
        return labels


def read_table(path):
    """`LabelTable` of a CSV file.

    Raises:
        DataError: for a file that cannot be read, lacks a column, or has a row twice, cut, or without an image.
    """
    path = pathlib.Path(path).expanduser()
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
            header, *rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)] or [[]]
    except (OSError, csv.Error) as error:
        raise DataError(f"{OPTION}: cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    columns = [name.strip().lower() for name in header]
    of_image = next((name for name in (*NAMES, NUMBER) if name in columns), None)
    if of_image is None or LABEL not in columns:
        raise DataError(
            f"{OPTION}: {path}: expected a header with {LABEL} and one of {', '.join((*NAMES, NUMBER))}, separated by "
            f"commas, got {','.join(header)[:80]!r}"
        )
    if cut := [row for row in rows if len(row) != len(columns)]:
        raise DataError(f"{OPTION}: {path}: expected {len(columns)} cells in each row, got {','.join(cut[0])[:80]!r}")
    place, of_label = columns.index(of_image), columns.index(LABEL)
    pairs = [(_image(row[place], of_image), row[of_label].strip()) for row in rows]
    if nameless := [label for image, label in pairs if not image]:
        raise DataError(
            f"{OPTION}: {path}: expected a value of {of_image} in each row, {len(nameless)} of {len(pairs)} have none "
            f"(such as that with label {nameless[0]!r})"
        )
    counts = collections.Counter(image for image, _ in pairs)
    if doubled := [image for image, count in counts.items() if count > 1]:
        raise DataError(
            f"{OPTION}: {path}: expected one row per image, {len(doubled)} have more (such as {_some(doubled)})"
        )
    empty = tuple(image for image, label in pairs if label in ("", str(UNLABELLED)))
    labels = {image: label for image, label in pairs if label not in ("", str(UNLABELLED))}
    if not labels:
        raise DataError(f"{OPTION}: {path}: expected rows with a label, got none in {len(pairs)} rows")
    return LabelTable(path, labels, of_image == NUMBER, empty)


def _image(text, column):
    """Name or number of an image in one form."""
    text = text.strip() if column == NUMBER else text
    if column == NUMBER and text.isdecimal():
        return str(int(text))
    return text.removeprefix("./")


def _some(names):
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
