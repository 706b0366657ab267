import keras
import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.architectures.resnet_v2 import ResNetV2Options, resnet_v2
from compare_gan2.ground.errors import ConfigError

SMALL = ResNetV2Options(blocks=[1, 2], width=4, bottleneck=False, stem="small")


def images(shape=(3, 16, 16, 3)):
    return np.random.RandomState(0).random_sample(shape).astype(np.float32)


def kernel_sizes(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables if variable.name == "kernel")


def test_resnet50_has_the_published_number_of_parameters():
    network = resnet_v2((224, 224, 3), ResNetV2Options())
    assert network.output_shape == (None, 2048)
    reference = keras.applications.ResNet50V2(weights=None, include_top=False)
    assert kernel_sizes(network) == kernel_sizes(reference)


def test_features_are_those_of_graph_and_of_the_saved_network(tmp_path):
    network = resnet_v2((16, 16, 3), SMALL, seed=1)
    eager = network(images(), training=False).numpy()
    assert eager.shape == (3, 8)
    graph = tf.function(lambda x: network(x, training=False))(tf.constant(images())).numpy()
    assert graph == pytest.approx(eager, abs=1e-6)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert loaded(images(), training=False).numpy() == pytest.approx(eager, abs=1e-6)


def test_weights_follow_from_the_seed():
    first, same, other = (resnet_v2((16, 16, 3), SMALL, seed).get_weights() for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[5].ravel()[:20], first[10].ravel()[:20])  # nor do layers share theirs


@pytest.mark.parametrize("stem, side", [("small", 16), ("large", 4)])
def test_stages_halve_the_resolution(stem, side):
    network = resnet_v2((16, 16, 1), ResNetV2Options(blocks=[1, 1, 1], width=4, bottleneck=True, stem=stem))
    shapes = [network.get_layer(f"stage{stage}_block0_add").output.shape[1:] for stage in range(3)]
    assert shapes == [(side, side, 16), (side // 2, side // 2, 32), (side // 4, side // 4, 64)]


@pytest.mark.parametrize("options, message", [({"blocks": []}, "resnet_v2.blocks"), ({"width": 0}, "resnet_v2.width")])
def test_impossible_sizes_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        ResNetV2Options(**options)


@pytest.mark.parametrize("bottleneck", [False, True])
def test_no_1x1_convolution_has_a_stride(bottleneck):
    """oneDNN's gradient of such a kernel, of few channels, corrupts memory; skipped pixels are left out before."""
    model = resnet_v2((32, 32, 3), ResNetV2Options(blocks=(1, 1, 1), width=8, bottleneck=bottleneck, stem="small"))
    ones = [layer for layer in model.layers if getattr(layer, "kernel_size", None) == (1, 1)]
    assert ones and all(layer.strides == (1, 1) for layer in ones)
    shortcut = model.get_layer("stage1_block0_shortcut")
    every = model.get_layer("stage1_block0_every")
    inner = keras.Model(model.inputs, [every.input, shortcut.output])
    before, after = inner(np.random.RandomState(0).uniform(size=(2, 32, 32, 3)).astype(np.float32))
    expected = tf.nn.conv2d(before, shortcut.kernel, 2, "SAME")
    np.testing.assert_allclose(after, expected, rtol=1e-5, atol=1e-6)
