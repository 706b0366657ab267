import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.layers import attention
from compare_gan2.layers.attention import NonLocalBlock
from compare_gan2.training.graph_memory import waited_for


def built(images):
    layer = NonLocalBlock(name="non_local_block")
    layer.build(images.shape)
    random = np.random.RandomState(1)
    for variable in layer.variables[:4]:
        variable.assign(random.standard_normal(variable.shape))
    return layer


def images():
    return np.random.RandomState(0).standard_normal([2, 4, 6, 16]).astype(np.float32)


def pooled(values):
    n, height, width, channels = values.shape
    return values.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4)).reshape(n, -1, channels)


def test_formula():
    x = images()
    layer = built(x)
    layer.sigma.assign(0.5)
    theta, phi, g, out = (part.kernel.numpy()[0, 0] for part in (layer.theta, layer.phi, layer.g, layer.attn_g))
    assert theta.shape == phi.shape == (16, 2) and g.shape == (16, 8) and out.shape == (8, 16)
    scores = (x @ theta).reshape(2, 24, 2) @ pooled(x @ phi).transpose(0, 2, 1)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    attention = scores / scores.sum(-1, keepdims=True)
    attended = (attention @ pooled(x @ g)).reshape(2, 4, 6, 8) @ out
    np.testing.assert_allclose(layer(tf.constant(x)), x + 0.5 * attended, rtol=1e-4, atol=1e-4)


def test_starts_as_identity():
    np.testing.assert_array_equal(NonLocalBlock()(tf.constant(images())), images())


def test_variables_have_the_names_of_the_original():
    parts = [f"conv2d_{part}/kernel" for part in ("attn_g", "g", "phi", "theta")]
    expected = [f"non_local_block/{name}" for name in (*parts, "sigma")]
    assert sorted(v.path for v in built(images()).variables) == expected


def test_too_few_channels():
    with pytest.raises(ValueError, match="at least 8 channels, got 4"):
        NonLocalBlock()(tf.ones([1, 4, 4, 4]))


def test_weights_of_one_block_of_queries_exist_at_a_time(monkeypatch):
    monkeypatch.setattr(attention, "_BLOCK", 4 * 6)  # 4 queries per block, 6 keys

    @tf.function
    def gradients(queries, keys, values):
        with tf.GradientTape() as tape:
            tape.watch(queries)
            loss = tf.reduce_sum(tf.square(attention.attend(queries, keys, values)))
        return tape.gradient(loss, queries)

    shapes = [tf.TensorSpec(shape) for shape in ([2, 24, 3], [2, 6, 3], [2, 6, 5])]
    softmaxes = [op for op in gradients.get_concrete_function(*shapes).graph.get_operations() if op.type == "Softmax"]
    assert len(softmaxes) == 12  # six blocks, forward and in the gradient
    for earlier, later in zip(softmaxes, softmaxes[1:], strict=False):
        assert earlier in waited_for([later])
