import numpy as np
import pytest
import tensorflow as tf

from compare_gan2 import architectures
from compare_gan2.architectures.resnet_cifar import Discriminator, Generator
from compare_gan2.config.configuration import parse
from compare_gan2.gans.make_gan import network_options
from compare_gan2.ground.errors import ConfigError


def generator(*bindings, image_shape=(32, 32, 3), z_dim=128, num_classes=None):
    options = network_options(parse([], bindings), Generator, image_shape=image_shape)
    return architectures.built(Generator, options, z_dim, num_classes)


def discriminator(*bindings, image_shape=(32, 32, 3), num_classes=None):
    return architectures.built(
        Discriminator, network_options(parse([], bindings), Discriminator), image_shape, num_classes
    )


def facts(network):
    """(number of trainable variables, number of parameters)."""
    return len(network.trainable_variables), sum(v.shape.num_elements() for v in network.trainable_variables)


def test_published_sizes():
    assert facts(generator()) == (22, 5_846_019)
    assert facts(generator("G.batch_norm_fn = @batch_norm")) == (36, 5_849_603)
    assert facts(discriminator()) == (26, 1_483_137)
    projecting = discriminator("resnet_cifar.Discriminator.project_y = True", num_classes=10)
    assert facts(projecting) == (27, 1_483_137 + 1280)


def test_variables_have_the_names_of_the_original():
    network = generator("G.batch_norm_fn = @self_modulated_batch_norm", "G.spectral_norm = True", z_dim=16)
    shapes = {v.path.removeprefix("generator/"): tuple(v.shape) for v in network.variables}
    assert shapes["fc_noise/kernel/u_var"] == (16, 1)
    assert shapes["B1/up_conv1/kernel/u_var"] == (2304, 1)
    assert shapes["B1/bn1/sbn/hidden/kernel"] == (16, 32)
    assert shapes["B3/bn2/sbn/gamma/kernel"] == (32, 256)
    assert shapes["B2/up_conv_shortcut/kernel"] == (3, 3, 256, 256)
    assert shapes["final_norm/sbn/beta/bias"] == (256,)
    assert shapes["final_conv/bias"] == (3,)


def test_final_norm_sees_all_latents_and_blocks_their_parts():
    network = generator(
        "G.batch_norm_fn = @self_modulated_batch_norm", "resnet_cifar.Generator.hierarchical_z = True", z_dim=8
    )
    widths = [block.bn1.sbn.hidden.kernel.shape[0] for block in network.blocks]
    assert widths == [2, 2, 2] and network.final_norm.sbn.hidden.kernel.shape[0] == 8
    assert network.fc_noise.kernel.shape[0] == 2


def test_features_are_averaged_over_positions_and_the_unlabelled_have_no_class_term():
    network = discriminator("resnet_cifar.Discriminator.project_y = True", num_classes=3)
    kept, last = [], network.blocks[-1]
    plain = last.call
    last.call = lambda *args, **kwargs: kept.append(plain(*args, **kwargs)) or kept[-1]
    images = tf.random.stateless_uniform([2, 32, 32, 3], [0, 1])
    outputs = network(images, tf.one_hot([2, -1], 3))
    features = np.maximum(kept[0], 0).mean((1, 2))
    np.testing.assert_allclose(outputs.features, features, rtol=1e-4, atol=1e-7)
    class_term = np.sum(features[0] * network.embedding_fc.kernel.numpy()[2])
    expected = features @ network.final_fc.kernel.numpy() + [[class_term], [0]]
    np.testing.assert_allclose(outputs.logits, expected, rtol=1e-3, atol=1e-6)


def test_label_embedding_has_the_size_of_the_latents():
    network = generator(
        "G.batch_norm_fn = @conditional_batch_norm", "resnet_cifar.Generator.embed_y = True", z_dim=12, num_classes=3
    )
    assert network.embed_y.kernel.shape == (3, 12)
    assert network.final_norm.condition.gamma.kernel.shape == (12, 256)


def test_options_that_do_not_fit():
    with pytest.raises(ConfigError, match="options.z_dim must be a multiple of 4 with hierarchical_z, got 10"):
        generator("resnet_cifar.Generator.hierarchical_z = True", z_dim=10)
    with pytest.raises(ConfigError, match="side 32 and 1 or 3 channels, got 64x64x3"):
        generator(image_shape=(64, 64, 3))
    with pytest.raises(ConfigError, match="got 32x28x3"):
        discriminator(image_shape=(32, 28, 3))
    with pytest.raises(
        ConfigError, match="resnet_cifar.Discriminator.project_y needs labels: .*ModularGAN.conditional = True"
    ):
        discriminator("resnet_cifar.Discriminator.project_y = True")


def test_unknown_architecture_lists_the_known_ones():
    with pytest.raises(ConfigError, match="expected one of .*resnet_biggan_arch.*resnet_cifar_arch.*, got 'biggan'"):
        architectures.make_generator("biggan", image_shape=(32, 32, 3), z_dim=8)
