import keras
import numpy as np

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.pretraining.self_supervised.lars import Lars


def test_kernels_move_in_proportion_to_their_norm_and_others_by_plain_momentum():
    kernel = keras.Variable(np.array([[3.0, 0.0], [0.0, 4.0]]), name="kernel")
    bias = keras.Variable(np.array([1.0, 2.0]), name="bias")
    optimizer = Lars(0.5, momentum=0.9, kernel_decay=0.1, trust=0.01)
    optimizer.build([kernel, bias])
    expected, velocity = {"kernel": kernel.numpy(), "bias": bias.numpy()}, {"kernel": 0.0, "bias": 0.0}
    gradients = {"kernel": np.array([[1.0, 2.0], [0.0, -1.0]]), "bias": np.array([0.5, -0.5])}
    for _ in range(3):
        optimizer.apply([gradients["kernel"].astype(np.float32), gradients["bias"].astype(np.float32)])
        for name, value in expected.items():
            gradient, rate = gradients[name], 0.5
            if name == "kernel":
                gradient = gradient + 0.1 * value
                rate *= 0.01 * np.linalg.norm(value) / np.linalg.norm(gradient)
            velocity[name] = 0.9 * velocity[name] + rate * gradient
            expected[name] = value - velocity[name]
    np.testing.assert_allclose(kernel.numpy(), expected["kernel"], rtol=1e-5)
    np.testing.assert_allclose(bias.numpy(), expected["bias"], rtol=1e-5)


def test_a_kernel_or_gradient_of_zeros_is_moved_without_trust():
    for value, gradient, moved in ((0.0, 1.0, -0.5), (2.0, 0.0, 2.0)):
        kernel = keras.Variable(np.array([[value]]), name="kernel")
        optimizer = Lars(0.5, momentum=0.0, kernel_decay=0.0)
        optimizer.build([kernel])
        optimizer.apply([np.array([[gradient]], np.float32)])
        assert float(kernel.numpy()[0, 0]) == moved


def test_replicas_add_up_their_gradients():
    strategy, _ = get_strategy(False, num_devices=2)
    with strategy.scope():
        kernel = keras.Variable(np.array([[3.0]]), name="kernel")
        optimizer = Lars(0.5, momentum=0.9, kernel_decay=0.0, trust=0.1)
        optimizer.build([kernel])
    strategy.run(lambda: optimizer.apply([keras.ops.ones([1, 1])], [kernel]))
    copies = strategy.experimental_local_results(kernel.value)
    assert len(copies) == 2 and all(float(copy[0, 0]) == np.float32(3 - 0.5 * 0.1 * 3) for copy in copies)
