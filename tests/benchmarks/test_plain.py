import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS, SPECTRAL, Gan, filled

from compare_gan2.benchmarks import plain
from compare_gan2.benchmarks.plain import PlainStep
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.layers import attention, normalization, spectral_norm, weighted
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

pytestmark = pytest.mark.usefixtures("unoptimized")
BIGGAN = (
    *GANS["s3gan"].bindings,
    "options.architecture = 'resnet_biggan_arch'",
    "resnet_biggan.Generator.ch = 4",
    "resnet_biggan.Discriminator.ch = 4",
    "resnet_biggan.Discriminator.project_y = False",
)
CASES = {
    **{name: GANS[name] for name in ("modular", "modular_wgangp", "modular_batch_norm_in_d", "ssgan", "s3gan")},
    "s3gan_biggan": Gan("S3GAN", BIGGAN, image_shape=(32, 32, 3)),
}
assert SPECTRAL[0] in BIGGAN


def after_two_steps(case, step_class):
    forced = plain.plain_options(S3GAN if case.gan_class == "S3GAN" else ModularGAN)
    gan = case.make(**(forced if step_class is PlainStep else {}))
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    state = TrainState(gan)
    step = step_class(gan, state)
    update = tf.function(lambda *batches: step(batches, tf.convert_to_tensor(state.step), StepRandom(3, state.step)))
    for number in range(2):
        scalars = update(case.batch(number))
        state.count_step()
    return {tag: float(value) for tag, value in scalars.items()}, state.variables()


@pytest.mark.parametrize("name", CASES)
def test_plain_step_equals_ours(name):
    expected, variables = after_two_steps(CASES[name], PlainStep)
    actual, ours = after_two_steps(CASES[name], TrainStep)
    assert actual == pytest.approx(expected, rel=1e-3, abs=1e-4)
    for path, variable in variables.items():
        scale = max(1e-2, np.abs(variable.numpy()).max())
        np.testing.assert_allclose(ours[path].numpy(), variable.numpy(), rtol=0, atol=2e-3 * scale, err_msg=path)


@pytest.mark.parametrize("ours", ["means", "conv", "unpool_conv", "conv_mean_pool"])
@pytest.mark.parametrize("shape", [(2, 6, 4, 3), (3, 1, 2, 3)])
@pytest.mark.parametrize("side", [1, 3])
def test_operations_equal_to_the_second_derivative(ours, shape, side):
    owner = normalization if ours == "means" else weighted
    images, kernel = (tf.random.stateless_normal(size, [0, i]) for i, size in enumerate((shape, (side, side, 3, 4))))
    results = []
    for function in (getattr(owner, ours), getattr(plain, f"plain_{ours}")):
        with tf.GradientTape() as outer:
            outer.watch(images)
            with tf.GradientTape() as inner:
                inner.watch(images)
                outputs = function(images) if ours == "means" else [function(images, kernel)]
                loss = sum(tf.reduce_sum(tf.sin(output)) for output in outputs)
            first = inner.gradient(loss, images)
            squares = tf.reduce_sum(tf.square(first))
        results.append([*outputs, first, outer.gradient(squares, images)])
    for actual, expected in zip(*results, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("queries_of_a_block", [4, 6])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-5), ("bfloat16", 0.05)])
def test_attention_equals_its_definition_to_the_second_derivative(dtype, tolerance, queries_of_a_block, monkeypatch):
    monkeypatch.setattr(attention, "_BLOCK", queries_of_a_block * 5)
    given = [
        tf.cast(tf.random.stateless_normal(shape, [1, shape[2]]), dtype) for shape in ((2, 6, 4), (2, 5, 4), (2, 5, 3))
    ]
    results = []
    for function in (attention.attend, plain.plain_attend):
        with tf.GradientTape() as outer:
            outer.watch(given)
            with tf.GradientTape() as inner:
                inner.watch(given)
                outputs = function(*given)
                loss = tf.reduce_sum(tf.sin(tf.cast(outputs, tf.float32)))
            first = inner.gradient(loss, given)
            squares = sum(tf.reduce_sum(tf.square(tf.cast(gradient, tf.float32))) for gradient in first)
        results.append([outputs, *first, *outer.gradient(squares, given)])
    for actual, expected in zip(*results, strict=True):
        assert actual.dtype == expected.dtype == dtype
        actual, expected = (tf.cast(value, tf.float32).numpy() for value in (actual, expected))
        np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.abs(expected).max())


def test_attention_in_bfloat16_loses_only_what_its_arguments_and_results_lose():
    shapes = ((2, 64, 4), (2, 32, 4), (2, 32, 16))
    given = [tf.cast(2 * tf.random.stateless_normal(shape, [2, i]), tf.bfloat16) for i, shape in enumerate(shapes)]
    results = []
    for function, dtype in ((attention.attend, tf.bfloat16), (plain.plain_attend, tf.float32)):
        arguments = [tf.cast(argument, dtype) for argument in given]
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            outputs = function(*arguments)
        by_outputs = tf.cast(tf.random.stateless_normal(outputs.shape, [2, 3]), tf.bfloat16)
        gradients = tape.gradient(outputs, arguments, tf.cast(by_outputs, dtype))
        results.append([tf.cast(value, tf.float32) for value in (outputs, *gradients)])
    for actual, expected in zip(*results, strict=True):
        assert tf.norm(actual - expected) < 0.01 * tf.norm(expected)  # 8 bits: 0.4 % at most for a single rounding


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("shape", [(3, 3, 2, 5), (7, 4)])
def test_spectral_norm_equals_its_definition_to_the_second_derivative(shape, left):
    columns = shape[-1]
    rows = np.prod(shape[:-1])
    kernel = tf.random.stateless_normal(shape, [0, 0])
    u = tf.random.stateless_normal((rows, 1) if left else (1, columns), [0, 1])
    weights = tf.random.stateless_normal(shape, [0, 2])
    results = []
    for function in (spectral_norm.divided_by_sigma, plain.plain_divided_by_sigma):
        with tf.GradientTape() as outer:
            outer.watch(kernel)
            with tf.GradientTape() as inner:
                inner.watch(kernel)
                normalized, moved = function(kernel, u, left, 1e-12)
                loss = tf.reduce_sum(weights * normalized**2)
            first = inner.gradient(loss, kernel)
            length = tf.reduce_sum(first**2)
        results.append((normalized, moved, first, outer.gradient(length, kernel)))
    for ours, expected in zip(*results, strict=True):
        assert np.abs(expected).max() > 0.01
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_plain_operations_end_with_their_context():
    before = weighted.conv
    with plain.plain_operations():
        assert weighted.conv is plain.plain_conv
    assert weighted.conv is before
