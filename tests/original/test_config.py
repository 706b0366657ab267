"""`migrate config`: notes on an old file, and a new one that parses."""

import pytest
from support import tiny_run

from compare_gan2 import migrate
from compare_gan2.config.config_files import SHIPPED
from compare_gan2.config.configuration import parse
from compare_gan2.config.declare import gin_text, named
from compare_gan2.original.differences import NO_EFFECT

BIGGAN = """# An example of the original.
dataset.name = "imagenet_128"
options.architecture = "resnet_biggan_arch"
options.batch_size = 2048
options.gan_class = @ModularGAN
options.lamba = 1
options.training_steps = 250000
options.z_dim = 120

# Conditional.
options.disc_iters = 2
ModularGAN.conditional = True
ModularGAN.g_use_ema = True
weights.initializer = "orthogonal"
spectral_norm.singular_value = "auto"
G.batch_norm_fn = @conditional_batch_norm
G.spectral_norm = True
D.spectral_norm = True
loss.fn = @hinge
penalty.fn = @no_penalty
ModularGAN.g_lr = 0.0001
ModularGAN.g_optimizer_fn = @tf.train.AdamOptimizer
tf.train.AdamOptimizer.beta1 = 0.0
tf.train.AdamOptimizer.beta2 = 0.999
z.distribution_fn = @tf.random.normal
eval_z.distribution_fn = @tf.random.normal
"""


def migrated(text, tmp_path, capsys, code=0):
    """(printed lines, text of the new file or None, error) of the migration of a file with this text."""
    old, new = tmp_path / "old.gin", tmp_path / "new.gin"
    old.write_text(text)
    assert migrate.main(["config", f"--from={old}", f"--output={new}"]) == code
    printed = capsys.readouterr()
    return printed.out.splitlines(), new.read_text() if new.exists() else None, printed.err


def bound(text):
    """{`selector.parameter`: gin text of its value} of a file's text."""
    config, values = parse([], [text]), {}
    for binding in config.unused:
        name, _, parameter = binding.rpartition(".")
        (target,) = named(name)
        values[binding] = gin_text(config.bound_value(target, parameter))
    return values


def test_example_keeps_its_meaning_and_its_comments(tmp_path, capsys):
    printed, new, _ = migrated(BIGGAN, tmp_path, capsys)
    assert printed == [
        f"{tmp_path}/old.gin:7: options.training_steps: counts generator steps, as the original's code did: 500000 "
        "discriminator updates",
        f"{tmp_path}/new.gin: written; 22 of 23 statements need no note, see also docs/differences.md",
    ]
    lines = new.splitlines()
    assert lines[0].startswith("# old.gin of compare_gan, rewritten by ")
    assert [line for line in lines if not line.startswith("#:")][1:] == BIGGAN.splitlines()
    assert lines[lines.index("options.training_steps = 250000") - 1].startswith("#: counts generator steps")
    expected = bound(BIGGAN)
    assert bound(new) == expected and len(expected) == 23


# A line in the old file: (beginning of its note, line in the new file).
STATEMENTS = {
    "import gin.tf.external_configurables": ("not needed", "# import gin.tf.external_configurables"),
    "weights.stddev = 0.1": ("no effect: kernels start", "# weights.stddev = 0.1"),
    "options.discriminator_normalization = None": ("no effect", "# options.discriminator_normalization = None"),
    "tf.train.AdamOptimizer.learning_rate = 1.0": ("no effect", "# tf.train.AdamOptimizer.learning_rate = 1.0"),
    "AdamOptimizer.use_locking = False": ("no effect", "# AdamOptimizer.use_locking = False"),
    "normal.stddev = 2.0": ("no effect", "# normal.stddev = 2.0"),
    "resnet_biggan_deep.Discriminator.blocks_with_attention = 'B1'": (
        "no effect",
        "# resnet_biggan_deep.Discriminator.blocks_with_attention = 'B1'",
    ),
    "evaluation/z.stddev = 3.0": ("no effect: nothing runs in the scope evaluation", "# evaluation/z.stddev = 3.0"),
    "z.minval = 0.0": ("scores draw latents from eval_z", "z.minval = 0.0"),
    "dataset.seed = 547": ("fixes the order of the images", "dataset.seed = 547"),
    "run_config.tf_random_seed = None": ("None counts as 0", "run_config.tf_random_seed = None"),
    "standardize_batch.use_cross_replica_mean = None": (
        "None shares moments on all devices",
        "standardize_batch.use_cross_replica_mean = None",
    ),
    "cross_replica_moments.group_size = 4": (
        "moments are shared by all replicas",
        "cross_replica_moments.group_size = None",
    ),
    "SSGAN.self_supervision = 'rotation_only'": ("the other losses", "SSGAN.self_supervision = 'rotation_only'"),
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statement_gets_its_note(statement, tmp_path, capsys):
    note, line = STATEMENTS[statement]
    printed, new, _ = migrated(f"options.batch_size = 4\n\n{statement}\n", tmp_path, capsys)
    assert len(printed) == 2 and printed[0].startswith(f"{tmp_path}/old.gin:3: ")
    assert f": {note}" in printed[0]
    lines = new.splitlines()
    assert lines[-1] == line and "options.batch_size = 4" in lines
    assert lines[lines.index("") + 1].startswith(f"#: {note}")
    parse([], [new])


# Bindings together: (the one that gets the note, beginning of the note, lines that the new file has).
TOGETHER = {
    "labels of rotated fakes": (
        "options.gan_class = @SSGAN\nModularGAN.conditional = True",
        "options.gan_class",
        "rotated copies of fakes carry their own labels",
        ["#: SSGAN.rotated_fakes_take_real_labels = True"],
    ),
    "penalty of S3GAN": (
        "options.gan_class = @S3GAN\nS3GAN.conditional = True\npenalty.fn = @wgangp_penalty",
        "penalty.fn",
        "no effect: S3GAN adds no penalty",
        ["# penalty.fn = @wgangp_penalty"],
    ),
    "S3GAN without labels": ("options.gan_class = @S3GAN", "options.gan_class", "S3GAN needs ModularGAN.cond", []),
    "labels projected twice": (
        "options.architecture = 'resnet_biggan_arch'\noptions.gan_class = @S3GAN\nModularGAN.conditional = True\n"
        "S3GAN.project_y = True",
        "S3GAN.project_y",
        "labels are projected twice",
        [],
    ),
    "attention after no block": (
        "dataset.name = 'cifar10'\nresnet_biggan.Generator.blocks_with_attention = 'B2, B4'",
        "resnet_biggan.Generator.blocks_with_attention",
        "blocks that do not exist are refused; at 32x32 there are ['B1', 'B2', 'B3']",
        [
            "# resnet_biggan.Generator.blocks_with_attention = 'B2, B4'",
            "resnet_biggan.Generator.blocks_with_attention = 'B2'",
        ],
    ),
    "split calls": (
        "options.gan_class = @SSGAN\nModularGAN.deprecated_split_disc_calls = True",
        "ModularGAN.deprecated_split_disc_calls",
        "refused: SSGAN calls the discriminator once",
        [],
    ),
    "deprecated option": (
        "options.gan_class = @ModularGAN\nModularGAN.deprecated_split_disc_calls = True",
        "ModularGAN.deprecated_split_disc_calls",
        "deprecated in the original, and works",
        [],
    ),
    "joint generation": (
        "ModularGAN.experimental_joint_gen_for_disc = True",
        "ModularGAN.experimental_joint_gen_for_disc",
        "refused off TPUs",
        [],
    ),
    "penalty with batch norm": (
        "D.batch_norm_fn = @batch_norm\npenalty.fn = @dragan_penalty",
        "D.batch_norm_fn",
        "the generator's update no longer runs the penalty",
        [],
    ),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_bindings_get_their_note_together(name, tmp_path, capsys):
    text, binding, note, lines = TOGETHER[name]
    printed, new, _ = migrated(text + "\n", tmp_path, capsys)
    assert len(printed) == 2 and f" {binding}: {note}" in printed[0]
    assert set(lines) <= set(new.splitlines())
    parse([], [new])


@pytest.mark.parametrize(
    "text",
    [
        "options.gan_class = @SSGAN",
        "options.gan_class = @S3GAN\nModularGAN.conditional = True\npenalty.fn = @no_penalty",
        "options.architecture = 'resnet_biggan_arch'\noptions.gan_class = @S3GAN\nModularGAN.conditional = True\n"
        "S3GAN.project_y = True\nresnet_biggan.Discriminator.project_y = False",
        "dataset.name = 'imagenet_128'\nresnet_biggan.Generator.blocks_with_attention = 'B4'",
        "penalty.fn = @dragan_penalty\nD.batch_norm_fn = @no_batch_norm",
        "z.stddev = 2.0\neval_z.stddev = 2.0",
        "options.training_steps = 5\noptions.disc_iters = 1",
    ],
)
def test_what_means_the_same_gets_no_note(text, tmp_path, capsys):
    printed, _, _ = migrated(text + "\n", tmp_path, capsys)
    assert len(printed) == 1


def test_long_names_macros_and_values_over_several_lines(tmp_path, capsys):
    text = """width = 8
compare_gan.architectures.arch_ops.weights.stddev = (
    # a comment
    0.1
)
# The widths.
compare_gan.architectures.resnet_biggan.Generator.ch = %width
penalty.fn = @compare_gan.gans.penalty_lib.l2_penalty  # kept
"""
    printed, new, _ = migrated(text, tmp_path, capsys)
    assert f"{tmp_path}/old.gin:2: weights.stddev: no effect" in printed[0]
    assert "# compare_gan.architectures.arch_ops.weights.stddev = (\n#     # a comment\n#     0.1\n# )\n# The w" in new
    assert bound(new)["resnet_biggan.Generator.ch"] == "8"


def test_unknown_names_are_all_listed_with_the_nearest(tmp_path, capsys):
    text = """options.batchsize = 4
ModularGan.g_lr = 1.0
options.gan_class = @S3GANN
options.architecture = "resnet_big_arch"
dataset.name = "imagenet128"
G.batch_norm_fn = @train/batch_norm
Generator.ch = 8
"""
    _, new, error = migrated(text, tmp_path, capsys, code=2)
    assert new is None
    for line in (
        "line 1: options.batchsize: no such parameter; did you mean batch_size?",
        "line 2: ModularGan: no such name; did you mean ModularGAN",
        "line 3: S3GANN: no such name; did you mean S3GAN",
        "line 4: options.architecture: no 'resnet_big_arch' here; did you mean resnet_biggan_arch",
        "line 5: dataset.name: no 'imagenet128' here; did you mean imagenet_128",
        "line 6: @train/batch_norm: scopes are refused here",
        "line 7: Generator: ambiguous, it may be ",
    ):
        assert f"\n  {line}" in error


def test_files_are_never_overwritten_and_wrong_ones_refused(tmp_path, capsys):
    (tmp_path / "new.gin").write_text("mine")
    assert migrated("options.batch_size = 4\n", tmp_path, capsys, code=2)[1] == "mine"
    assert migrate.main(["config", f"--from={tmp_path}/old.gin"]) == 0
    assert (tmp_path / "old.new.gin").read_text().endswith("options.batch_size = 4\n")
    assert migrate.main(["config", f"--from={tmp_path}/old.gin"]) == 2
    assert f"--output: {tmp_path}/old.new.gin exists" in capsys.readouterr().err
    (tmp_path / "new.gin").unlink()
    for text in ("options.batch_size = = 4\n", "options.batch_size 4\n", "options.batch_size = (4\n", "a.b.c/d = 1\n"):
        _, new, error = migrated(text, tmp_path, capsys, code=2)
        assert new is None and error.startswith("error: --from: ") and "Traceback" not in error
    (tmp_path / "old.gin").write_bytes(b"\xff\xfe\x00")
    assert migrate.main(["config", f"--from={tmp_path}/old.gin"]) == 2
    assert migrate.main(["config", f"--from={tmp_path}/absent.gin"]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_empty_file_and_file_that_includes(tmp_path, capsys):
    assert len(migrated("# nothing\n", tmp_path, capsys)[0]) == 1
    (tmp_path / "new.gin").unlink()
    printed, new, _ = migrated("include 'parts/biggan.gin'\n", tmp_path, capsys)
    assert "the included file stays as it is" in printed[0] and "\ninclude 'parts/biggan.gin'\n" in new


def test_our_own_files_need_no_change():
    paths = sorted((SHIPPED / "parts").glob("*.gin"))
    assert len(paths) > 5
    for path in paths:
        assert bound(path.read_text()) is not None


def test_what_has_no_effect_is_on_the_page_of_differences():
    page = (tiny_run.ROOT / "docs" / "differences.md").read_text()
    for name in ("weights.stddev", "options.discriminator_normalization", "blocks_with_attention"):
        assert name in page and any(binding.endswith(name) for binding in NO_EFFECT)
    assert "SSGAN.rotated_fakes_take_real_labels" in page
