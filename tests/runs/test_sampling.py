"""Images from a checkpoint: on one device or several, with the labels and the judgement of its networks."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS
from support.trained_run import images_of

from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.evaluation.protocol import protocol_of_sampler
from compare_gan2.layers.accumulators import accumulators
from compare_gan2.run_folder.checkpoint_files import checkpoint_path
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.runs.load_run import load_sampler
from compare_gan2.runs.sampling import BATCH_SIZE, Sampler
from compare_gan2.training.state import TrainState


def sampler_of(run, **options):
    """A `Sampler` like that of a run, loaded with its last checkpoint."""
    sampler = Sampler(run.model.spec, run.settings.eval_latents, run.settings.seed, **options)
    sampler.load(checkpoint_path(run.files.path, 2))
    sampler.accumulate(64)
    return sampler


def test_two_replicas_give_the_images_of_one(trained):
    expected, labels = images_of(trained, 2)
    strategy, _ = get_strategy(use_tpu=False, num_devices=2)
    assert strategy.num_replicas_in_sync == 2
    sampler = sampler_of(trained, strategy=strategy)
    images, same_labels = sampler.sample(8, "scores/0")
    np.testing.assert_array_equal(same_labels, labels)
    np.testing.assert_allclose(images, expected, atol=1e-5)
    copies = [strategy.experimental_local_results(variable.value) for variable in sampler.generator.variables]
    assert all(len(copy) == 2 for copy in copies)  # both have generated
    access = sampler.access("scores/0")
    for generate in (access.generate, tf.function(access.generate)):
        np.testing.assert_allclose(generate(access.latents[:8]), expected, atol=1e-5)
    judged = sampler.discriminate(images[:5], labels[:5])
    np.testing.assert_allclose(judged, sampler_of(trained).discriminate(images[:5], labels[:5]), atol=1e-5)


def test_discriminator_of_a_checkpoint_judges_with_its_heads(trained):
    images, labels = images_of(trained, 2)
    sampler = load_sampler(trained.files.path, 1)
    first = sampler.discriminate(images, labels)
    assert first.shape == (8,) and np.ptp(first) > 0
    assert np.abs(sampler.discriminate(images, (labels + 1) % 10) - first).max() > 1e-4  # it projects labels
    with pytest.raises(ValueError, match="the discriminator takes labels, the images have none"):
        sampler.discriminate(images, None)
    # The networks in training are another step further, and loading does not change them.
    vectors = np.eye(10, dtype=np.float32)[labels]
    in_training = trained.model.gan.predict(images, vectors).logits[:, 0]
    second = load_sampler(trained.files.path, 2).discriminate(images, labels)
    np.testing.assert_allclose(second, in_training, rtol=1e-4, atol=1e-5)
    assert np.abs(second - first).max() > 1e-4


def test_generator_access_gives_the_images_of_the_set(trained):
    images, labels = images_of(trained, 2)
    access = trained.sampler.access("scores/0")
    np.testing.assert_array_equal(access.labels[:8], labels)
    np.testing.assert_allclose(access.generate(access.latents[:8]), images, atol=1e-5)


def test_images_are_the_same_in_any_number(trained):
    sampler = sampler_of(trained)
    images, labels = sampler.sample(BATCH_SIZE + 3, "scores/0")
    assert images.shape == (BATCH_SIZE + 3, 32, 32, 1) and images.min() >= 0 and images.max() <= 1
    fewer, fewer_labels = sampler.sample(5, "scores/0")
    np.testing.assert_array_equal(fewer, images[:5])
    np.testing.assert_array_equal(fewer_labels, labels[:5])
    other, _ = sampler.sample(5, "scores/1")
    assert np.abs(other - fewer).max() > 1e-3
    parts = list(sampler.batches(BATCH_SIZE + 3, "scores/0"))
    assert [len(part) for part, _ in parts] == [BATCH_SIZE, 3]


def test_given_inputs_give_the_images_of_the_generator(trained):
    sampler = sampler_of(trained)
    latents = np.random.RandomState(0).standard_normal([BATCH_SIZE + 2, 6]).astype(np.float32)
    vectors = np.eye(10, dtype=np.float32)[np.arange(BATCH_SIZE + 2) % 10]
    images = sampler.generate(latents, vectors)
    expected = sampler.generator(latents, vectors, training=False)
    np.testing.assert_allclose(images, expected, atol=1e-5)


def test_a_grid_has_the_same_latents_in_every_class(trained):
    sampler = sampler_of(trained)
    grid = sampler.sample_classes([3, 7], 4)
    assert grid.shape == (2, 4, 32, 32, 1)
    np.testing.assert_array_equal(sampler.sample_classes([7], 4)[0], grid[1])
    assert np.abs(grid[0] - grid[1]).max() > 1e-4


def test_loading_forgets_the_statistics_of_the_checkpoint_before(trained):
    sampler = sampler_of(trained)
    expected, _ = sampler.sample(8, "scores/0")
    sampler.load(checkpoint_path(trained.files.path, 1))
    sampler.accumulate(64)
    sampler.load(checkpoint_path(trained.files.path, 2))
    sampler.accumulate(64)
    np.testing.assert_array_equal(sampler.sample(8, "scores/0")[0], expected)
    assert sampler.needs_standing_statistics and sampler.weights == "ema"


def test_labels_follow_a_distribution(trained):
    distribution = np.zeros(10)
    distribution[[2, 5]] = 0.25, 0.75
    sampler = sampler_of(trained, distribution=tuple(distribution))
    _, labels = sampler.sample(400, "labels")
    assert set(labels) == {2, 5} and 0.65 < np.mean(labels == 5) < 0.85
    assert (sampler.label_prior, sampler_of(trained).label_prior) == ("empirical", "uniform")


@pytest.fixture
def s3gan(tmp_path):
    """(`Sampler`, GAN in training) of an untrained S3GAN with a predictor."""
    spec = GANS["s3gan"].spec()
    gan = spec.make()
    path = Checkpoints(tmp_path, TrainState(gan), keep=1).save()
    sampler = Sampler(spec, EvaluationLatents(distribution_fn=normal), seed=0)
    sampler.load(path)
    return sampler, gan


def test_the_predictor_of_a_checkpoint(s3gan, trained):
    sampler, gan = s3gan
    images = np.random.RandomState(0).random_sample([BATCH_SIZE + 1, 8, 8, 3]).astype(np.float32)
    found = sampler.predict_labels(images)
    np.testing.assert_allclose(found, gan.predict_labels(tf.constant(images)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)
    with pytest.raises(ValueError, match="the model has no predictor of labels: it is not an S3GAN with"):
        sampler_of(trained).predict_labels(np.zeros([1, 32, 32, 1], np.float32))


def test_a_discriminator_without_statistics_cannot_judge(tmp_path):
    case = GANS["modular_batch_norm_in_d"].with_bindings("standardize_batch.use_moving_averages = False")
    spec = case.spec()
    path = Checkpoints(tmp_path, TrainState(spec.make()), keep=1).save()
    sampler = Sampler(spec, EvaluationLatents(distribution_fn=normal), seed=0)
    sampler.load(path)
    with pytest.raises(ValueError, match="the discriminator's batch norm keeps no statistics for inference"):
        sampler.discriminate(np.zeros([2, 8, 8, 3], np.float32), np.array([0, 1]))


def test_another_precision_than_that_of_training(trained):
    expected, _ = sampler_of(trained).sample(8, "scores/0")
    images, _ = sampler_of(trained, precision="mixed_bfloat16").sample(8, "scores/0")
    assert images.dtype == np.float32 and 0 < np.abs(images - expected).max() < 0.05
    bindings = ["evaluation.mixed_precision = 'mixed_bfloat16'"]
    of_bindings = load_sampler(trained.files.path, 2, bindings)
    np.testing.assert_array_equal(of_bindings.sample(8, "scores/0")[0], images)
    options = {"standing_samples": 64, "truncation": "none"}
    assert protocol_of_sampler(of_bindings, "c", 2, **options).weights == "ema in mixed_bfloat16"
    as_trained = load_sampler(trained.files.path, 2, ["evaluation.mixed_precision = 'float32'"])
    np.testing.assert_array_equal(as_trained.sample(8, "scores/0")[0], expected)
    assert protocol_of_sampler(as_trained, "c", 2, **options).weights == "ema"


def test_statistics_of_one_precision_are_not_read_in_another(copied):
    in_float32 = load_sampler(copied, 2)
    in_float32.accumulate(64, keep=True)
    assert (copied / "standing-2.npz").exists()
    sampler = load_sampler(copied, 2, ["evaluation.mixed_precision = 'mixed_bfloat16'"])
    for mine, other in zip(accumulators(sampler.generator), accumulators(in_float32.generator), strict=True):
        assert not np.array_equal(mine.variables[0], other.variables[0])
