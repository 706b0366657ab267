import numpy as np
import pytest
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.ground.seeds import fold
from compare_gan2.pretraining.batches import distort, pretraining_batches

DATA = tiny_pretraining.dataset(0.2)


def options(task, **bindings):
    return tiny_pretraining.options(task, **bindings)[0]


def first(task, count, start=0):
    return list(pretraining_batches(DATA, options(task), start).take(count).as_numpy_iterator())


@pytest.mark.parametrize("task", ["rotation", "s2l", "supervised"])
def test_the_stream_of_a_later_step_is_entered_directly(task):
    for expected, got in zip(first(task, 5)[3:], first(task, 2, start=3), strict=True):
        assert expected.keys() == got.keys()
        assert all(np.array_equal(expected[name], got[name]) for name in expected)


def test_a_task_reads_what_it_needs():
    assert first("rotation", 1)[0].keys() == {"images"}
    assert first("supervised", 1)[0].keys() == {"labelled_images", "labels"}
    both = first("s2l", 1)[0]
    assert both["images"].shape == (8, 8, 8, 1) and both["labelled_images"].shape == (6, 8, 8, 1)


def test_labelled_images_are_the_labelled_ones():
    labels = np.concatenate([batch["labels"] for batch in first("s2l", 4)])
    assert DATA.num_labelled == 12
    assert labels.min() >= 0
    assert np.bincount(labels[:12]).tolist() == [4, 4, 4]  # one epoch: each of them once


def test_shifts_keep_the_content_and_differ():
    image = tf.constant(np.arange(64.0, dtype=np.float32).reshape(8, 8, 1) / 64)
    made = [distort(image, options("rotation", pretrain__max_shift=2), fold(0, "test", k)).numpy() for k in range(30)]
    places = {tuple(np.argwhere(np.isclose(one[:, :, 0], 27 / 64))[0].tolist()) for one in made}
    assert len(places) > 5
    assert all(one.shape == (8, 8, 1) for one in made)


def test_flips_are_half_of_the_images():
    image = tf.constant(np.arange(64.0, dtype=np.float32).reshape(8, 8, 1) / 64)
    settings = options("rotation", pretrain__max_shift=0, pretrain__random_flip=True)
    made = [distort(image, settings, fold(0, "test", k)).numpy() for k in range(60)]
    flipped = sum(np.array_equal(one, image.numpy()[:, ::-1]) for one in made)
    assert flipped + sum(np.array_equal(one, image.numpy()) for one in made) == 60
    assert 15 < flipped < 45
