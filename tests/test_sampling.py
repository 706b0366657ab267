"""`load_sampler`: the generator of a run's folder, without the session that trained it."""

import numpy as np
import pytest
import tensorflow as tf
import tiny_architecture

from compare_gan2 import configuration, gin_names, run, sampling
from compare_gan2.configuration import ConfigError
from compare_gan2.sampling import Sampler
from compare_gan2.session import RunFlags, Session
from compare_gan2.training.checkpoints import checkpoint_path
from compare_gan2.training.strategy import get_strategy

assert gin_names.MODULES

BINDINGS = """
options.architecture = "tiny_arch"
options.gan_class = @ModularGAN
options.batch_size = 4
options.training_steps = 2
options.z_dim = 6
dataset.name = "mnist_5k"
ModularGAN.conditional = True
ModularGAN.g_use_ema = True
ModularGAN.g_lr = 0.05
ModularGAN.ema_decay = 0.9
ModularGAN.ema_start_step = 0
G.batch_norm_fn = @conditional_batch_norm
standardize_batch.use_moving_averages = False
standing_statistics.num_samples = 64
z.distribution_fn = @tf.random.normal
eval_z.distribution_fn = @tf.random.normal
eval_z.stddev = 0.7
run_config.tf_random_seed = 5
run_config.single_core = True
run_config.save_checkpoints_steps = 1
run_config.iterations_per_loop = 1
""".strip().split("\n")


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """The session of a short finished run in the folder `run`."""
    tiny_architecture.installed(monkeypatch)
    configuration.parse([], BINDINGS)
    session = Session(RunFlags(model_dir=str(tmp_path / "run"), data_fake_dataset=True))
    with session.directory.writing():
        run.train(session)
    return session


def images_of_session(session, step):
    session.sampler.load(checkpoint_path(session.directory.path, step))
    session.sampler.accumulate(64)
    return session.sampler.sample(8, "scores/0")


def test_load_sampler_gives_the_images_of_the_run(trained):
    expected = {step: images_of_session(trained, step) for step in (1, 2)}
    configuration.parse([], ["standing_statistics.num_samples = 1", "eval_z.stddev = 3.0"])  # of no effect
    for step, (images, labels) in {**expected, None: expected[2]}.items():
        sampler = sampling.load_sampler(trained.directory.path, step)
        loaded_images, loaded_labels = sampler.sample(8, "scores/0")
        np.testing.assert_array_equal(loaded_labels, labels)
        np.testing.assert_array_equal(loaded_images, images)
    assert np.abs(expected[1][0] - expected[2][0]).max() > 1e-4  # so that the right step was loaded
    assert sampler.weights == "ema"


def test_two_replicas_give_the_images_of_one(trained):
    expected, labels = images_of_session(trained, 2)
    strategy, _ = get_strategy(use_tpu=False, num_devices=2)
    assert strategy.num_replicas_in_sync == 2
    trained.sampler = Sampler(trained.gan, trained.eval_latents, trained.seed, strategy=strategy)
    images, same_labels = images_of_session(trained, 2)
    np.testing.assert_array_equal(same_labels, labels)
    np.testing.assert_allclose(images, expected, atol=1e-5)
    copies = [strategy.experimental_local_results(variable.value) for variable in trained.sampler.generator.variables]
    assert all(len(copy) == 2 for copy in copies)  # both have generated
    access = trained.sampler.access("scores/0")
    for generate in (access.generate, tf.function(access.generate)):
        np.testing.assert_allclose(generate(access.latents[:8]), expected, atol=1e-5)
    judged = trained.sampler.discriminate(images[:5], labels[:5])
    alone = Sampler(trained.gan, trained.eval_latents, trained.seed)
    alone.load(trained.sampler.checkpoint)
    np.testing.assert_allclose(judged, alone.discriminate(images[:5], labels[:5]), atol=1e-5)


def test_a_folder_without_a_run_is_refused(tmp_path):
    for folder in (tmp_path / "missing", tmp_path):
        with pytest.raises(ConfigError, match=rf"got {folder}, which holds 0 checkpoints and no operative_config-N"):
            sampling.load_sampler(folder)


def test_a_folder_without_checkpoints_or_configuration_is_refused(trained):
    folder = trained.directory.path
    (configured,) = folder.glob("operative_config-*.gin")
    kept = configured.read_text()
    configured.unlink()
    with pytest.raises(ConfigError, match="3 checkpoints and no operative_config-N.gin"):
        sampling.load_sampler(folder)
    configured.write_text(kept)
    for path in folder.glob("model.ckpt-*"):
        path.unlink()
    with pytest.raises(ConfigError, match="0 checkpoints and one operative_config-N.gin"):
        sampling.load_sampler(folder)


def test_an_absent_or_damaged_checkpoint_is_refused(trained):
    folder = trained.directory.path
    with pytest.raises(ConfigError, match=r"step: expected one of 0, 1, 2 .*, got 7"):
        sampling.load_sampler(folder, 7)
    (data,) = folder.glob("model.ckpt-2.data*")
    content = bytearray(data.read_bytes())
    content[40] ^= 1
    data.write_bytes(content)
    with pytest.raises(ConfigError, match=r"model.ckpt-2 is damaged \(.+\); choose another of 0, 1, 2"):
        sampling.load_sampler(folder)
    assert sampling.load_sampler(folder, 1).sample(1, "grid")[0].shape == (1, 32, 32, 1)


def test_discriminator_of_a_checkpoint_judges_with_its_heads(trained):
    images, labels = images_of_session(trained, 2)
    sampler = sampling.load_sampler(trained.directory.path, 1)
    first = sampler.discriminate(images, labels)
    assert first.shape == (8,) and np.ptp(first) > 0
    assert np.abs(sampler.discriminate(images, (labels + 1) % 10) - first).max() > 1e-4  # it projects labels
    with pytest.raises(ValueError, match="the discriminator takes labels, the images have none"):
        sampler.discriminate(images, None)
    # The networks in training are another step further, and nobody has touched them.
    vectors = np.eye(10, dtype=np.float32)[labels]
    in_training = trained.gan.predict(images, vectors).logits[:, 0]
    second = sampling.load_sampler(trained.directory.path, 2).discriminate(images, labels)
    np.testing.assert_allclose(second, in_training, rtol=1e-4, atol=1e-5)
    assert np.abs(second - first).max() > 1e-4


def test_generator_access_gives_the_images_of_the_set(trained):
    images, labels = images_of_session(trained, 2)
    access = trained.sampler.access("scores/0")
    np.testing.assert_array_equal(access.labels[:8], labels)
    np.testing.assert_allclose(access.generate(access.latents[:8]), images, atol=1e-5)
