"""StyleGAN2: noise, mixed styles, the average of w, and images that are compared with each other."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import NETWORKS

from compare_gan2.architectures import make_discriminator, make_generator
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import StepRandom

CASE = NETWORKS["stylegan2"]
SMALL = {"channel_max": 4, "mapping_layers": 1}


@pytest.fixture(scope="module")
def generator():
    made = make_generator("stylegan2_arch", image_shape=(8, 8, 3), z_dim=8, num_classes=3, w_dim=16, **SMALL)
    for variable in made.variables:
        if variable.name == "noise_strength":  # 0 at first
            variable.assign(0.5)
    return made


def inputs(count=4):
    latents, _, labels = CASE.values(count)
    return latents, labels


def test_sizes():
    generator = make_generator("stylegan2_arch", image_shape=(64, 64, 1), z_dim=5, w_dim=6, **SMALL)
    assert generator.num_ws == 10 and generator(tf.zeros([2, 5])).shape == (2, 64, 64, 1)
    wide = make_discriminator("stylegan2_arch", image_shape=(16, 16, 3), channel_base=64, project_y=False)
    assert [layer.conv0.units for layer in wide.analysis] == [4, 8] and wide.epilogue.fc.units == 16


def test_noise_follows_the_draws(generator):
    def images(step):
        return generator(*inputs(), uniform=StepRandom(3, step).uniform).numpy()

    np.testing.assert_array_equal(generator(*inputs()), generator(*inputs()))
    np.testing.assert_array_equal(images(0), images(0))
    for other in (images(1), generator(*inputs()).numpy()):
        assert np.abs(images(0) - other).max() > 1e-4


def test_noise_is_normal(generator):
    found = {}

    def uniform(shape, purpose):
        found[purpose] = shape
        return StepRandom(0, 0).uniform(shape, purpose)

    generator(*inputs(8), uniform=uniform)
    assert sorted(found) == [f"noise/generator/b{name}" for name in ("4/conv1", "8/conv0", "8/conv1")]
    assert found["noise/generator/b8/conv0"] == [8, 8, 8, 2]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_styles_of_some_examples_are_mixed(generator, share):
    latents, labels = inputs(64)
    w = generator.mapping(latents, labels)
    uniform = StepRandom(0, 0).uniform
    ws = np.stack(generator._mixed(w, latents, labels, uniform, share))
    same = np.all(ws == w.numpy(), axis=2)  # [num_ws, N]
    assert np.all(same[0])  # the first is never replaced
    assert np.all(same[1:] <= same[:-1])  # and what follows a replaced one is replaced
    assert abs(np.mean(~same[-1]) - share) < 0.2 if 0 < share < 1 else np.all(same[-1] == (share == 0))


def test_mixing_changes_images_in_training_alone_if_draws_are_given(generator):
    uniform = StepRandom(0, 0).uniform
    plain = generator(*inputs(), uniform=uniform, style_mixing=0.0)
    assert np.abs(plain - generator(*inputs(), uniform=uniform, style_mixing=1.0)).max() > 1e-3
    np.testing.assert_array_equal(generator(*inputs(), style_mixing=1.0), generator(*inputs()))


def test_truncation_in_w(generator):
    plain, full, none = (generator(*inputs(), psi=psi).numpy() for psi in (None, 1.0, 0.0))
    np.testing.assert_allclose(full, plain, atol=1e-6)
    np.testing.assert_allclose(none, np.broadcast_to(none[:1], none.shape), atol=1e-6)
    rows = generator(*inputs(), psi=tf.constant([1.0, 0.0, 1.0, 0.0])).numpy()
    np.testing.assert_allclose(rows, np.where(np.arange(4)[:, None, None, None] % 2, none, plain), atol=1e-6)


def test_some_layers_alone_are_truncated():
    options = {"image_shape": (8, 8, 3), "z_dim": 5, "w_dim": 6, "truncated_layers": 1, **SMALL}
    generator = make_generator("stylegan2_arch", **options)
    latents = tf.random.stateless_normal([2, 5], [0, 1])
    ws = [generator.mapping(latents)] * generator.num_ws
    moved = generator.truncated(ws, 0.5, 1)
    np.testing.assert_allclose(moved[0], 0.5 * ws[0])
    np.testing.assert_array_equal(moved[1], ws[1])
    expected = np.clip(0.5 + 0.5 * generator.synthesize(moved), 0, 1)
    np.testing.assert_allclose(generator(latents, psi=0.5), expected, atol=1e-6)


def test_the_average_of_w_moves_in_training_alone():
    generator = CASE.generator()
    before = generator.mapping.w_avg.numpy()
    generator(*inputs())
    np.testing.assert_array_equal(generator.mapping.w_avg, before)
    generator(*inputs(), training=True)
    mean = np.mean(generator.mapping(*inputs()), axis=0)
    np.testing.assert_allclose(generator.mapping.w_avg, 0.998 * before + 0.002 * mean, rtol=1e-4, atol=1e-6)


def discriminator(group_size):
    return make_discriminator(
        "stylegan2_arch", image_shape=(8, 8, 3), num_classes=3, group_size=group_size, seed=1, **SMALL
    )


def images(count):
    return tf.random.stateless_uniform([count, 8, 8, 3], [0, 1]), tf.one_hot(np.arange(count) % 3, 3)


def test_images_are_compared_in_training_alone():
    network = discriminator(4)
    pictures, labels = images(8)
    changed = tf.concat([pictures[:7], 1.0 - pictures[7:]], 0)
    first, second = (network(p, labels, training=True).logits.numpy().ravel() for p in (pictures, changed))
    assert [i for i in range(8) if first[i] != second[i]] == [1, 3, 5, 7]  # two groups of four
    alone = [network(p, labels, training=False).logits.numpy().ravel() for p in (pictures, changed)]
    np.testing.assert_array_equal(alone[0][:7], alone[1][:7])
    assert network.compares_examples and not discriminator(1).compares_examples


@pytest.mark.parametrize("count, size", [(6, 3), (5, 1)])
def test_a_group_has_as_many_as_divide_the_batch(count, size):
    pictures, labels = images(count)
    found = discriminator(4)(pictures, labels, training=True).logits
    np.testing.assert_allclose(found, discriminator(size)(pictures, labels, training=True).logits, rtol=1e-5, atol=1e-6)
    unknown = discriminator(4)
    graph = tf.function(lambda p, y: unknown(p, y, training=True).logits)
    specs = [tf.TensorSpec([None, *v.shape[1:]], tf.float32) for v in (pictures, labels)]
    np.testing.assert_allclose(graph.get_concrete_function(*specs)(pictures, labels), found, rtol=1e-4, atol=1e-6)


def test_a_replica_compares_its_own_images():
    strategy, _ = get_strategy()
    with strategy.scope():
        network = discriminator(2)
    pictures, labels = images(8)
    halves = [[v[:4], v[4:]] for v in (pictures, labels)]
    given = [
        strategy.experimental_distribute_values_from_function(lambda c, h=h: h[c.replica_id_in_sync_group])
        for h in halves
    ]
    logits = lambda p, y: network(p, y, training=True).logits  # noqa: E731
    found = tf.function(lambda p, y: strategy.run(logits, args=(p, y)))(*given)
    expected = [discriminator(2)(*half, training=True).logits for half in zip(*halves, strict=True)]
    for actual, wanted in zip(strategy.experimental_local_results(found), expected, strict=True):
        np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-6)


def test_norms_are_refused():
    with pytest.raises(ConfigError, match="D.spectral_norm: expected False with stylegan2_arch"):
        make_discriminator("stylegan2_arch", image_shape=(8, 8, 3), num_classes=3, spectral_norm=True)
