"""Everything builds, returns what the catalogue says, and has no variable that training cannot reach."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS, LAYERS, NETWORKS

from compare_gan2.training.state import TrainState
from compare_gan2.training.step import Moment, StepRandom


def without_gradient(tape, loss, variables):
    gradients = tape.gradient(loss, [v.value for v in variables])
    return [v.path for v, g in zip(variables, gradients, strict=True) if g is None or not np.any(g)]


def paths(model):
    return [variable.path for variable in model.variables]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, training):
    case = LAYERS[name]
    layer = case.built()
    with tf.GradientTape() as tape:
        outputs = layer(*case.values(3), training=training)
        loss = tf.reduce_sum(outputs * tf.random.stateless_normal(outputs.shape, [0, 1]))
    assert outputs.dtype == tf.float32 and np.all(np.isfinite(outputs))
    assert tuple(outputs.shape) == ((3, *case.output) if case.batched else case.output)
    assert len(set(paths(layer))) == len(layer.variables)
    assert not without_gradient(tape, loss, layer.trainable_variables)


SHAPED = [name for name, case in LAYERS.items() if "compute_output_shape" in vars(case.layer_class)]


@pytest.mark.parametrize("name", SHAPED)
def test_layer_knows_its_output_shape(name):
    case = LAYERS[name]
    assert tuple(case.make().compute_output_shape(*case.shapes(3))) == (3, *case.output)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name):
    case = NETWORKS[name]
    generator, discriminator = case.make()
    latents, images, labels = case.values(3)
    with tf.GradientTape() as tape:
        fake_images = generator(latents, labels, training=True)
        loss = tf.reduce_sum(fake_images * images)
    assert tuple(fake_images.shape) == (3, *case.image_shape) and fake_images.dtype == tf.float32
    bounded = generator(latents, labels, training=not generator.unbounded)
    assert np.all((bounded >= 0) & (bounded <= 1)) and np.std(fake_images) > 1e-3
    assert not without_gradient(tape, loss, generator.trainable_variables)
    with tf.GradientTape() as tape:
        outputs = discriminator(images, labels, training=True)
        loss = tf.reduce_sum(tf.sin(outputs.logits))
    assert tuple(outputs.logits.shape) == tuple(outputs.probability.shape) == (3, 1)
    assert outputs.features.shape[0] == 3
    np.testing.assert_allclose(outputs.probability, 1 / (1 + np.exp(-outputs.logits.numpy())), rtol=1e-5)
    # Batch norm takes away what a bias before it adds.
    dead = without_gradient(tape, loss, discriminator.trainable_variables)
    assert not [path for path in dead if not path.endswith("bias")]
    assert all(path.startswith("generator/") for path in paths(generator))
    assert all(path.startswith("discriminator/") for path in paths(discriminator))
    assert len({*paths(generator), *paths(discriminator)}) == len(generator.variables) + len(discriminator.variables)


@pytest.mark.parametrize("name", GANS)
def test_gan(name):
    case = GANS[name]
    gan = case.make()
    for part in (gan.generator, gan.discriminator, *gan.heads):
        for variable in part.variables:
            variable.assign(variable + 0.1)
    random = StepRandom(0, 0)
    batch = gan.prepare(case.batch())._replace(moment=Moment(0, random.uniform))
    with tf.GradientTape() as tape:
        loss, scalars = gan.discriminator_loss(batch, gan.generate(batch), random.uniform)
    assert loss.shape == () and np.isfinite(loss) and all(np.isfinite(value) for value in scalars.values())
    dead = without_gradient(tape, loss, gan.discriminator_variables)
    # The predictor learns from labels, the projection from whatever has a label or a guess.
    assert not [path for path in dead if not path.endswith("bias")]
    with tf.GradientTape() as tape:
        loss, scalars = gan.generator_loss(batch, gan.generate(batch))
    assert loss.shape == () and np.isfinite(loss) and all(np.isfinite(value) for value in scalars.values())
    dead = without_gradient(tape, loss, gan.generator.trainable_variables)
    assert not [path for path in dead if not path.endswith("bias")]
    state = TrainState(gan)
    assert int(state.step) == 0 and int(state.discriminator_step) == 0
