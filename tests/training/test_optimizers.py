import keras
import numpy as np
import pytest
import tensorflow as tf
from support.tiny_architecture import Discriminator, Generator

from compare_gan2.config.configuration import parse
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.graph_memory import waited_for
from compare_gan2.training.optimizers import adadelta, adagrad, adam, ftrl, gradient_descent, momentum, rmsprop

STEPS = 20


def gradients():
    """Of very different sizes, down to where epsilon matters."""
    random = np.random.RandomState(0)
    return [(random.standard_normal(6) * 10.0 ** np.arange(-8, 4, 2)).astype(np.float32) for _ in range(STEPS)]


def trajectory(optimizer):
    variable = tf.Variable(tf.zeros(6))  # so that no small move is rounded away
    optimizer.build([variable])
    return [optimizer.apply([tf.constant(g)], [variable]) or variable.numpy() for g in gradients()]


def trajectory_of_tensorflow_1(optimizer):
    variable = tf.Variable(tf.zeros(6))  # so that no small move is rounded away
    return [optimizer.apply_gradients([(tf.constant(g), variable)]) or variable.numpy() for g in gradients()]


def assert_equal_moves(actual, expected):
    scale = np.maximum(np.abs(expected).max(axis=0), 1e-30)  # per weight: their sizes differ by powers of ten
    np.testing.assert_allclose(np.array(actual) / scale, np.array(expected) / scale, atol=1e-4)


@pytest.mark.parametrize("beta1, beta2, epsilon", [(0.9, 0.999, 1e-8), (0.0, 0.999, 1e-8), (0.5, 0.9, 1e-3)])
def test_adam_is_that_of_tensorflow_1(beta1, beta2, epsilon):
    ours = trajectory(adam(0.01, beta1=beta1, beta2=beta2, epsilon=epsilon))
    v1 = tf.compat.v1.train.AdamOptimizer(0.01, beta1=beta1, beta2=beta2, epsilon=epsilon)
    assert_equal_moves(ours, trajectory_of_tensorflow_1(v1))
    value, mean, square, expected = np.zeros(6), 0.0, 0.0, []
    for t, gradient in enumerate(gradients(), 1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient.astype(np.float64) ** 2
        value = value - 0.01 * np.sqrt(1 - beta2**t) / (1 - beta1**t) * mean / (np.sqrt(square) + epsilon)
        expected.append(value)
    assert_equal_moves(ours, expected)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("beta1", [0.0, 0.9])
def test_adam_is_that_of_keras(beta1, compiled):
    """Values, moments and their names, with a rate that moves and beta2 from a function."""
    start = np.random.RandomState(1).standard_normal([3, 5]).astype(np.float32)
    drawn = np.random.RandomState(2).standard_normal([STEPS, 3, 5]).astype(np.float32)

    def ended(optimizer):
        variable = keras.Variable(start, name="w")
        optimizer.build([variable])
        apply = tf.function(lambda g: optimizer.apply([g], [variable]), jit_compile=compiled, autograph=False)
        for number, gradient in enumerate(drawn):
            optimizer.learning_rate.assign(0.01 / (1 + number))
            apply(tf.constant(gradient))
        return {v.path: v.numpy() for v in (variable, *optimizer.variables)}

    ours = adam(0.01, beta1=beta1, name="a")
    ours.beta_2_at = lambda updates: 0.99 + 0.0 * tf.cast(updates, tf.float32)
    actual, expected = ended(ours), ended(keras.optimizers.Adam(0.01, beta1, 0.99, 1e-8, name="a"))
    assert list(actual) == list(expected)
    for path, wanted in expected.items():
        np.testing.assert_allclose(actual[path], wanted, rtol=2e-6, atol=1e-7, err_msg=path)


def test_adam_updates_a_variable_as_soon_as_its_gradient_is_there():
    variables = [keras.Variable(tf.ones([2]), name=name) for name in "ab"]
    optimizer = adam(0.1)
    optimizer.build(variables)

    @tf.function
    def update(first, second):
        optimizer.apply([tf.sin(first), tf.cos(second)], variables)

    graph = update.get_concrete_function(*[tf.TensorSpec([2])] * 2).graph
    first, second = (op for op in graph.get_operations() if op.type == "ResourceApplyAdam")
    gradients = [[op.type for op in waited_for([update]) if op.type in ("Sin", "Cos")] for update in (first, second)]
    assert gradients == [["Sin"], ["Cos"]]


def test_defaults_of_adam_are_those_of_tensorflow_1():
    assert_equal_moves(trajectory(adam(0.01)), trajectory_of_tensorflow_1(tf.compat.v1.train.AdamOptimizer(0.01)))
    assert adam(1).learning_rate == 1.0  # a whole number from a .gin file


@pytest.mark.parametrize("bound", [{}, {"momentum": 0.9}, {"decay": 0.5, "centered": True}])
def test_rmsprop_is_that_of_tensorflow_1(bound):
    expected = trajectory_of_tensorflow_1(tf.compat.v1.train.RMSPropOptimizer(0.01, **bound))
    assert_equal_moves(trajectory(rmsprop(0.01, **bound)), expected)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_is_that_of_tensorflow_1(nesterov):
    expected = trajectory_of_tensorflow_1(tf.compat.v1.train.MomentumOptimizer(1e-3, 0.9, use_nesterov=nesterov))
    assert_equal_moves(trajectory(momentum(1e-3, momentum=0.9, use_nesterov=nesterov)), expected)


def test_gradient_descent():
    expected = trajectory_of_tensorflow_1(tf.compat.v1.train.GradientDescentOptimizer(1e-3))
    assert_equal_moves(trajectory(gradient_descent(1e-3)), expected)


@pytest.mark.parametrize(
    "ours, theirs, bound",
    [
        (adagrad, "AdagradOptimizer", {}),
        (adagrad, "AdagradOptimizer", {"initial_accumulator_value": 1e-3}),
        (adadelta, "AdadeltaOptimizer", {"rho": 0.8}),
        (adadelta, "AdadeltaOptimizer", {}),
        (ftrl, "FtrlOptimizer", {}),
        (ftrl, "FtrlOptimizer", {"l1_regularization_strength": 0.1, "l2_regularization_strength": 0.5}),
        (ftrl, "FtrlOptimizer", {"l2_shrinkage_regularization_strength": 0.2, "learning_rate_power": -0.3}),
    ],
)
def test_the_others_are_those_of_tensorflow_1(ours, theirs, bound):
    expected = trajectory_of_tensorflow_1(getattr(tf.compat.v1.train, theirs)(0.01, **bound))
    assert_equal_moves(trajectory(ours(0.01, **bound)), expected)


@pytest.mark.parametrize(
    "binding, instead",
    [
        ("ModularGAN.g_optimizer_fn = @tf.train.AdagradDAOptimizer", "use @tf.train.AdagradOptimizer"),
        ("tf.train.ProximalAdagradOptimizer.initial_accumulator_value = 1.0", "use @tf.train.AdagradOptimizer"),
        ("ModularGAN.d_optimizer_fn = @ProximalGradientDescentOptimizer", "use @tf.train.GradientDescentOptimizer"),
        ("ModularGAN.g_lr = @tf.train.exponential_decay()", "bind ModularGAN.g_lr"),
        ("tf.train.polynomial_decay.power = 2.0", "learning rates are constant"),
        ("z.distribution_fn = @tf.random.gamma", "latents are @tf.random.normal"),
    ],
)
def test_what_has_no_successor_is_refused_with_the_alternative(binding, instead):
    with pytest.raises(ConfigError, match=f"gin configuration: tf.* does not exist here: .*{instead}"):
        optimizers(binding)


def optimizers(*bindings):
    networks = {"generator": Generator((8, 8, 3)), "discriminator": Discriminator()}
    return parse([], bindings).build(ModularGAN, **networks).make_optimizers()


def test_bound_values_act_where_the_optimizer_is_named():
    bindings = ["tf.train.AdamOptimizer.beta1 = 0.25", "ModularGAN.g_optimizer_fn = @tf.train.AdamOptimizer"]
    g_optimizer, d_optimizer = optimizers(*bindings)
    assert (g_optimizer.beta_1, d_optimizer.beta_1, g_optimizer.epsilon) == (0.25, 0.25, 1e-8)
    assert (g_optimizer.name, d_optimizer.name) == ("g_opt", "d_opt")
    assert optimizers("tf.train.AdamOptimizer.beta1 = 0.25")[0].beta_1 == 0.9  # not on the default, as in the original


def test_the_discriminator_has_its_own_rate_and_optimizer_only_if_bound():
    g_optimizer, d_optimizer = optimizers("ModularGAN.g_lr = 0.5")
    assert float(g_optimizer.learning_rate) == float(d_optimizer.learning_rate) == 0.5
    _, d_optimizer = optimizers("ModularGAN.d_lr = 2", "ModularGAN.d_optimizer_fn = @GradientDescentOptimizer")
    assert float(d_optimizer.learning_rate) == 2 and type(d_optimizer).__name__ == "SGD"


def test_wrong_values():
    with pytest.raises(ConfigError, match="AdamOptimizer.beta1: expected .*got 'a lot'"):
        optimizers("AdamOptimizer.beta1 = 'a lot'", "ModularGAN.g_optimizer_fn = @AdamOptimizer")
    with pytest.raises(ConfigError, match="takes no binding of 'learning_rate', which its caller gives"):
        optimizers("AdamOptimizer.learning_rate = 1.0")
