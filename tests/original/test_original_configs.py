"""Configuration files of the original run unmodified, through the real command line, on fake data."""

import pathlib

import pytest
import tensorflow as tf
from support import tiny_run

from compare_gan2 import main
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps

pytestmark = pytest.mark.usefixtures("unoptimized")
FOLDER = pathlib.Path(__file__).parent / "configs"
EXAMPLES = ["biggan_imagenet128", "dcgan_celeba64", "resnet_cifar10", "resnet_lsun-bedroom128", "sndcgan_celebahq128"]
STEPS = 2
# Most of a minute of tracing each.
SLOW = {"biggan_imagenet128", "resnet_cifar10", "resnet_lsun-bedroom128"}
# To save memory and minutes. Three of the architectures have a fixed width in the original.
SMALLER = {
    "biggan_imagenet128": [
        *("resnet_biggan.Generator.ch = 8", "resnet_biggan.Discriminator.ch = 8"),
        "options.disc_iters = 1",
    ],
    "operative_config-0": [
        *("resnet_biggan.Generator.ch = 8", "resnet_biggan.Discriminator.ch = 8"),
        "options.disc_iters = 1",
    ],
    "dcgan_celeba64": ["dcgan.Generator.ch = 8", "dcgan.Discriminator.ch = 8"],
    "resnet_lsun-bedroom128": [
        *("resnet5.Generator.ch = 4", "resnet5.Discriminator.ch = 4"),
        "options.disc_iters = 1",  # the five of the file trace five times as long
    ],
    "resnet_cifar10": ["options.disc_iters = 2"],
    "sndcgan_celebahq128": ["sndcgan.Generator.ch = 8", "sndcgan.Discriminator.ch = 8"],
}
SHORT = [
    "options.batch_size = 8",
    f"options.training_steps = {STEPS}",
    f"run_config.iterations_per_loop = {STEPS}",
    "run_config.single_core = True",
    "standing_statistics.num_samples = 64",
    "watchdog.enabled = False",  # which traces another copy of the discriminator
]


def train(name, folder, *flags):
    bound = [f"--gin_bindings={binding}" for binding in (*SHORT, *SMALLER.get(name, ()))]
    given = [f"--gin_config={FOLDER / name}.gin", f"--model_dir={folder}", "--data_fake_dataset"]
    return main.main([*given, *bound, *flags])


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in EXAMPLES],
)
def test_file_of_the_original_trains(name, tmp_path, capsys):
    assert train(name, tmp_path) == 0, capsys.readouterr().err
    assert checkpoint_steps(tmp_path) == [0, STEPS] and tiny_run.rows(tmp_path) == STEPS
    assert "bound but not used" not in capsys.readouterr().out
    saved = tf.train.load_checkpoint(str(tmp_path / f"model.ckpt-{STEPS}"))
    bindings = [*SHORT, *SMALLER.get(name, ())]
    counters = [saved.get_tensor(f"{n}/.ATTRIBUTES/VARIABLE_VALUE") for n in ("global_step", "global_step_disc")]
    assert counters == [STEPS, STEPS * parse([FOLDER / f"{name}.gin"], bindings).build(Options).disc_iters]


def test_an_operative_config_of_the_original_would_train(tmp_path, capsys):
    assert train("operative_config-0", tmp_path / "run", "--dry_run") == 0, capsys.readouterr().err
    output = capsys.readouterr().out
    assert "networks: " in output and "bound but not used" not in output


@pytest.mark.parametrize("name", [*EXAMPLES, "prefixed"])
def test_every_binding_reaches_its_place(name):
    lines = [line for line in (FOLDER / f"{name}.gin").read_text().splitlines() if " = " in line]
    assert len(parse([FOLDER / f"{name}.gin"]).bound_names) == len(lines) > 14


def test_a_wrong_name_in_an_old_file_is_still_refused(tmp_path, capsys):
    (tmp_path / "old.gin").write_text(
        (FOLDER / "dcgan_celeba64.gin").read_text() + "ModularGAN.g_learning_rate = 1.0\n"
    )
    command = [f"--gin_config={tmp_path}/old.gin", f"--model_dir={tmp_path}/run", "--data_fake_dataset"]
    assert main.main(command) == 2
    assert "g_learning_rate" in capsys.readouterr().err and not (tmp_path / "run").exists()
