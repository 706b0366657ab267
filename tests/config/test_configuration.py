import concurrent.futures
import dataclasses
import sys

import gin
import pytest

from compare_gan2.architectures import resnet_biggan, resnet_cifar
from compare_gan2.config.configuration import parse
from compare_gan2.config.declare import REQUIRED, gin_text, selector
from compare_gan2.config.run_options import Options, RunConfig, StandingStatistics
from compare_gan2.datasets.latents import TrainingLatents
from compare_gan2.gans.losses import Hinge, LeastSquares, Loss, Wasserstein
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.gans.ssgan import SSGAN
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.normalization import BatchNorm, StandardizeBatch

COMPLETE = [
    "options.batch_size = 64",
    "options.gan_class = @S3GAN",
    "options.architecture = 'resnet_biggan_arch'",
    "options.training_steps = 10",
]
FRACTION = "S3GAN.rotated_batch_fraction = 4"


def arguments(target, *bindings, **explicit):
    return parse([], bindings).arguments(target, **explicit)


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
    with pytest.raises(ConfigError, match="^--gin_bindings: 'loss.fn =': expected a value"):
        parse([], ["loss.fn = @hinge", "loss.fn = "])
    with pytest.raises(ConfigError, match="^--gin_bindings: expected a value as Python writes it"):
        parse([], ["study.seeds = [0, 1"])
    with pytest.raises(ConfigError, match="expected a value as Python writes it, texts in quotes"):
        parse([], ["folder.path = good64"])
    with pytest.raises(ConfigError, match="^bindings: 'labels.fraction 0.05': expected NAME.PARAMETER = VALUE$"):
        parse([], ["labels.fraction 0.05"], "bindings")
    with pytest.raises(
        ConfigError, match="^loss.fn: expected a value that a .gin file can hold, got one of type object"
    ):
        parse([], {"loss.fn": object()})
    assert parse([], {"loss.fn": Hinge}).build(Loss).fn is Hinge


def test_a_typo_is_answered_with_what_there_is():
    takes = "S3GAN takes .*g_lr, .*rotated_batch_fraction"
    with pytest.raises(ConfigError, match=f"S3GAN.g_lrr: no such parameter; did you mean g_lr.*; {takes}"):
        arguments(S3GAN, FRACTION, "S3GAN.g_lrr = 0.5")


@pytest.mark.parametrize(
    "binding, hint",
    [
        ("optoins.batch_size = 3", "did you mean options"),
        ("options.batchsize = 3", "did you mean batch_size"),
        ("loss.fn = @hingee", "did you mean hinge"),
        ("ModularGan.g_lr = 3", "did you mean ModularGAN"),
    ],
)
def test_the_nearest_name_is_suggested(binding, hint):
    with pytest.raises(ConfigError, match=hint):
        parse([], [binding])


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
    config = parse([], [*COMPLETE, f"options.{option} = {value}"])
    with pytest.raises(ConfigError, match=f"options.{option}: expected a whole number from 1 to [0-9]+, got {value}"):
        config.build(Options)


def test_scopes_are_refused():
    with pytest.raises(ConfigError, match=r"scopes have no effect here, got bindings under \['train'\]"):
        parse([], ["train/options.batch_size = 3"])


def test_macros():
    assert arguments(Options, *COMPLETE, "size = 32", "options.batch_size = %size")["batch_size"] == 32
    assert arguments(Options, *COMPLETE, "options.batch_size = %size", "size = 32")["batch_size"] == 32  # in any order
    nested = ["size = 16", "same = %size", "options.z_dim = %same"]
    assert arguments(Options, *COMPLETE, *nested)["z_dim"] == 16
    with pytest.raises(ConfigError, match="options.batch_size: .*%no_such_macro"):
        arguments(Options, *COMPLETE, "options.batch_size = %no_such_macro")
    with pytest.raises(ConfigError, match="options.z_dim: the macro %(one|two) has no value"):
        arguments(Options, *COMPLETE, "one = %two", "two = %one", "options.z_dim = %one")


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


def test_two_configurations_side_by_side():
    first = parse([], [*COMPLETE, FRACTION, "options.z_dim = 3", "ModularGAN.g_lr = 0.5"])
    second = parse([], COMPLETE)
    assert first.build(Options).z_dim == 3 and second.build(Options).z_dim == 128
    assert first.record["options.z_dim"] == "3" and second.record["options.z_dim"] == "128"
    assert first.arguments(S3GAN)["g_lr"] == 0.5
    assert not any(name.startswith("S3GAN.") for name in second.record)
    assert first.unused == [] and second.unused == []


def test_what_is_parsed_stays_out_of_gins_own_store():
    before = gin.config_str()
    with gin.unlock_config():
        gin.bind_parameter("standing_statistics.num_samples", 7)
    mine = gin.config_str()
    assert mine != before
    try:
        assert parse([], COMPLETE).build(StandingStatistics).num_samples == 204800
        with pytest.raises(ConfigError):
            parse([], ["options.batch_size = "])
        assert gin.config_str() == mine
    finally:
        gin.clear_config()


def test_threads_do_not_mix_their_bindings():
    def sizes(size):
        return {parse([], [*COMPLETE, f"options.batch_size = {size}"]).build(Options).batch_size for _ in range(20)}

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(sizes, range(1, 5))) == [{1}, {2}, {3}, {4}]


def test_unused_bindings():
    config = parse([], [*COMPLETE, "size = 3", "S3GAN.g_lr = 0.5", "options.z_dim = %size", "loss.fn = @hinge"])
    config.build(Options)
    assert config.unused == ["S3GAN.g_lr", "loss.fn"]
    config.build(Loss)
    assert config.unused == ["S3GAN.g_lr"]


def test_lists_hold_references():
    config = parse([], ["three = [@hinge, [@wasserstein], {'a': @least_squares}]", "loss.fn = %three"])
    found = config.bound_value(Loss, "fn")
    assert found == [Hinge, [Wasserstein], {"a": LeastSquares}]
    with pytest.raises(ConfigError, match="loss.fn: expected one of @hinge"):
        config.build(Loss)
    assert gin_text([Hinge, Wasserstein]) == "[@hinge, @wasserstein]"


def test_references_with_parentheses_are_recorded_as_such():
    given = ["ModularGAN.regularizers = [@lecam(), @orthogonal()]", "lecam.weight = 0.5"]
    config = parse([], given)
    made = config.arguments(ModularGAN)["regularizers"]
    assert [type(regularizer).__name__ for regularizer in made] == ["LeCam", "Orthogonal"] and made[0].weight == 0.5
    assert config.record["ModularGAN.regularizers"] == "[@lecam(), @orthogonal()]"
    assert config.record["lecam.weight"] == "0.5" and config.unused == []
    assert parse([], config.record).record == {}  # it parses again


def test_a_reference_to_a_function_carries_its_bindings():
    bindings = ["ModularGAN.g_optimizer_fn = @tf.train.AdamOptimizer", "AdamOptimizer.beta1 = 0.25"]
    config = parse([], [*COMPLETE, FRACTION, *bindings])
    assert config.arguments(S3GAN)["g_optimizer_fn"](0.1).beta_1 == 0.25
    assert config.record["AdamOptimizer.beta1"] == "0.25" and config.unused == [
        f"options.{name}" for name in ("architecture", "batch_size", "gan_class", "training_steps")
    ]


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

    def everything(config):
        options = config.build(Options)
        spec = model_spec(config, options, image_shape=(32, 32, 3), num_classes=10)
        gan = spec.make()
        network = config.arguments(resnet_biggan.Generator, image_shape=(32, 32, 3))
        parts = [config.build(c) for c in (RunConfig, StandingStatistics, StandardizeBatch, TrainingLatents)]
        plain = [
            dataclasses.asdict(part) if dataclasses.is_dataclass(part) else vars(part) for part in (options, *parts)
        ]
        beta = gan.make_optimizers()[0].beta_1
        return network, plain, beta, gan.loss, gan.penalty, gan.rotates, gan.rotated_batch_fraction

    first = parse([], bindings)
    values, text = everything(first), first.record
    assert text["S3GAN.conditional"] == "True" and text["S3GAN.g_optimizer_fn"] == "@AdamOptimizer"
    assert text["run_config.iterations_per_loop"] == "1000"  # defaults included
    assert first.defaults["run_config.tf_random_seed"] == "None" and "options.batch_size" not in first.defaults
    second = parse([], [f"{name} = {value}" for name, value in text.items()])
    parsed_back = everything(second)
    assert parsed_back[0].items() >= values[0].items()  # what was a default is bound now
    assert parsed_back[1:] == values[1:]
    assert second.record == text and second.defaults == first.defaults


def test_a_line_without_a_dot_is_a_macro_that_some_value_refers_to():
    with pytest.raises(ConfigError, match=r"fraction: expected selector\.parameter.*did you mean labels\.fraction"):
        parse([], ["fraction = 0.05"])
    with pytest.raises(ConfigError, match="no_such_thing: expected selector"):
        parse([], ["options.z_dim = %SIZE", "SIZE = 3", "no_such_thing = 1"])
    assert parse([], ["nested = [%SIZE]", "options.z_dim = %nested", "SIZE = 3"]).is_bound(Options, "z_dim")


def test_objects_that_no_file_can_hold_are_refused():
    with pytest.raises(ConfigError, match="S3GAN.g_lr: .* cannot be written to a .gin file"):
        arguments(S3GAN, FRACTION, g_lr=object())


def test_declared_names():
    assert selector(S3GAN) == "S3GAN"
    assert selector(resnet_biggan.Generator) == "resnet_biggan.Generator"
    assert parse().is_bound(S3GAN, "g_lr") is False
    assert parse([], ["S3GAN.g_lr = 1"]).is_bound(S3GAN, "g_lr") is True
    assert parse([], ["S3GAN.g_lr = 1"]).bound_names == ["S3GAN.g_lr"]
    assert Options.__dataclass_fields__["batch_size"].default is REQUIRED


def test_text_is_the_same_for_the_same_bindings(tmp_path):
    (tmp_path / "a.gin").write_text("# a comment\noptions.z_dim = 3\n\noptions.batch_size = 4\n")
    from_file = parse([tmp_path / "a.gin"])
    assert from_file.text == parse([], ["options.batch_size = 4", "options.z_dim = 5", "options.z_dim = 3"]).text
    assert from_file.text != parse([], ["options.batch_size = 4"]).text


def test_modules_of_ones_own_are_imported_and_recorded(tmp_path, monkeypatch):
    (tmp_path / "declares_for_test.py").write_text(
        "from compare_gan2.config.declare import configurable\n"
        "@configurable('thing_for_test', module='declares_for_test')\n"
        "def thing(power: float = 1.0):\n"
        "    return power\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    imports = ["import declares_for_test", "import gin.tf.external_configurables"]
    config = parse([], [*imports, "thing_for_test.power = 2.0"])
    assert config.imports == imports
    assert config.build(sys.modules["declares_for_test"].thing) == 2.0
    assert "gin.tf.external_configurables" not in sys.modules
