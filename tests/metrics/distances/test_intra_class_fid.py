import numpy as np
import pytest

from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.distances.intra_class_fid import intra_class_fid

RANDOM = np.random.RandomState(0)
REAL, FAKE = RANDOM.normal(size=(90, 6)), RANDOM.normal(size=(60, 6)) + 0.3
REAL_LABELS, FAKE_LABELS = np.arange(90) % 3, np.repeat([2, 0, 1], 20)


def test_mean_of_the_fid_of_each_class():
    result = intra_class_fid(REAL, REAL_LABELS, FAKE, FAKE_LABELS)
    expected = {label: fid(REAL[REAL_LABELS == label], FAKE[FAKE_LABELS == label]) for label in range(3)}
    assert result.per_class == pytest.approx(expected, rel=1e-6)
    assert result.mean == pytest.approx(np.mean(list(expected.values())), rel=1e-6)


def test_swapped_classes_score_worse():
    shift = 5.0 * REAL_LABELS[:, None]
    right = intra_class_fid(REAL + shift, REAL_LABELS, REAL + shift, REAL_LABELS).mean
    wrong = intra_class_fid(REAL + shift, REAL_LABELS, REAL + shift, (REAL_LABELS + 1) % 3).mean
    assert right == pytest.approx(0.0, abs=1e-6) and wrong > 100


@pytest.mark.parametrize(
    "real_labels, fake_labels, message",
    [
        (
            REAL_LABELS,
            FAKE_LABELS % 2,
            "generated images of every class; 1 of 3 have fewer, the first is class 2 with 0",
        ),
        (np.r_[0, REAL_LABELS[1:] % 2 + 1], FAKE_LABELS, "2 real images of every class; .* class 0 with 1"),
        (REAL_LABELS - 1, FAKE_LABELS, r"real: expected labels of at least 0, got -1\.\.1"),
        (REAL_LABELS, FAKE_LABELS[:-1], "fake: expected 60 integer labels"),
    ],
)
def test_classes_that_do_not_fit_are_refused(real_labels, fake_labels, message):
    with pytest.raises(ValueError, match=f"intra_class_fid: .*{message}"):
        intra_class_fid(REAL, real_labels, FAKE, fake_labels)


def test_classes_that_both_lack_are_found_by_their_number():
    with pytest.raises(ValueError, match="class 3 with 0"):
        intra_class_fid(REAL, REAL_LABELS, FAKE, FAKE_LABELS, num_classes=4)
    with pytest.raises(ValueError, match=r"expected labels in 0\.\.1, got 0\.\.2"):
        intra_class_fid(REAL, REAL_LABELS, FAKE, FAKE_LABELS, num_classes=2)
