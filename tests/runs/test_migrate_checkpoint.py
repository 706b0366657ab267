"""`migrate checkpoint`: a checkpoint of the original becomes a run that is resumed, sampled and scored."""

import numpy as np
import pytest
from support import original_files, tiny_run
from support.goldens import GOLDENS, recorded_case

from compare_gan2 import migrate
from compare_gan2.config.configuration import parse
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.original.conformance import FORWARD_TOLERANCE, relative_error
from compare_gan2.original.recorded_cases import recorded_inputs
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.run_folder.scores import ScoresFile
from compare_gan2.runs.load_run import load_sampler
from compare_gan2.runs.settings import CommandOptions, read_settings
from compare_gan2.runs.train_and_score import prepare

NAME = "tf1_checkpoint_s3gan"
SSGAN = [
    "--gin_config=mnist_5k/ssgan.gin",
    "--gin_bindings=options.training_steps = 4",
    "--gin_bindings=resnet_biggan.Generator.ch = 4",
    "--gin_bindings=resnet_biggan.Discriminator.ch = 4",
    "--gin_bindings=standing_statistics.num_samples = 64",
    "--gin_bindings=run_config.single_core = True",
]


@pytest.fixture
def case():
    return recorded_case(NAME)


def command(case, model_dir, *more):
    """Command that migrates the recorded checkpoint, on one device unless a further binding says otherwise."""
    small = ("standing_statistics.num_samples = 64", "run_config.single_core = True")
    bindings = (*case["bindings"], "dataset.name = 'cifar10'", *small, *more)
    texts = [f"--gin_bindings={binding}" for binding in bindings]
    return ["checkpoint", f"--from={GOLDENS / case['checkpoint']}", f"--model_dir={model_dir}", *texts]


def run_main(migration, *more):
    """`tiny_run.Result` of `main` in the folder, and with the configuration, that a migration had."""
    return tiny_run.command(*(a for a in migration[1:] if not a.startswith("--from=")), *more)


def migrated_values(model_dir, step):
    """{name in the original: array} of a native checkpoint."""
    values = tiny_run.values(model_dir, step)
    return {name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE").replace(".S", "/"): values[name] for name in values}


def test_checkpoint_becomes_a_run_that_is_resumed(case, tmp_path, capsys):
    migration = command(case, tmp_path / "run", "options.training_steps = 4")
    assert migrate.main(migration) == 0
    output = capsys.readouterr()
    assert "model.ckpt-3: resume it with compare_gan2 train" in output.out and not output.err
    result = run_main(migration, "--data_fake_dataset")
    assert result.code == 0, result.err
    assert "resumes from step 3" in result.out and checkpoint_steps(tmp_path / "run") == [3, 4]


def test_every_value_of_the_checkpoint_is_there_on_two_devices(case, tmp_path):
    migration = command(case, tmp_path / "run", "S3GAN.rotated_batch_fraction = 1", "run_config.single_core = False")
    assert migrate.main(migration) == 0
    there = original_files.read_checkpoint(GOLDENS / case["checkpoint"])
    here = migrated_values(tmp_path / "run", 3)
    slots = {name for name in there if name.endswith(("_opt", "_opt_1"))}
    shared = {name for name in there if not name.endswith(("_power", "update_accus"))} - slots
    assert len(shared) == 72 + 44 + 21 + 42 + 2  # trained, spectral norm, accumulators, averages, counters
    for name in shared:
        np.testing.assert_array_equal(here[name], there[name], err_msg=name)
    assert len(slots) == 2 * 72
    for name in slots:
        variable, _, slot = name.rpartition("/")
        optimizer, moment = slot[:5], "velocity" if slot.endswith("_1") else "momentum"
        np.testing.assert_array_equal(
            here[f"{optimizer}/{variable.replace('/', '_')}_{moment}"], there[name], err_msg=name
        )
    assert here["g_opt/iteration"] == here["d_opt/iteration"] == 3


def test_sampler_of_the_migrated_run_gives_the_images_of_the_original(case, tmp_path):
    assert migrate.main(command(case, tmp_path / "run")) == 0
    sampler = load_sampler(tmp_path / "run")
    assert sampler.weights == "ema"
    there = original_files.read_checkpoint(GOLDENS / case["checkpoint"])
    for variable in sampler.generator.variables:
        if "/accu/" in variable.path:  # the probe has those of the checkpoint, a sampler fills them again
            assert variable.shape == () or not np.array_equal(variable, there[variable.path])
            variable.assign(there[variable.path])
    inputs = recorded_inputs(case["probe_inputs"], 0, case["batch"], sampler.gan, case["num_classes"])
    images = sampler.generator(inputs["latents"], sampler._vectors(inputs["labels"]), training=False)
    expected = np.load(GOLDENS / case["probe"])["generated_ema"]
    assert relative_error(images, expected) < FORWARD_TOLERANCE


@pytest.fixture
def ssgan(tmp_path):
    """Command that migrates a made-up checkpoint of a small SSGAN at step 4."""
    config = parse(*migration_of(SSGAN))
    settings = read_settings(config, CommandOptions(model_dir=str(tmp_path / "never"), data_fake_dataset=True))
    with reproducible(settings.seed):
        values = original_files.values_of(prepare(config, settings).model.state, step=4)
    source = original_files.write_checkpoint(tmp_path / "old" / "model.ckpt-4", values)
    return ["checkpoint", f"--from={source}", f"--model_dir={tmp_path / 'run'}", *SSGAN]


def migration_of(arguments):
    """(files, bindings) of command-line arguments."""
    named = [argument[2:].partition("=") for argument in arguments]
    return [[value for name, _, value in named if name == wanted] for wanted in ("gin_config", "gin_bindings")]


def test_migrated_run_is_scored_at_once(ssgan, tmp_path):
    assert migrate.main(ssgan) == 0
    result = run_main(ssgan, "--schedule=eval_after_train", "--eval_every_steps=0", "--num_eval_averaging_runs=1")
    assert result.code == 0, result.err
    rows = ScoresFile(tmp_path / "run" / "scores.csv").read()
    assert [(row.step, row.metric, row.weights) for row in rows] == [(4, "fid", "ema"), (4, "classifier_score", "ema")]
    assert all(np.isfinite(row.value) for row in rows)
    assert checkpoint_steps(tmp_path / "run") == [4]
    again = run_main(ssgan, "--schedule=eval_after_train", "--eval_every_steps=0", "--num_eval_averaging_runs=1")
    assert again.code == 0 and "nothing left to do" in again.out


def test_first_session_decides_about_the_data_and_other_configurations_are_refused(ssgan, tmp_path):
    assert migrate.main(ssgan) == 0
    other = run_main(ssgan, "--data_fake_dataset", "--gin_bindings=ModularGAN.g_lr = 0.5")
    assert other.code == 2 and "SSGAN.g_lr was 0.0002, now 0.5" in other.err
    assert "--data_fake_dataset" not in ModelDirectory(tmp_path / "run").recorded()
    assert run_main(ssgan, "--data_fake_dataset", "--schedule=train").code == 0
    real = run_main(ssgan)
    assert real.code == 2 and "--data_fake_dataset was True, now False" in real.err


def test_what_does_not_fit_is_listed_and_nothing_is_written(case, tmp_path, capsys):
    assert migrate.main(command(case, tmp_path / "run", "resnet_biggan.Generator.ch = 4")) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: --from: ") and "Traceback" not in message
    assert "\n  generator/final_conv/kernel: expected (3, 3, 16, 3), found (3, 3, 32, 3)\n" in message
    assert not (tmp_path / "run").exists()


def test_averages_without_a_place_are_listed(case, tmp_path, capsys):
    assert migrate.main(command(case, tmp_path / "run", "ModularGAN.g_use_ema = False")) == 2
    expected = "final_conv/bias/ExponentialMovingAverage: expected none, found (3,)"
    assert expected in capsys.readouterr().err


def test_other_number_of_discriminator_steps_is_said(case, tmp_path, capsys):
    assert migrate.main(command(case, tmp_path / "run", "options.disc_iters = 2")) == 0
    assert "3 discriminator updates in 3 steps, where options.disc_iters = 2 makes 6" in capsys.readouterr().out


def test_suffixes_of_a_checkpoint_do_not_matter(ssgan, tmp_path):
    assert migrate.main([a + ".index" if a.startswith("--from") else a for a in ssgan]) == 0
    assert checkpoint_steps(tmp_path / "run") == [4]


def test_missing_or_damaged_checkpoint_and_taken_folder_are_refused(ssgan, tmp_path, capsys):
    assert migrate.main([argument.replace("model.ckpt-4", "model.ckpt-9") for argument in ssgan]) == 2
    assert "model.ckpt-9" in capsys.readouterr().err
    (data,) = (tmp_path / "old").glob("*.data*")
    whole = data.read_bytes()
    data.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert migrate.main(ssgan) == 2
    assert "model.ckpt-4 cannot be read: " in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.ckpt-1.index").touch()
    assert migrate.main(ssgan) == 2
    assert "holds checkpoints already" in capsys.readouterr().err
