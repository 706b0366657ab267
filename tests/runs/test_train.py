"""`compare_gan2.train` as a library: two configurations in one process, silent, and nothing global left behind."""

import contextlib
import random

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from support import tiny_run
from tensorflow.python.framework import config as framework

import compare_gan2
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.runs.load import as_lines

TINY = tiny_run.BINDINGS | {
    "options.training_steps": 2,
    "run_config.save_checkpoints_steps": 1,
    "evaluation.num_real": 50,
    "evaluation.num_fake": 50,
    "options.architecture": "dcgan_arch",  # which is traced quickly
    "dcgan.Generator.ch": 4,
    "dcgan.Discriminator.ch": 4,
}
OF_ANOTHER = {
    "options.gan_class": "@ModularGAN",
    "G.spectral_norm": False,
    "loss.fn": "@wasserstein",
    "run_config.tf_random_seed": 7,
}


def state_of_the_process():
    """What a run might leave behind."""
    return {
        "gin": gin.config_str(),
        "random": random.getstate(),
        "numpy": [np.asarray(part).tolist() for part in np.random.get_state()],
        "determinism": framework.is_op_determinism_enabled(),
        "dtype": keras.config.dtype_policy().name,
        "strategy": tf.distribute.has_strategy(),
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """({name: `FinishedRun`} of two configurations, what was printed, the process before and after)."""
    folder, before = tmp_path_factory.mktemp("library"), state_of_the_process()
    out, err = tmp_path_factory.mktemp("printed") / "out", tmp_path_factory.mktemp("printed") / "err"
    with open(out, "w") as out_file, open(err, "w") as err_file:
        with contextlib.redirect_stdout(out_file), contextlib.redirect_stderr(err_file):
            made = {
                "s3gan": compare_gan2.train(
                    "s3gan.gin",
                    TINY,
                    model_dir=folder / "s3gan",
                    metrics=["fid"],
                    num_eval_averaging_runs=1,
                    eval_every_steps=2,
                ),
                "modular": compare_gan2.train(
                    ["s3gan.gin"], TINY | OF_ANOTHER, model_dir=str(folder / "modular"), schedule="train"
                ),
            }
    return made, out.read_text() + err.read_text(), before, state_of_the_process()


def test_both_runs_are_there(runs):
    made = runs[0]
    assert repr(made["s3gan"]) == f"FinishedRun({str(made['s3gan'].folder)!r}, step=2)"
    for name, run in made.items():
        assert run.folder.name == name and run.step == 2 and checkpoint_steps(run.folder) == [0, 1, 2]
    assert [(score.step, score.metric, score.num_runs) for score in made["s3gan"].scores] == [(2, "fid", 1)]
    assert np.isfinite(made["s3gan"].scores[0].value) and made["modular"].scores == []
    recorded = (made["modular"].folder / "operative_config-0.gin").read_text()
    assert "loss.fn = @wasserstein" in recorded and "S3GAN" not in recorded
    assert "loss.fn = @hinge" in (made["s3gan"].folder / "operative_config-0.gin").read_text()


def test_nothing_is_printed(runs):
    assert runs[1] == ""


def test_nothing_global_is_left_behind(runs):
    _, _, before, after = runs
    assert after == before


def test_both_models_are_loaded_and_sampled_side_by_side(runs):
    models = {name: run.model() for name, run in runs[0].items()}
    images = {name: model.sample(4, labels=[0, 3, 3, 9], seed=1) for name, model in models.items()}
    for model, sample in zip(models.values(), images.values(), strict=True):
        assert sample.shape == (4, 32, 32, 1) and sample.dtype == np.uint8 and model.step == 2
        np.testing.assert_array_equal(model.sample(4, labels=[0, 3, 3, 9], seed=1), sample)
    assert np.any(images["s3gan"] != images["modular"])
    assert models["s3gan"].predict_labels(images["s3gan"]).shape == (4,)
    assert models["s3gan"].discriminate(images["s3gan"], labels=[0, -1, 3, 9]).shape == (4,)
    with pytest.raises(ConfigError, match="no predictor"):
        models["modular"].predict_labels(images["modular"])
    np.testing.assert_array_equal(
        runs[0]["s3gan"].model(1).sample(2), compare_gan2.load(runs[0]["s3gan"].folder, step=1).sample(2)
    )


def test_it_is_the_same_run_as_that_of_the_command(runs, tmp_path):
    bindings = [f"--gin_bindings={line}" for line in as_lines(TINY | OF_ANOTHER)]
    result = tiny_run.command(
        "--gin_config=s3gan.gin", f"--model_dir={tmp_path / 'run'}", "--schedule=train", *bindings
    )
    assert result.code == 0, result.err
    expected = (tmp_path / "run" / "training.csv").read_bytes()
    assert (runs[0]["modular"].folder / "training.csv").read_bytes()[: len(expected)] == expected


def test_a_finished_run_is_left_as_it_is_and_a_longer_one_resumed(runs, capsys):
    folder = runs[0]["modular"].folder
    before = tiny_run.snapshot(folder)
    again = compare_gan2.train("s3gan.gin", TINY | OF_ANOTHER, model_dir=folder, schedule="train")
    assert again.step == 2 and tiny_run.snapshot(folder) == before
    assert capsys.readouterr() == ("", "")
    longer = TINY | OF_ANOTHER | {"options.training_steps": 3}
    resumed = compare_gan2.train("s3gan.gin", longer, model_dir=folder, schedule="train", verbose=True)
    assert resumed.step == 3 and "resumes from step 2 " in capsys.readouterr().out
    assert tiny_run.rows(folder) == 3
    with pytest.raises(ConfigError, match="options.training_steps was 3, now 2"):
        compare_gan2.train("s3gan.gin", TINY | OF_ANOTHER, model_dir=folder, schedule="train")


@pytest.mark.parametrize(
    "config, bindings, options, message",
    [
        ("s3gam.gin", {}, {}, "there is no file s3gam.gin, .*; did you mean s3gan.gin"),
        ("s3gan.gin", {"options.z_dmi": 3}, {}, "did you mean z_dim"),
        (
            "s3gan.gin",
            {},
            {"number_of_devices": 2},
            "train: there is no keyword 'number_of_devices'; did you mean num_devices",
        ),
        ("s3gan.gin", {}, {"asked": "x"}, "train: there is no keyword 'asked'; it takes config, bindings, .*trust"),
        ("s3gan.gin", {}, {"metrics": ["fidd"]}, "evaluation.metrics: expected metrics among .*, got 'fidd'"),
        ("s3gan.gin", {}, {"schedule": "never"}, "run_config.schedule: expected one of 'train', .*, got 'never'"),
        ("s3gan.gin", TINY | {"S3GAN.project_y": 3}, {}, r"S3GAN.project_y: expected bool, got 3 \(int\)"),
    ],
)
def test_what_cannot_be_run_raises_and_writes_nothing(config, bindings, options, message, tmp_path):
    before = state_of_the_process()
    with pytest.raises(ConfigError, match=message):
        compare_gan2.train(config, bindings, model_dir=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists() and state_of_the_process() == before


def test_the_default_folder_says_what_was_bound(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny = TINY | OF_ANOTHER | {"options.training_steps": 1}
    run = compare_gan2.train("s3gan.gin", tiny, schedule="train", data_fake_dataset=True)
    assert run.folder.parts[:-1] == ("runs",) and run.folder.name.startswith("s3gan-")
    assert (tmp_path / run.folder / "model.ckpt-1.index").exists()
