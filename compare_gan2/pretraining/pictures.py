"""Pictures of inferred labels: their confusion with the true ones, and the images of highest and lowest confidence."""

import numpy as np

from compare_gan2.ground import files
from compare_gan2.reporting.pictures import class_grid, save_png

SHOWN_CLASSES = 20  # if there are more, those with the most images
SHOWN_IMAGES = 8  # per class: of the highest confidence, and as many of the lowest
_INK = "#222222"


def confusion_picture(path, true, inferred, class_names, inferred_names, title):
    """Writes a confusion matrix as a PNG: shares of each true class, the numbers of images in the cells.

    Args:
        path: of the file.
        true, inferred: whole numbers [n].
        class_names, inferred_names: names of the rows and of the columns.
        title: line above.
    """
    import matplotlib.figure  # here, since both take long to import
    from sklearn.metrics import confusion_matrix

    size = max(len(class_names), len(inferred_names))
    counts = confusion_matrix(true, inferred, labels=range(size))[: len(class_names), : len(inferred_names)]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(4 + 0.4 * size, 16)
    figure = matplotlib.figure.Figure(figsize=(side, side), dpi=100, layout="constrained")
    panel = figure.add_subplot()
    panel.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    panel.set_title(title, loc="left", fontsize=12, color=_INK)
    panel.set_xlabel("inferred", color=_INK)
    panel.set_ylabel("true class", color=_INK)
    if size <= 50:
        panel.set_xticks(range(len(inferred_names)), inferred_names, rotation=90 if size > 10 else 0)
        panel.set_yticks(range(len(class_names)), class_names)
    if size <= 25:
        for row, column in zip(*np.nonzero(counts), strict=True):
            ink = "white" if shares[row, column] > 0.5 else _INK
            panel.text(column, row, counts[row, column], ha="center", va="center", fontsize=9, color=ink)
    with files.replacing(path) as file:
        figure.savefig(file, format="png")


def confidence_sheet(path, dataset, inferred, confidence, names, title):
    """Writes a PNG with a row per inferred class: its training images of highest, then those of lowest confidence.

    Args:
        path: of the file.
        dataset: `ImageDataset` that the labels are of.
        inferred: whole numbers [n], the label of each training image.
        confidence: [n], higher for more certain labels.
        names: name of each label.
        title: line above.
    """
    sizes = np.bincount(inferred, minlength=len(names))
    shown = sorted(np.argsort(-sizes, kind="stable")[:SHOWN_CLASSES].tolist())
    chosen = {}
    for label in shown:
        members = np.flatnonzero(inferred == label)
        ordered = members[np.argsort(-confidence[members], kind="stable")]
        if len(ordered):
            chosen[label] = np.concatenate([ordered[:SHOWN_IMAGES], ordered[-SHOWN_IMAGES:]])
    images = _training_images(dataset, np.unique(np.concatenate(list(chosen.values()))))
    rows = [np.stack([images[index] for index in indices]) for indices in chosen.values()]
    save_png(path, class_grid(rows, [names[label] for label in chosen], title))


def _training_images(dataset, indices):
    """{index: image} of some training images, as scores see them."""
    wanted, found, first = set(indices.tolist()), {}, 0
    for images, _ in dataset.batches("train", int(indices[-1]) + 1, 256):
        found |= {first + row: images[row] for row in range(len(images)) if first + row in wanted}
        first += len(images)
    return found
