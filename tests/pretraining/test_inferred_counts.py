import numpy as np
from PIL import Image

from compare_gan2.pretraining.inferred_counts import counts_in_words, counts_of, counts_picture
from compare_gan2.pretraining.inferred_values import InferredValues, agreement

LABELS = np.array([0, 0, 2, 2, 2])
FOUND = InferredValues(LABELS, LABELS, np.zeros(5), np.array([0.04, 0.5, 0.72, 0.99, 1.0]), np.array([0, 1, -1, 2, -1]))


def test_numbers():
    facts = counts_of(FOUND, 3)
    assert facts["per_class"] == [2, 0, 3]
    assert [number for number, count in enumerate(facts["confidence_histogram"]) if count] == [0, 10, 14, 19]
    assert facts["confidence_histogram"][19] == 2 and facts["confidence_median"] == 0.72


def test_agreement_is_over_true_labels_alone():
    given = np.array([0, -1, 1, 0, -1])  # the fourth one is wrong, as an inferred label may be
    assert agreement(LABELS, FOUND.true, given) == {"accuracy": 2 / 3, "true_labels": 3, "true_labels_seen": 1}
    assert agreement(LABELS, np.full(5, -1), given) == {}


def test_words():
    facts = counts_of(FOUND, 3)
    assert counts_in_words(facts) == (
        "0 to 3 images per class; confidence above 0.72 for half of them, below 0.22 for a tenth; not calibrated "
        "(inferred_labels.held_out)"
    )
    facts |= {"calibration_images": 20, "held_out_accuracy": 0.9, "temperature": 0.5, "log_loss_before": 1.2}
    words = counts_in_words(facts | {"log_loss": 0.8, "ece_before": 0.3, "ece": 0.1})
    assert words.endswith(
        "calibrated with 20 held-out labels (90.0% of them right): temperature 0.5, log loss 1.200 before, "
        "0.800 after, calibration error 0.300 and 0.100"
    )


def test_picture(tmp_path):
    counts_picture(tmp_path / "counts.png", FOUND, ["a", "b", "c"], "title")
    with Image.open(tmp_path / "counts.png") as picture:
        assert picture.size[0] > 2 * picture.size[1]
