import numpy as np
import pytest
import tensorflow as tf

from compare_gan2 import architectures
from compare_gan2.architectures.resnet_biggan import Discriminator, Generator
from compare_gan2.config.configuration import parse
from compare_gan2.gans.make_gan import network_options
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers import initializers

CONDITIONAL = ["G.batch_norm_fn = @conditional_batch_norm"]
NARROW = ["resnet_biggan.Generator.ch = 2", "resnet_biggan.Discriminator.ch = 2"]
NO_ATTENTION = [
    "resnet_biggan.Generator.blocks_with_attention = ''",
    "resnet_biggan.Discriminator.blocks_with_attention = ''",
]


def generator(bindings, resolution=32, z_dim=8, num_classes=3, channels=3):
    config = parse([], bindings)
    options = network_options(config, Generator, image_shape=(resolution, resolution, channels))
    return architectures.built(Generator, options, z_dim, num_classes)


def discriminator(bindings, resolution=32, num_classes=3, channels=3):
    options = network_options(parse([], bindings), Discriminator)
    return architectures.built(Discriminator, options, (resolution, resolution, channels), num_classes)


def parameters(network):
    return sum(variable.shape.num_elements() for variable in network.trainable_variables)


@pytest.fixture
def zeros(monkeypatch):
    """Initial values that cost nothing."""
    for name in initializers.INITIALIZERS:
        monkeypatch.setitem(initializers.INITIALIZERS, name, lambda shape, dtype, seed: tf.zeros(shape, dtype))


@pytest.mark.parametrize(
    "resolution, attention, expected",
    [(32, "", 9_466_115), (64, "B4", 70_239_108), (128, "B4", 70_433_988)],
)
def test_published_size_of_the_generator(zeros, resolution, attention, expected):
    bindings = [*CONDITIONAL, f"resnet_biggan.Generator.blocks_with_attention = '{attention}'"]
    network = generator(bindings, resolution, z_dim=120, num_classes=1000)
    assert parameters(network) == expected
    if resolution == 128:
        assert len(network.trainable_variables) == 62


@pytest.mark.parametrize("resolution, expected", [(32, 2_568_194), (64, 87_752_258), (128, 87_982_370)])
def test_published_size_of_the_discriminator(zeros, resolution, expected):
    network = discriminator([], resolution, num_classes=1000)
    assert parameters(network) == expected
    if resolution == 128:
        assert len(network.trainable_variables) == 42


def test_shapes_of_the_vectors_of_spectral_norm(zeros):
    automatic = ["spectral_norm.singular_value = 'auto'", "G.spectral_norm = True", "D.spectral_norm = True"]
    networks = [
        generator([*CONDITIONAL, *automatic], 128, z_dim=120, num_classes=1000),
        discriminator(automatic, 128, num_classes=1000),
    ]
    shapes = {v.path: tuple(v.shape) for network in networks for v in network.variables if v.name == "u_var"}
    recorded = {
        "generator/fc_noise": (20, 1),
        "generator/B1/up_conv1": (1, 1536),
        "generator/B1/up_conv_shortcut": (1536, 1),
        "generator/B1/bn1/condition/gamma": (148, 1),
        "generator/B5/bn2/condition/gamma": (1, 96),
        "discriminator/final_fc": (1, 1),
        "discriminator/B1/same_conv1": (27, 1),
        "discriminator/embedding_fc": (1000, 1),
    }
    assert recorded == {path: shapes[f"{path}/kernel/u_var"] for path in recorded}
    assert "generator/embed_y/kernel/u_var" not in shapes


def test_kernels_start_as_bound_but_class_projections_always_as_glorot_normal():
    wide = ["resnet_biggan.Discriminator.ch = 32", "weights.initializer = 'orthogonal'", *NO_ATTENTION]
    network = discriminator(wide, num_classes=50)
    kernels = {v.path: v.numpy().reshape(-1, v.shape[-1]) for v in network.trainable_variables if v.name == "kernel"}
    embedding = kernels.pop("discriminator/embedding_fc/kernel")
    assert len(kernels) == 10
    for path, kernel in kernels.items():
        product = kernel.T @ kernel if kernel.shape[0] >= kernel.shape[1] else kernel @ kernel.T
        np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5, err_msg=path)
    assert embedding.std() == pytest.approx(np.sqrt(2 / (50 + 64)), rel=0.05)


@pytest.mark.parametrize("resolution, without", [(32, {2, 3, 4}), (64, {5}), (128, {6})])
def test_discriminator_blocks_that_keep_their_channels_have_no_shortcut(resolution, without):
    blocks = discriminator([*NARROW, *NO_ATTENTION], resolution).blocks
    assert {i for i, block in enumerate(blocks, 1) if block.shortcut is None} == without


def test_generator_blocks_always_have_a_shortcut_unless_bound():
    bindings = [*NARROW, *NO_ATTENTION, *CONDITIONAL]
    assert all(block.shortcut is not None for block in generator(bindings).blocks)
    bare = generator([*bindings, "BigGanResNetBlock.add_shortcut = False"])
    assert all(block.shortcut is None for block in bare.blocks)


def test_each_block_sees_its_part_of_hierarchical_latents():
    network = generator([*NARROW, *NO_ATTENTION, "G.batch_norm_fn = @self_modulated_batch_norm"], z_dim=8)
    seen = []
    for block in network.blocks:
        block.bn1.call = lambda inputs, latents, labels, training: seen.append((latents, labels)) or inputs
    latents = tf.constant([[0.0, 1, 2, 3, 4, 5, 6, 7]])
    network(latents, tf.one_hot([1], 3))
    assert [part.numpy().tolist() for part, _ in seen] == [[[2, 3]], [[4, 5]], [[6, 7]]]
    embedded = network.embed_y(tf.one_hot([1], 3)).numpy()
    for part, labels in seen:
        np.testing.assert_allclose(labels, np.concatenate([part, embedded], 1), rtol=1e-6)


def test_features_are_summed_over_positions_and_labels_only_touch_the_logits():
    network = discriminator([*NARROW, *NO_ATTENTION])
    images = tf.random.stateless_uniform([2, 32, 32, 3], [0, 1])
    kept = []
    last = network.blocks[-1]
    plain = last.call
    last.call = lambda *args, **kwargs: kept.append(plain(*args, **kwargs)) or kept[-1]
    outputs = network(images, tf.one_hot([0, -1], 3))
    features = np.maximum(kept[0], 0).sum((1, 2))
    np.testing.assert_allclose(outputs.features, features, rtol=1e-4, atol=1e-7)
    plain_logits = features @ network.final_fc.kernel.numpy()
    class_term = np.sum(features[0] * network.embedding_fc.kernel.numpy()[0])
    np.testing.assert_allclose(outputs.logits, plain_logits + [[class_term], [0]], rtol=1e-3, atol=1e-6)


def test_unbound_attention_of_the_generator_comes_after_its_fourth_block_where_it_has_one():
    """As in the original, where the default names B4 and the 32x32 generator has three blocks."""
    assert not generator([*NARROW]).attention
    wide = ["resnet_biggan.Generator.ch = 8"]
    assert list(generator(wide, 64, z_dim=10).attention) == ["B4"]


def test_layer_norm_of_the_generator_is_bound_at_its_block():
    with_norm = generator([*NARROW, "BigGanResNetBlock.layer_norm = True"])
    without = generator([*NARROW, "D.layer_norm = True"])
    names = {v.path for v in with_norm.variables} - {v.path for v in without.variables}
    assert names == {f"generator/B{i}/ln{n}/{part}" for i in (1, 2, 3) for n in (1, 2) for part in ("gamma", "beta")}


def test_attention_comes_after_the_named_blocks_and_is_shared_by_them():
    bindings = ["resnet_biggan.Discriminator.ch = 4", "resnet_biggan.Discriminator.blocks_with_attention = 'B2, B3'"]
    network = discriminator(bindings)
    assert sorted(network.attention) == ["B2", "B3"] and network.attention["B2"] is network.attention["B3"]
    assert sum("non_local_block" in v.path for v in network.variables) == 5


@pytest.mark.parametrize(
    "build, bindings, message",
    [
        (
            generator,
            ["resnet_biggan.Generator.blocks_with_attention = 'B4'"],
            "resnet_biggan.Generator.blocks_with_attention: no such block B4; this network has B1, B2, B3",
        ),
        (
            discriminator,
            ["resnet_biggan.Discriminator.blocks_with_attention = 'B1,B7'"],
            "resnet_biggan.Discriminator.blocks_with_attention: no such block B7",
        ),
        (discriminator, NARROW, "attention needs at least 8 channels, got 4"),
        (generator, [*NARROW, *NO_ATTENTION, *CONDITIONAL, "D.spectral_nrom = True"], "D.spectral_nrom"),
    ],
)
def test_impossible_options(build, bindings, message):
    with pytest.raises(ConfigError, match=message):
        build(bindings)
        discriminator(bindings)


@pytest.mark.parametrize(
    "sizes, message",
    [
        ({"z_dim": 10}, "options.z_dim must be a multiple of 4 at 32x32.*got 10"),
        ({"resolution": 48}, "side 32 or 64 or 128 or 256 or 512 and 1 or 3 channels, got 48x48x3"),
        ({"channels": 2}, "got 32x32x2"),
        ({"num_classes": None}, "needs label vectors"),
    ],
)
def test_sizes_that_do_not_fit_the_generator(sizes, message):
    with pytest.raises(ConfigError, match=message):
        generator([*NARROW, *NO_ATTENTION, *CONDITIONAL], **sizes)


@pytest.mark.parametrize(
    "sizes, message",
    [
        ({"num_classes": None}, "resnet_biggan.Discriminator.project_y needs labels.*ModularGAN.conditional = True"),
        ({"resolution": 16}, "got 16x16x3"),
    ],
)
def test_sizes_that_do_not_fit_the_discriminator(sizes, message):
    with pytest.raises(ConfigError, match=message):
        discriminator([*NARROW, *NO_ATTENTION], **sizes)


def test_self_modulation_has_no_place_in_a_discriminator():
    with pytest.raises(ConfigError, match="self-modulated batch norm needs latents; a discriminator has none"):
        discriminator([*NARROW, *NO_ATTENTION, "D.batch_norm_fn = @self_modulated_batch_norm"])


def test_messages_are_one_readable_line():
    with pytest.raises(ConfigError) as caught:
        generator([*NARROW, *NO_ATTENTION, *CONDITIONAL], num_classes=None)
    assert "\n" not in str(caught.value)
