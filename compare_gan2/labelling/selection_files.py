"""The files of a selection of images: a contact sheet and a table."""

import csv

import numpy as np

from compare_gan2.ground.errors import DataError
from compare_gan2.reporting.pictures import captioned_grid, save_png

SHEET, TABLE, PAGE, LABELS = "contact_sheet.png", "images.csv", "label.html", "labels.csv"
_COLUMNS = 10


def write(folder, chosen):
    """Writes the contact sheet and the table of `ChosenImages` to a folder.

    Raises:
        OSError: if a file cannot be written.
    """
    save_png(folder / SHEET, contact_sheet(chosen))
    rows = zip(chosen.names, chosen.indices, chosen.shares, strict=True)
    _write_table(
        folder / TABLE, ["name", "index", "share"], ((name, index, f"{share:.4f}") for name, index, share in rows)
    )


def write_stored_labels(folder, chosen):
    """Writes the table of labels that the page would save if a person labelled `ChosenImages` as the data does.

    Raises:
        DataError: if one of them has no stored label.
        OSError: if the file cannot be written.
    """
    without = len(chosen.names) if chosen.stored is None else int(np.sum(chosen.stored < 0))
    if without:
        raise DataError(
            f"--stored_labels: expected images with a label in the data, {without} of {len(chosen.names)} have none; "
            "label them on the page"
        )
    names = chosen.class_names or range(int(chosen.stored.max()) + 1)
    rows = ((name, names[label]) for name, label in zip(chosen.names, chosen.stored, strict=True))
    _write_table(folder / LABELS, ["name", "label"], rows)


def _write_table(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def contact_sheet(chosen):
    """uint8 picture [height, width, 3]: the images of `ChosenImages` in their order, with name and share below each."""
    images = chosen.images.astype(np.float32) / 255
    texts = [f"{name} {share:.1%}" for name, share in zip(chosen.names, chosen.shares, strict=True)]
    starts = range(0, len(images), _COLUMNS)
    rows, captions = zip(*((images[i : i + _COLUMNS], texts[i : i + _COLUMNS]) for i in starts), strict=True)
    return captioned_grid(list(rows), captions=list(captions), title=f"{chosen.dataset}: what to label first")
