import dataclasses

import pytest

from compare_gan2 import configuration
from compare_gan2.architectures import resnet_biggan, resnet_cifar
from compare_gan2.configuration import REQUIRED, ConfigError
from compare_gan2.datasets.latents import TrainingLatents
from compare_gan2.gans.losses import Hinge, Loss
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.gans.ssgan import SSGAN
from compare_gan2.layers.normalization import BatchNorm, StandardizeBatch
from compare_gan2.options import Options, RunConfig, StandingStatistics

COMPLETE = [
    "options.batch_size = 64",
    "options.gan_class = @S3GAN",
    "options.architecture = 'resnet_biggan_arch'",
    "options.training_steps = 10",
]
FRACTION = "S3GAN.rotated_batch_fraction = 4"


def arguments(target, *bindings, **explicit):
    configuration.parse([], bindings)
    return configuration.arguments(target, **explicit)


@pytest.mark.parametrize("network", [resnet_biggan.Generator, resnet_cifar.Generator])
def test_a_binding_on_the_base_reaches_every_subclass(network):
    assert arguments(network, "G.spectral_norm = True", image_shape=(32, 32, 3))["spectral_norm"] is True
    assert "spectral_norm" not in arguments(network, "D.spectral_norm = True", image_shape=(32, 32, 3))


@pytest.mark.parametrize("gan_class", [SSGAN, S3GAN])
def test_a_binding_on_modular_gan_reaches_every_gan(gan_class):
    sizes = {"rotated_batch_size": 8} if gan_class is SSGAN else {"rotated_batch_fraction": 2}
    assert arguments(gan_class, "ModularGAN.g_lr = 0.5", **sizes)["g_lr"] == 0.5


def test_the_subclass_wins_in_any_order():
    for bindings in (["G.spectral_norm = True", "resnet_biggan.Generator.spectral_norm = False"],):
        for order in (bindings, bindings[::-1]):
            values = arguments(resnet_biggan.Generator, *order, image_shape=(32, 32, 3))
            assert values["spectral_norm"] is False
    assert arguments(S3GAN, FRACTION, "S3GAN.g_lr = 0.25", "ModularGAN.g_lr = 0.5")["g_lr"] == 0.25


def test_a_binding_on_a_subclass_stays_there():
    assert arguments(S3GAN, FRACTION, "S3GAN.g_lr = 0.25")["g_lr"] == 0.25
    assert "g_lr" not in arguments(ModularGAN, "S3GAN.g_lr = 0.25", "SSGAN.g_lr = 0.5")
    assert "spectral_norm" not in arguments(
        resnet_cifar.Generator, "resnet_biggan.Generator.spectral_norm = True", image_shape=(32, 32, 3)
    )


def test_values_of_the_caller_win_and_later_lines_win():
    assert arguments(S3GAN, FRACTION, "ModularGAN.g_lr = 0.5", g_lr=1.0)["g_lr"] == 1.0
    assert arguments(S3GAN, FRACTION, "S3GAN.g_lr = 0.5", "S3GAN.g_lr = 0.25")["g_lr"] == 0.25


@pytest.mark.parametrize(
    "target, typo",
    [
        (resnet_biggan.Generator, "G.spectral_nrom = True"),
        (resnet_biggan.Generator, "resnet_biggan.Generator.spectral_nrom = True"),
        (resnet_biggan.Discriminator, "D.layer_nrom = True"),
        (S3GAN, "ModularGAN.g_lrr = 0.5"),
        (S3GAN, "S3GAN.g_lrr = 0.5"),
        (SSGAN, "SSGAN.g_lrr = 0.5"),
        (Options, "options.batchsize = 3"),
        (Options, "optoins.batch_size = 3"),
        (StandardizeBatch, "standardize_batch.decays = 0.5"),
        (S3GAN, "S3GAN.options = 3"),
        (resnet_biggan.Generator, "G.image_shape = (1, 1, 1)"),
        (Loss, "loss.fn = @hingee"),
        (resnet_biggan.Generator, "Generator.ch = 3"),  # of which architecture?
    ],
)
def test_typos_are_named(target, typo):
    with pytest.raises(ConfigError) as caught:
        arguments(target, FRACTION, *COMPLETE, typo, **({"image_shape": (32, 32, 3)} if "Gen" in str(target) else {}))
    wrong = typo.split(" = ")[0].split(".")[0 if typo.startswith(("optoins", "Gen")) else -1]
    assert ("hingee" if "hingee" in typo else wrong) in str(caught.value)


def test_bad_syntax_is_located():
    with pytest.raises(ConfigError, match="line 2"):
        configuration.parse([], ["loss.fn = @hinge", "loss.fn = "])
    with pytest.raises(ConfigError, match="gin configuration: "):
        configuration.parse([], ["study.seeds = [0, 1"])


def test_a_typo_is_answered_with_what_there_is():
    with pytest.raises(
        ConfigError, match="S3GAN.g_lrr: no such parameter; S3GAN takes .*g_lr, .*rotated_batch_fraction"
    ):
        arguments(S3GAN, FRACTION, "S3GAN.g_lrr = 0.5")


@pytest.mark.parametrize(
    "target, binding, shown",
    [
        (Options, "options.batch_size = 'many'", "'many'"),
        (Options, "options.batch_size = 64.0", "64.0"),
        (Options, "options.batch_size = True", "True"),
        (Options, "options.lamba = '1'", "'1'"),
        (Options, "options.gan_class = 'S3GAN'", "'S3GAN'"),
        (S3GAN, "ModularGAN.conditional = 1", "1"),
        (S3GAN, "ModularGAN.g_optimizer_fn = 'adam'", "'adam'"),
        (S3GAN, "S3GAN.self_supervision = 'rotations'", "'rotations'"),
        (resnet_biggan.Generator, "G.batch_norm_fn = 'batch_norm'", "'batch_norm'"),
        (resnet_biggan.Generator, "resnet_biggan.Generator.ch = 'wide'", "'wide'"),
        (resnet_biggan.Generator, "resnet_biggan.Generator.blocks_with_attention = 4", "4"),
        (RunConfig, "run_config.schedule = 'evaluate'", "'evaluate'"),
    ],
)
def test_wrong_types_are_named_with_their_value(target, binding, shown):
    option = binding.split(" = ")[0]
    with pytest.raises(ConfigError) as caught:
        arguments(
            target, FRACTION, *COMPLETE, binding, **({"image_shape": (32, 32, 3)} if "Gen" in str(target) else {})
        )
    message = str(caught.value)
    assert message.startswith(f"{option}: expected ") and f"got {shown}" in message and "\n" not in message


def test_right_types_pass():
    values = arguments(Options, *COMPLETE, "options.lamba = 1")
    assert values["lamba"] == 1 and values["gan_class"] is S3GAN
    assert (
        arguments(S3GAN, FRACTION, "S3GAN.self_supervision = None", "ModularGAN.g_lr = 1")["self_supervision"] is None
    )
    assert arguments(StandardizeBatch, "standardize_batch.use_cross_replica_mean = None")


@pytest.mark.parametrize("missing", ["batch_size", "gan_class", "architecture", "training_steps"])
def test_required_values(missing):
    with pytest.raises(ConfigError, match=f"options.{missing}: no value is given"):
        arguments(Options, *(line for line in COMPLETE if missing not in line))
    with pytest.raises(ConfigError, match=f"options.{missing}: no value is given"):
        arguments(Options, *COMPLETE, f"options.{missing} = %gin.REQUIRED")


def test_required_value_of_a_gan():
    with pytest.raises(ConfigError, match="S3GAN.rotated_batch_fraction: no value is given"):
        arguments(S3GAN)


@pytest.mark.parametrize("option, value", [("batch_size", 0), ("z_dim", -1), ("disc_iters", 0), ("training_steps", 0)])
def test_counts_are_positive(option, value):
    configuration.parse([], [*COMPLETE, f"options.{option} = {value}"])
    with pytest.raises(ConfigError, match=f"options.{option}: expected at least 1, got {value}"):
        configuration.build(Options)


def test_scopes_are_refused():
    with pytest.raises(ConfigError, match=r"scopes have no effect here, got bindings under \['train'\]"):
        configuration.parse([], ["train/options.batch_size = 3"])


def test_macros():
    assert arguments(Options, *COMPLETE, "size = 32", "options.batch_size = %size")["batch_size"] == 32
    with pytest.raises(ConfigError):
        arguments(Options, *COMPLETE, "options.batch_size = %no_such_macro")


@pytest.mark.parametrize(
    "target, long, parameter, value",
    [
        (S3GAN, "compare_gan.gans.s3gan.S3GAN.g_lr", "g_lr", 0.5),
        (S3GAN, "compare_gan.gans.modular_gan.ModularGAN.g_lr", "g_lr", 0.5),
        (S3GAN, "modular_gan.ModularGAN.g_lr", "g_lr", 0.5),
        (Options, "compare_gan.runner_lib.options.batch_size", "batch_size", 32),
        (StandardizeBatch, "compare_gan.architectures.arch_ops.standardize_batch.decay", "decay", 0.5),
        (resnet_biggan.Generator, "compare_gan.architectures.resnet_biggan.Generator.ch", "ch", 8),
        (resnet_cifar.Generator, "compare_gan.architectures.abstract_arch.G.spectral_norm", "spectral_norm", True),
    ],
)
def test_long_selectors_of_old_files(target, long, parameter, value):
    explicit = {"image_shape": (32, 32, 3)} if "Gen" in str(target) else {}
    assert arguments(target, FRACTION, *COMPLETE, f"{long} = {value}", **explicit)[parameter] == value


def test_references_by_long_and_short_names():
    for name in ("hinge", "loss_lib.hinge", "compare_gan.gans.loss_lib.hinge"):
        assert arguments(Loss, f"loss.fn = @{name}")["fn"] is Hinge
    values = arguments(resnet_biggan.Generator, "G.batch_norm_fn = @batch_norm", image_shape=(32, 32, 3))
    assert values["batch_norm_fn"] is BatchNorm


def test_files_includes_and_search_paths(tmp_path):
    (tmp_path / "part.gin").write_text("options.batch_size = 16\noptions.z_dim = 4\n")
    (tmp_path / "whole.gin").write_text("include 'part.gin'\noptions.batch_size = 32\n")
    configuration.parse(["whole.gin"], [*COMPLETE[1:]], search_paths=[tmp_path])
    built = configuration.build(Options)
    assert (built.batch_size, built.z_dim, built.disc_iters) == (32, 4, 1)
    with pytest.raises(ConfigError, match="no_such_file.gin"):
        configuration.parse(["no_such_file.gin"], [])


def test_parsing_forgets_what_was_parsed_before():
    configuration.parse([], [*COMPLETE, "options.z_dim = 3"])
    configuration.build(Options)
    configuration.parse([], COMPLETE)
    assert configuration.build(Options).z_dim == 128
    assert configuration.resolved()["options.z_dim"] == "128"


def test_unused_bindings():
    configuration.parse([], [*COMPLETE, "size = 3", "S3GAN.g_lr = 0.5", "options.z_dim = %size", "loss.fn = @hinge"])
    configuration.build(Options)
    assert configuration.unused_bindings() == ["S3GAN.g_lr", "loss.fn"]


def test_resolved_text_parses_back_to_the_same_values():
    bindings = [
        *COMPLETE,
        FRACTION,
        "options.lamba = 1e-5",
        "ModularGAN.g_optimizer_fn = @tf.train.AdamOptimizer",
        "tf.train.AdamOptimizer.beta1 = 0.25",
        "ModularGAN.conditional = True",
        "S3GAN.self_supervision = None",
        "loss.fn = @hinge",
        "penalty.fn = @wgangp_penalty",
        "z.distribution_fn = @tf.random.normal",
        "standardize_batch.use_cross_replica_mean = False",
        "resnet_biggan.Generator.blocks_with_attention = ''",
        "run_config.tf_random_seed = 3",
    ]

    def everything():
        options = configuration.build(Options)
        gan = configuration.build(S3GAN, options=options, image_shape=(32, 32, 3), num_classes=10)
        network = configuration.arguments(resnet_biggan.Generator, image_shape=(32, 32, 3))
        parts = [configuration.build(c) for c in (RunConfig, StandingStatistics, StandardizeBatch, TrainingLatents)]
        plain = [
            dataclasses.asdict(part) if dataclasses.is_dataclass(part) else vars(part) for part in (options, *parts)
        ]
        return network, plain, gan.g_optimizer().beta_1, gan.loss, gan.penalty, gan.rotates, gan.rotated_batch_fraction

    configuration.parse([], bindings)
    values, text = everything(), configuration.resolved()
    assert text["S3GAN.conditional"] == "True" and text["S3GAN.g_optimizer_fn"] == "@AdamOptimizer"
    assert text["run_config.iterations_per_loop"] == "1000"  # defaults included
    configuration.parse([], [f"{name} = {value}" for name, value in text.items()])
    parsed_back = everything()
    assert parsed_back[0].items() >= values[0].items()  # what was a default is bound now
    assert parsed_back[1:] == values[1:]
    assert configuration.resolved() == text


def test_objects_that_no_file_can_hold_are_refused():
    with pytest.raises(ConfigError, match="S3GAN.g_lr: .* cannot be written to a .gin file"):
        arguments(S3GAN, FRACTION, g_lr=object())


def test_declared_names():
    assert configuration.selector(S3GAN) == "S3GAN"
    assert configuration.selector(resnet_biggan.Generator) == "resnet_biggan.Generator"
    assert configuration.is_bound(S3GAN, "g_lr") is False
    configuration.parse([], ["S3GAN.g_lr = 1"])
    assert configuration.is_bound(S3GAN, "g_lr") is True
    assert Options.__dataclass_fields__["batch_size"].default is REQUIRED
