"""labelled_images.csv: which training images a run saw with which label."""

import csv
import io

import numpy as np

from compare_gan2.reporting import files

NAME = "labelled_images.csv"


def write_labelled_images(folder, names, labels):
    """Writes index, name and label of every image that has one.

    Args:
        folder: that is there.
        names: list of the names of the training images.
        labels: whole numbers [n] in the same order, -1 where there is none.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("index", "name", "label"))
    writer.writerows((index, names[index], labels[index]) for index in np.flatnonzero(labels >= 0))
    with files.replacing(folder / NAME) as file:
        file.write(text.getvalue().encode())
