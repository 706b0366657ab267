"""Labels from a CSV file: `labels.file`, with a header, a column that names the image, and a column `label`.

Images are named as `labelled_images.csv` of a run names them, so that this file is one, too.
"""

import collections
import csv
import dataclasses
import io
import pathlib

import numpy as np

from compare_gan2.datasets.labels import label_texts
from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.ground.class_names import are_other_numbers, normalised
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.local_paths import problem_of_content
from compare_gan2.ground.suggestions import did_you_mean

OPTION = "labels.file"
NAMES, NUMBER, LABEL = ("path", "name", "id"), "index", "label"
SHOWN = 3  # names in a message
MOST_SHOWN = 80  # characters of a text in a message


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

        Classes of the data are found by `label_texts.numbers_by_name`. For data without classes the labels make them:
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
        numbers = label_texts.numbers_by_name(found, num_classes, class_names or ())
        if unknown := [label for label in found if label not in numbers]:
            names = [str(name) for name in class_names or ()]
            known = f"{_some(names)}, or a number" if names else "numbers"
            known += f" from 0 to {num_classes - 1}"
            if are_other_numbers(names):
                known = _some(names)  # see `numbers_by_name`
            raise self._unfit(f"classes of the data ({known})", unknown[0], did_you_mean(unknown[0], names))
        return num_classes, class_names, numbers

    def _own_classes(self, found):
        numbers = {label: label_texts.whole_number(label) for label in found}
        if odd := [label for label, number in numbers.items() if number is None]:
            missing = [label for label in odd if label_texts.stands_for_nothing(label)]
            way_out = "; leave the cell empty if the image has no label, or give the class another name"
            if all(label in missing or label_texts.is_number(label) for label in odd):
                raise self._unfit("whole numbers from 0, or names", odd[0], way_out if odd[0] in missing else "")
            if missing:
                raise self._unfit("names of classes", missing[0], way_out)
            return self._named_classes(label_texts.names_of_classes(found))
        num_classes = max(numbers.values()) + 1
        if num_classes < 2:
            raise self._one_class(found)
        missing = sorted(set(range(min(num_classes, len(found) + 1))) - set(numbers.values()))
        if missing:
            raise DataError(
                f"{OPTION}: {self.path}: expected a label for each class from 0 to {num_classes - 1}, class "
                f"{missing[0]} has none; number the classes from 0, or write their names"
            )
        return num_classes, None, numbers

    def _named_classes(self, names):
        classes = sorted(set(names.values()))
        if len(classes) < 2:
            raise self._one_class(classes)
        return len(classes), tuple(classes), {label: classes.index(name) for label, name in names.items()}

    def _one_class(self, found):
        return DataError(f"{OPTION}: {self.path}: expected labels of at least two classes, got {_some(found)}")

    def _unfit(self, expected, label, hint=""):
        image = next(image for image, of_image in self.labels.items() if of_image == label)
        return DataError(f"{OPTION}: {self.path}: expected {expected}, got {_short(label)!r} for {_short(image)}{hint}")

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
    header, rows = _cells(path)
    columns = [name.strip().lower() for name in header]
    of_image = next((name for name in (*NAMES, NUMBER) if name in columns), None)
    if of_image is None or LABEL not in columns:
        raise DataError(
            f"{OPTION}: {path}: expected a header with {LABEL} and one of {', '.join((*NAMES, NUMBER))}, separated by "
            f"commas, got {_short(','.join(header))!r}"
        )
    if doubled := [name for name in (of_image, LABEL) if columns.count(name) > 1]:
        raise DataError(f"{OPTION}: {path}: expected one column {doubled[0]}, got {columns.count(doubled[0])}")
    if cut := [row for row in rows if len(row) != len(columns)]:
        raise DataError(
            f"{OPTION}: {path}: expected {len(columns)} cells in each row, got {_short(','.join(cut[0]))!r}"
        )
    place, of_label = columns.index(of_image), columns.index(LABEL)
    pairs = [(_image(row[place], of_image), row[of_label].strip()) for row in rows]
    if nameless := [label for image, label in pairs if not image]:
        raise DataError(
            f"{OPTION}: {path}: expected a value of {of_image} in each row, {len(nameless)} of {len(pairs)} have none "
            f"(such as that with label {_short(nameless[0])!r})"
        )
    if unfit := [(image, label) for image, label in pairs if not label_texts.is_plain(label)]:
        raise DataError(
            f"{OPTION}: {path}: expected labels in UTF-8 and on one line, got {_short(unfit[0][1])!r} for "
            f"{_short(unfit[0][0])}; save the file as CSV in UTF-8"
        )
    counts = collections.Counter(image for image, _ in pairs)
    if doubled := [image for image, count in counts.items() if count > 1]:
        raise DataError(
            f"{OPTION}: {path}: expected one row per image, {len(doubled)} have more (such as {_some(doubled)})"
        )
    empty = tuple(image for image, label in pairs if label_texts.is_no_label(label))
    labels = {image: label for image, label in pairs if not label_texts.is_no_label(label)}
    if not labels:
        raise DataError(f"{OPTION}: {path}: expected rows with a label, got none in {len(pairs)} rows")
    return LabelTable(path, labels, of_image == NUMBER, empty)


def _cells(path):
    """(header, rows) of a CSV file, as texts; rows without any text are left out."""
    if problem := problem_of_content(path):
        raise DataError(f"{OPTION}: expected a CSV file, {path} is {problem}")
    try:
        content = path.read_bytes()
        if b"\0" in content:
            raise DataError(f"{OPTION}: {path}: expected text in UTF-8, got UTF-16 or no text; save it as CSV in UTF-8")
        # Names of files need not be UTF-8; labels have to be.
        text = io.StringIO(content.decode("utf-8-sig", "surrogateescape"), newline="")
        header, *rows = [row for row in csv.reader(text, strict=True) if any(cell.strip() for cell in row)] or [[]]
    except OSError as error:
        raise DataError(f"{OPTION}: cannot read {path}: {error.strerror}") from error
    except csv.Error as error:
        raise DataError(f"{OPTION}: cannot read {path}: {error}; is a quote left open?") from error
    return header, rows


def _image(text, column):
    """Name or number of an image in one form."""
    text = text.strip() if column == NUMBER else text
    if column == NUMBER and text.isdecimal():
        return normalised(text)
    return text.removeprefix("./")


def _some(names):
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(_short, names[:SHOWN])) + more


def _short(text):
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
