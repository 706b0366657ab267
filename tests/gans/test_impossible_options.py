"""Options that contradict each other or the data end in one message with the names and the values."""

import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, Gan

from compare_gan2.config.declare import declared, parameters, selector
from compare_gan2.ground.errors import ConfigError


@pytest.mark.parametrize(
    "gan_class, bindings, parts",
    [
        (
            "ModularGAN",
            ["ModularGAN.experimental_joint_gen_for_disc = True"],
            ["ModularGAN.experimental_joint_gen_for_disc: True", "experimental_force_graph_unroll", "got False"],
        ),
        ("S3GAN", ["S3GAN.rotated_batch_fraction = 1"], ["ModularGAN.conditional = True", "got False", "@SSGAN"]),
        (
            "S3GAN",
            [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 1", "S3GAN.use_predictor = True"],
            ["S3GAN.use_predictor: True needs S3GAN.project_y = True, got False"],
        ),
        (
            "S3GAN",
            [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 3"],
            ["S3GAN.rotated_batch_fraction", "(8)", "multiple of 4", "got 3"],
        ),
        (
            "S3GAN",
            [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 4"],
            ["S3GAN.rotated_batch_fraction", "(8)", "multiple of 4", "got 4"],
        ),
        ("S3GAN", [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 0"], ["S3GAN.rotated_batch_fraction", "got 0"]),
        ("S3GAN", list(CONDITIONAL_GAN), ["S3GAN.rotated_batch_fraction: no value is given"]),
        (
            "S3GAN",
            [
                *CONDITIONAL_GAN,
                "S3GAN.rotated_batch_fraction = 1",
                "S3GAN.use_soft_labels = True",
                "S3GAN.fit_label_distribution = True",
            ],
            ["S3GAN.use_soft_labels", "ModularGAN.fit_label_distribution"],
        ),
        (
            "S3GAN",
            [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 1", "S3GAN.weigh_labels = True"],
            ["S3GAN.weigh_labels", "S3GAN.use_soft_labels = True", "S3GAN.use_predictor = True", "False and False"],
        ),
        (
            "S3GAN",
            [
                *CONDITIONAL_GAN,
                "S3GAN.rotated_batch_fraction = 1",
                "ModularGAN.deprecated_split_disc_calls = True",
            ],
            ["ModularGAN.deprecated_split_disc_calls", "got True"],
        ),
        (
            "S3GAN",
            [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 1", "S3GAN.self_supervision = 'rotation_gan'"],
            ["S3GAN.self_supervision: expected one of 'rotation', 'none' or None, got 'rotation_gan'"],
        ),
        ("SSGAN", [], ["SSGAN.rotated_batch_size: no value is given"]),
        ("SSGAN", ["SSGAN.rotated_batch_size = 6"], ["SSGAN.rotated_batch_size", "multiple of 4", "got 6"]),
        ("SSGAN", ["SSGAN.rotated_batch_size = 36"], ["SSGAN.rotated_batch_size", "at most 32", "got 36"]),
        (
            "SSGAN",
            ["SSGAN.rotated_batch_size = 0"],
            ["SSGAN.rotated_batch_size: expected a whole number from 1 to ", "got 0"],
        ),
        (
            "SSGAN",
            ["SSGAN.rotated_batch_size = 8", "ModularGAN.deprecated_split_disc_calls = True"],
            ["ModularGAN.deprecated_split_disc_calls", "SSGAN", "got True"],
        ),
        ("ModularGAN", ["options.z_dim = 0"], ["options.z_dim: expected a whole number from 1 to 65536, got 0"]),
        ("ModularGAN", ["options.architecture = 'dgcan'"], ["options.architecture", "resnet_biggan_arch", "'dgcan'"]),
    ],
)
def test_message(gan_class, bindings, parts):
    with pytest.raises(ConfigError) as caught:
        Gan(gan_class, tuple(bindings)).make()
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_labels_that_the_dataset_does_not_have():
    with pytest.raises(ConfigError, match="ModularGAN.conditional: True needs a dataset with labels"):
        Gan("ModularGAN", CONDITIONAL_GAN, num_classes=None).make()


@pytest.mark.parametrize(
    "gan_class, bindings, replicas, message",
    [
        ("ModularGAN", [], 3, "options.batch_size: expected a multiple of the 3 replicas, got 8"),
        ("SSGAN", ["SSGAN.rotated_batch_size = 12"], 2, r"multiple of 8 \(4 angles x 2 replicas\).*got 12"),
        ("S3GAN", [*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 2"], 4, r"batch of a replica \(2\).*got 2"),
    ],
)
def test_batches_that_cannot_be_cut_over_the_replicas(gan_class, bindings, replicas, message):
    Gan(gan_class, tuple(bindings)).make()
    with pytest.raises(ConfigError, match=message):
        Gan(gan_class, tuple(bindings)).make(num_replicas=replicas)


@pytest.mark.parametrize("value", ["'none'", "None"])
def test_without_rotation_its_size_does_not_matter(value):
    off = (*CONDITIONAL_GAN, f"S3GAN.self_supervision = {value}", "S3GAN.rotated_batch_fraction = 5")
    gan = Gan("S3GAN", off).make()
    assert gan.num_rotated(tf.zeros([8, 8, 8, 3])) == 0 and gan.heads == ()
    off = (f"SSGAN.self_supervision = {value}", "SSGAN.rotated_batch_size = 5")
    assert Gan("SSGAN", off).make().num_rotated(tf.zeros([8, 8, 8, 3])) == 0


def test_double_projection_and_a_penalty_without_effect_are_reported(caplog):
    bindings = (
        *CONDITIONAL_GAN,
        "options.architecture = 'resnet_biggan_arch'",
        "resnet_biggan.Generator.ch = 2",
        "resnet_biggan.Discriminator.ch = 2",
        "resnet_biggan.Generator.blocks_with_attention = ''",
        "resnet_biggan.Discriminator.blocks_with_attention = ''",
        "S3GAN.rotated_batch_fraction = 1",
        "S3GAN.project_y = True",
        "penalty.fn = @l2_penalty",
    )
    case = Gan("S3GAN", bindings, image_shape=(32, 32, 3))
    with caplog.at_level("WARNING", logger="compare_gan2"):
        gan = case.make()
    assert "projected twice" in caplog.text and "penalty.fn has no effect" in caplog.text
    assert len(gan.heads) == 2 and isinstance(gan.discriminator(tf.zeros([1, 32, 32, 3]), tf.zeros([1, 3])), tuple)


BOTH = ("weight_d", "weight_g")
WEIGHTS = {
    "regularizers": {
        **{"lecam": ["weight"], "cr": ["weight"], "bcr": ["weight_real", "weight_fake"], "zcr": BOTH},
        **{"orthogonal": BOTH, "feature_matching": ["weight"], "path_length": ["weight"]},
    },
    "label_heads": {
        **{"acgan": BOTH, "tac": [*BOTH, "weight_twin_d", "weight_twin_g"], "adc": BOTH},
        **{"contragan": BOTH, "reacgan": BOTH, "multi_hinge": ["weight_g"]},
    },
}
NEGATIVE = [
    (f"ModularGAN.{option} = [@{name}()]", f"{name}.{weight}")
    for option, parts in WEIGHTS.items()
    for name, weights in parts.items()
    for weight in weights
]
NEGATIVE += [("ModularGAN.latent_optimization = @latent_optimization()", "latent_optimization.weight")]
NEGATIVE += [("penalty.fn = @r1", "options.lamba")]


@pytest.mark.parametrize("part, weight", NEGATIVE)
def test_negative_weights(part, weight):
    with pytest.raises(ConfigError, match=rf"^{weight}: expected a number from 0 to .*, got -0.5"):
        Gan("ModularGAN", (*CONDITIONAL_GAN, part, f"{weight} = -0.5")).make()


def test_every_weight_of_a_part_is_among_them():
    known = {weight for _, weight in NEGATIVE}
    for target in declared():
        if selector(target) in {name for parts in WEIGHTS.values() for name in parts}:
            found = {f"{selector(target)}.{name}" for name in parameters(target) if name.startswith("weight")}
            assert found <= known
