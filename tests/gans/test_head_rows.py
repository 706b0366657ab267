import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.gans.head_rows import rows_of, with_classified

IMAGES = tf.reshape(tf.range(4.0), [4, 1, 1, 1])
LABELS = tf.one_hot([0, 1, 2, 3], 4)


def numbers(rows, part):
    return rows.images[part][:, 0, 0, 0].numpy().astype(int).tolist()


@pytest.mark.parametrize(
    "options, every, classified, rotated",
    [
        ({}, [0, 1, 2, 3, 3, 3, 3], [0, 1, 2, 3], [3, 3, 3, 3]),
        ({"plain_rotations": True}, [0, 1, 2, 3, 13, 13, 13, 13], [0, 1, 2, 3], [13] * 4),
        ({"plain_classes": True}, [0, 1, 2, 3, 3, 3, 3, 10, 11, 12, 13], [10, 11, 12, 13], [3] * 4),
        (
            {"plain_rotations": True, "plain_classes": True},
            [0, 1, 2, 3, 10, 11, 12, 13, 13, 13, 13],
            [10, 11, 12, 13],
            [13] * 4,
        ),
    ],
)
def test_rows(options, every, classified, rotated):
    rows = rows_of(IMAGES, LABELS, 1, plain=IMAGES + 10, **options)
    assert numbers(rows, slice(None)) == every
    assert [numbers(rows, part) for part in (rows.judged, rows.classified, rows.rotated)] == [
        [0, 1, 2, 3],
        classified,
        rotated,
    ]
    assert tf.argmax(rows.labels, 1).numpy().tolist() == [number % 10 for number in every]


def test_without_labels_and_without_rotations():
    rows = rows_of(IMAGES, None, 0, plain=IMAGES + 10, plain_rotations=True)
    assert rows.labels is None and numbers(rows, slice(None)) == [0, 1, 2, 3]
    assert rows_of(IMAGES, None, 2, plain=IMAGES, plain_rotations=True).images.shape[0] == 12


def test_copies_may_have_other_labels():
    other = tf.one_hot([3, 2, 1, 0], 4)
    for options in ({}, {"plain": IMAGES, "plain_rotations": True}):
        rows = rows_of(IMAGES, LABELS, 1, labels_of_copies=other, **options)
        assert tf.argmax(rows.labels[rows.rotated], 1).numpy().tolist() == [3, 0, 0, 0]


def test_class_logits_are_those_of_classified_rows():
    real = rows_of(IMAGES, LABELS, 1, plain=IMAGES + 10, plain_classes=True)
    fake = rows_of(IMAGES + 20, LABELS, 1)
    logits = tf.concat([part.images[:, 0, 0] for part in (real, fake)], 0)
    found = with_classified(logits, [real, fake])[:, 0].numpy().tolist()
    assert found == [10, 11, 12, 13, 3, 3, 3, 10, 11, 12, 13, 20, 21, 22, 23, 23, 23, 23]
    assert with_classified(logits, [fake, fake]) is logits
    np.testing.assert_array_equal(real.images[real.classified], IMAGES + 10)
