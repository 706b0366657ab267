"""How many images have each inferred label, and how sure the labels are: in numbers, in words and as a picture."""

import numpy as np

from compare_gan2.ground import files

BINS = 20  # of probabilities in [0, 1]
SHOWN_CLASSES = 50  # names at the bars
_INK, _BAR = "#222222", "#4c72b0"


def counts_of(inferred, num_classes):
    """{"per_class": images with each label, "confidence_histogram": images in each of 20 bins of their probability}.

    Args:
        inferred: `InferredValues` with probabilities.
        num_classes: number of labels.
    """
    histogram, _ = np.histogram(inferred.probability, bins=BINS, range=(0, 1))
    per_class = np.bincount(inferred.labels, minlength=num_classes)
    facts = {"per_class": per_class.tolist(), "confidence_histogram": histogram.tolist()}
    tenth, median = np.quantile(inferred.probability, [0.1, 0.5])
    return facts | {"confidence_tenth": float(tenth), "confidence_median": float(median)}


def counts_in_words(facts):
    """One line of what a manifest of labels holds of their numbers, confidence and calibration."""
    least, most = min(facts["per_class"]), max(facts["per_class"])
    line = f"{least} to {most} images per class; confidence above {facts['confidence_median']:.2f} for half of them, "
    line += f"below {facts['confidence_tenth']:.2f} for a tenth; "
    if "temperature" not in facts:
        return line + "not calibrated (inferred_labels.held_out)"
    return line + (
        f"calibrated with {facts['calibration_images']} held-out labels ({facts['held_out_accuracy']:.1%} of them "
        f"right): temperature {facts['temperature']:.3g}, log loss {facts['log_loss_before']:.3f} before, "
        f"{facts['log_loss']:.3f} after, calibration error {facts['ece_before']:.3f} and {facts['ece']:.3f}"
    )


def counts_picture(path, inferred, names, title):
    """Writes a PNG: a bar of the number of images per class, and the histogram of the labels' probabilities.

    Args:
        path: of the file.
        inferred: `InferredValues` with probabilities.
        names: of the classes.
        title: line above.
    """
    import matplotlib.figure  # here, since it takes long to import

    facts = counts_of(inferred, len(names))
    figure = matplotlib.figure.Figure(figsize=(11, 4), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2)
    left.bar(range(len(names)), facts["per_class"], color=_BAR)
    left.set_ylabel("images", color=_INK)
    left.set_xlabel("inferred class", color=_INK)
    if len(names) <= SHOWN_CLASSES:
        left.set_xticks(range(len(names)), names, rotation=90 if len(names) > 12 else 0)
    right.stairs(facts["confidence_histogram"], np.linspace(0, 1, BINS + 1), fill=True, color=_BAR)
    right.set_xlim(0, 1)
    right.set_xlabel("probability of the label", color=_INK)
    right.set_ylabel("images", color=_INK)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, color=_INK)
    with files.replacing(path) as file:
        figure.savefig(file, format="png")
