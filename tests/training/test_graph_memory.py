import pytest
import tensorflow as tf

from compare_gan2.training.graph_memory import peak_bytes

SQUARE = 100 * 100 * 4  # bytes of a matrix


def peak(function, size=100):
    return peak_bytes(tf.function(function).get_concrete_function(tf.TensorSpec([size, size])).graph)


def test_a_chain_needs_two_matrices_at_a_time():
    assert peak(lambda x: (x @ x) @ x) == 2 * SQUARE
    assert peak(lambda x: ((x @ x) @ x) @ x) == 2 * SQUARE  # the first one has ended
    assert peak(lambda x: tf.reshape(x @ x, [-1])) == SQUARE  # a view


def test_elementwise_work_takes_the_place_of_its_input_unless_that_is_read_again():
    assert peak(lambda x: tf.nn.relu(tf.tanh(x @ x))) == SQUARE

    def read_again(x):
        product = x @ x
        return tf.tanh(product) @ product

    assert peak(read_again) == 3 * SQUARE


def test_the_gradient_keeps_what_it_reads():
    def gradient(layers):
        def function(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for _ in range(layers):
                    y = tf.sin(y) @ x  # sin's gradient reads its input
            return tape.gradient(y, x)

        return function

    assert peak(gradient(8)) - peak(gradient(4)) == pytest.approx(4 * 2 * SQUARE, rel=0.3)


def test_what_nothing_depends_on_is_left_out():
    def function(x):
        tf.concat([x, x, x], 0) @ x
        return x @ x

    assert peak(function) == SQUARE


def test_graphs_within_count():
    def in_a_loop(x):
        return tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, (y @ x) @ x), [0, x])[1]

    assert peak(in_a_loop) >= 2 * SQUARE
    compiled = tf.function(lambda x: (x @ x) @ x, jit_compile=True)
    assert peak(lambda x: compiled(x)) >= 2 * SQUARE


def test_unknown_shapes_count_nothing():
    function = tf.function(lambda x: x @ x).get_concrete_function(tf.TensorSpec([None, None]))
    assert peak_bytes(function.graph) == 0
