"""Numbers of trainable parameters of the original; BigGAN and resnet_cifar have files of their own."""

import numpy as np
import pytest

from compare_gan2 import architectures
from compare_gan2.config.configuration import parse
from compare_gan2.gans.make_gan import network_options

BATCH_NORM = "G.batch_norm_fn = @batch_norm"
DEEP = ("G.batch_norm_fn = @conditional_batch_norm", "G.spectral_norm = True", "D.spectral_norm = True")


def generator(architecture, bindings, image_shape, z_dim=128, num_classes=None):
    network_class = architectures.ARCHITECTURES[architecture].Generator
    options = network_options(parse([], bindings), network_class, image_shape=image_shape)
    return architectures.built(network_class, options, z_dim, num_classes)


def discriminator(architecture, bindings, image_shape, num_classes=None):
    network_class = architectures.ARCHITECTURES[architecture].Discriminator
    return architectures.built(
        network_class, network_options(parse([], bindings), network_class), image_shape, num_classes
    )


def size(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


@pytest.mark.parametrize(
    ("architecture", "image_shape", "bindings", "parameters"),
    [
        ("dcgan_arch", (64, 64, 3), [], 5_362_819),
        ("dcgan_arch", (64, 64, 3), [BATCH_NORM], 5_364_739),
        ("sndcgan_arch", (128, 128, 3), [BATCH_NORM], 19_926_019),
        ("sndcgan_arch", (28, 28, 1), [], 3_810_305),
        ("infogan_arch", (28, 28, 1), [], 6_707_777),
        ("infogan_arch", (64, 64, 3), [], 33_921_219),
        ("resnet_stl_arch", (48, 48, 3), [], 6_251_523),
        ("resnet_stl_arch", (48, 48, 3), [BATCH_NORM], 6_254_339),
        ("resnet5_arch", (32, 32, 3), [], 13_780_227),
        ("resnet5_arch", (128, 128, 3), [BATCH_NORM], 13_786_115),
        ("resnet30_arch", (128, 128, 3), [BATCH_NORM], 52_199_667),
    ],
)
def test_generators_without_labels(architecture, image_shape, bindings, parameters):
    network = generator(architecture, bindings, image_shape)
    assert size(network) == network.count_params() - size_of_statistics(network) == parameters


def size_of_statistics(network):
    return sum(int(np.prod(variable.shape)) for variable in network.non_trainable_variables)


@pytest.mark.parametrize(
    ("architecture", "image_shape", "bindings", "parameters"),
    [
        ("dcgan_arch", (64, 64, 3), [], 4_314_753),
        ("dcgan_arch", (64, 64, 3), ["D.batch_norm_fn = @batch_norm"], 4_316_545),
        ("sndcgan_arch", (128, 128, 3), [], 5_983_745),
        ("sndcgan_arch", (28, 28, 1), ["D.batch_norm_fn = @batch_norm"], 5_859_713),  # it ignores batch norm
        ("infogan_arch", (28, 28, 1), ["D.batch_norm_fn = @batch_norm"], 6_559_169),
        ("infogan_arch", (64, 64, 3), [], 33_690_817),
        ("resnet_stl_arch", (48, 48, 3), [], 25_114_817),
        ("resnet5_arch", (32, 32, 3), [], 15_086_529),
        ("resnet5_arch", (32, 32, 3), ["D.layer_norm = True"], 15_092_423),
        ("resnet30_arch", (128, 128, 3), [], 53_486_449),
    ],
)
def test_discriminators_without_labels(architecture, image_shape, bindings, parameters):
    assert size(discriminator(architecture, bindings, image_shape)) == parameters


@pytest.mark.parametrize(("side", "parameters"), [(32, (8_447_619, 1_012_033)), (128, (50_244_484, 34_590_210))])
def test_biggan_deep(side, parameters):
    sizes = {"bindings": DEEP, "image_shape": (side, side, 3), "num_classes": 1000}
    networks = (build("resnet_biggan_deep_arch", **sizes) for build in (generator, discriminator))
    assert tuple(map(size, networks)) == parameters


def test_widths_are_bound_by_gin():
    bindings = ["resnet5.Generator.ch = 2", "dcgan.Discriminator.ch = 4"]
    narrow = generator("resnet5_arch", bindings, (32, 32, 3), z_dim=8)
    assert narrow.blocks[0].conv1.kernel.shape == (3, 3, 16, 16)
    other = discriminator("dcgan_arch", bindings, (32, 32, 3))
    assert other.convs[-1].kernel.shape == (5, 5, 16, 32)
