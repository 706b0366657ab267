import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from support.bound_dataset import opened

from compare_gan2.datasets.latents import Latents
from compare_gan2.datasets.pipeline import evaluation_latents, training_batches
from compare_gan2.ground.errors import ConfigError

FIXED = {"batch_size": 8, "sub_batches": 3, "seed": 5, "latents": Latents(), "z_dim": 6, "conditional": True}


@pytest.fixture(scope="module")
def dataset():
    """Fake MNIST with a label of its own for each image."""
    return dataclasses.replace(opened("mnist", fake=True), labels=np.arange(100, dtype=np.int32) % 11 - 1)


def steps(dataset, count=3, **changes):
    return list(training_batches(dataset, **{**FIXED, **changes}).take(count).as_numpy_iterator())


def assert_same(some, others):
    tf.nest.assert_same_structure(some, others)
    for a, b in zip(tf.nest.flatten(some), tf.nest.flatten(others), strict=True):
        np.testing.assert_array_equal(a, b)


def test_static_shapes_and_types(dataset):
    spec = training_batches(dataset, **FIXED).element_spec
    assert isinstance(spec, tuple) and len(spec) == 3
    assert {name: (tuple(s.shape), s.dtype) for name, s in spec[0].items()} == {
        "images": ((8, 28, 28, 1), tf.float32),
        "labels": ((8,), tf.int32),
        "latents": ((8, 6), tf.float32),
        "sampled_labels": ((8,), tf.int32),
        "index": ((8,), tf.int64),
    }


@pytest.mark.parametrize("start", [1, 4, 9])
def test_stream_from_a_step_is_the_tail_of_the_whole(dataset, start):
    assert_same(steps(dataset, start + 5)[start:], steps(dataset, 5, start_step=start))


def test_sub_batches_take_the_examples_in_turn(dataset):
    stream = dataset.training_examples(5).take(2 * 3 * 8).as_numpy_iterator()
    expected = np.reshape([example["index"] for example in stream], [2, 3, 8])
    np.testing.assert_array_equal([[part["index"] for part in step] for step in steps(dataset, 2)], expected)


def test_draws_do_not_depend_on_the_number_of_sub_batches(dataset):
    for one, three in zip(steps(dataset, sub_batches=1), steps(dataset, sub_batches=3), strict=True):
        np.testing.assert_array_equal(one[0]["latents"], three[0]["latents"])
        np.testing.assert_array_equal(one[0]["sampled_labels"], three[0]["sampled_labels"])


def test_every_sub_batch_has_draws_of_its_own(dataset):
    parts = [part for step in steps(dataset, 4) for part in step]
    assert len({part["latents"].tobytes() for part in parts}) == 12
    assert len({part["sampled_labels"].tobytes() for part in parts}) == 12


def test_seed_of_the_data_fixes_only_order(dataset):
    run_5, run_6 = steps(dataset, data_seed=1), steps(dataset, data_seed=1, seed=6)
    np.testing.assert_array_equal(run_5[0][0]["index"], run_6[0][0]["index"])
    assert not np.array_equal(run_5[0][0]["latents"], run_6[0][0]["latents"])
    assert not np.array_equal(steps(dataset)[0][0]["index"], run_5[0][0]["index"])


def test_sampled_labels_are_uniform(dataset):
    sampled = np.concatenate([part["sampled_labels"] for step in steps(dataset, 100) for part in step])
    counts = np.bincount(sampled, minlength=10)
    assert len(counts) == 10 and np.all(np.abs(counts - 240) < 75)  # five standard deviations


def test_sampled_labels_can_follow_the_images(dataset):
    part = steps(dataset, fit_label_distribution=True)[0][0]
    np.testing.assert_array_equal(part["sampled_labels"], part["labels"])
    np.testing.assert_array_equal(part["labels"], dataset.labels[part["index"]])


def test_unconditional_sampled_labels_are_zero(dataset):
    for fit in (False, True):
        part = steps(dataset, conditional=False, fit_label_distribution=fit)[0][0]
        assert np.all(part["sampled_labels"] == 0) and part["sampled_labels"].dtype == np.int32


def test_conditional_needs_classes(dataset):
    with pytest.raises(ConfigError, match="conditional: expected a dataset with labels, got mnist"):
        training_batches(dataclasses.replace(dataset, num_classes=None), **FIXED)


def test_no_op_has_a_state(dataset, tmp_path):
    iterator = iter(training_batches(dataset, **FIXED))
    next(iterator)
    tf.train.Checkpoint(iterator=iterator).write(str(tmp_path / "iterator"))  # Raises for a stateful op.


def test_evaluation_draws():
    def draws(seed=1, purpose="scores", batch_number=0):
        return evaluation_latents(
            Latents(), seed=seed, purpose=purpose, batch_number=batch_number, batch_size=16, z_dim=4, num_classes=10
        )

    latents, labels = draws()
    assert (
        latents.shape == (16, 4) and labels.dtype == tf.int32 and 0 <= labels.numpy().min() <= labels.numpy().max() < 10
    )
    assert_same(draws(), (latents, labels))
    assert_same(tf.function(lambda number: draws(batch_number=number))(tf.constant(0)), (latents, labels))
    for other in (draws(seed=2), draws(purpose="grid"), draws(batch_number=1)):
        assert not np.array_equal(other[0], latents) and not np.array_equal(other[1], labels)


def test_evaluation_labels_without_classes_are_zero():
    _, labels = evaluation_latents(Latents(), seed=1, purpose="scores", batch_number=0, batch_size=3, z_dim=4)
    np.testing.assert_array_equal(labels, [0, 0, 0])


@pytest.mark.parametrize("random_flip", [False, True])
def test_shards_beside_each_other_are_the_whole(dataset, random_flip):
    whole = steps(dataset, 20, random_flip=random_flip, start_step=2)
    shards = [steps(dataset, 20, random_flip=random_flip, start_step=2, shard=(i, 4)) for i in range(4)]
    together = tf.nest.map_structure(lambda *parts: np.concatenate(parts), *shards)
    assert_same(together, whole)


def test_a_batch_that_shards_cannot_share_is_refused(dataset):
    with pytest.raises(ConfigError, match=r"options\.batch_size: expected a multiple of 3 hosts, got 8"):
        steps(dataset, shard=(0, 3))


def test_flips_turn_half_of_the_images_and_nothing_else(dataset):
    plain, flipped = (steps(dataset, 20, random_flip=flip) for flip in (False, True))
    turned = 0
    for before, after in zip(tf.nest.flatten(plain), tf.nest.flatten(flipped), strict=True):
        if before.ndim < 4:
            np.testing.assert_array_equal(before, after)
            continue
        for image, other in zip(before, after, strict=True):
            is_turned = np.array_equal(image[:, ::-1], other)
            assert is_turned or np.array_equal(image, other)
            turned += is_turned
    assert 190 < turned < 290  # of 480, 4.5 deviations


def test_flips_start_anywhere(dataset):
    assert_same(steps(dataset, 7, random_flip=True)[4:], steps(dataset, 3, start_step=4, random_flip=True))


def test_evaluation_labels_follow_a_distribution():
    wanted = {"seed": 1, "purpose": "scores", "batch_size": 50_000, "z_dim": 1, "num_classes": 4}
    uniform, labels = (
        evaluation_latents(Latents(), batch_number=0, distribution=distribution, **wanted)[1].numpy()
        for distribution in (None, [0.5, 0.0, 0.4, 0.1])
    )
    np.testing.assert_allclose(np.bincount(labels, minlength=4) / 50_000, [0.5, 0.0, 0.4, 0.1], atol=0.01)
    np.testing.assert_allclose(np.bincount(uniform, minlength=4) / 50_000, 0.25, atol=0.01)
    assert labels.dtype == np.int32
