"""The files of a selection of images: a contact sheet and a table."""

import csv

import numpy as np

from compare_gan2.reporting.pictures import captioned_grid, save_png

SHEET, TABLE, PAGE = "contact_sheet.png", "images.csv", "label.html"
_COLUMNS = 10


def write(folder, chosen):
    """Writes the contact sheet and the table of `ChosenImages` to a folder.

    Raises:
        OSError: if a file cannot be written.
    """
    save_png(folder / SHEET, contact_sheet(chosen))
    with open(folder / TABLE, "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "index", "share"])
        for name, index, share in zip(chosen.names, chosen.indices, chosen.shares, strict=True):
            writer.writerow([name, index, f"{share:.4f}"])


def contact_sheet(chosen):
    """uint8 picture [height, width, 3]: the images of `ChosenImages` in their order, with name and share below each."""
    images = chosen.images.astype(np.float32) / 255
    texts = [f"{name} {share:.1%}" for name, share in zip(chosen.names, chosen.shares, strict=True)]
    starts = range(0, len(images), _COLUMNS)
    rows, captions = zip(*((images[i : i + _COLUMNS], texts[i : i + _COLUMNS]) for i in starts), strict=True)
    return captioned_grid(list(rows), captions=list(captions), title=f"{chosen.dataset}: what to label first")
