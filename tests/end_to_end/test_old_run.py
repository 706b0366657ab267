"""A run of version 0.1, kept in goldens/old_run: it loads, resumes, and is refused other bindings as it was then."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from support import tiny_run
from support.goldens import GOLDENS

import compare_gan2
from compare_gan2.runs.load_run import load_sampler

OLD = GOLDENS / "old_run"
RECORDED = json.loads((OLD / "old_run.json").read_text())


@pytest.fixture
def copied(tmp_path):
    folder = shutil.copytree(OLD / "run", tmp_path / "run")
    (folder / "samples").mkdir()
    for name in ("samples.png", "real_and_fake.png", *(f"samples/step-{step}.png" for step in (0, 2, 4))):
        Image.new("RGB", (8, 8)).save(folder / name)  # its own were not kept
    return folder


ONE_DEVICE = ("--num_eval_averaging_runs=1", "--num_devices=1")  # as it was made


def command(model_dir, *more):
    """`Result` of the command that made the run, with further flags."""
    return tiny_run.command(f"--gin_config={OLD / 'old_run.gin'}", f"--model_dir={model_dir}", *ONE_DEVICE, *more)


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def assert_same_row(found, recorded, tolerance):
    assert found.keys() == recorded.keys()
    for name, text in recorded.items():
        assert float(found[name]) == pytest.approx(float(text), rel=tolerance, abs=1e-6), (recorded["step"], name)


@pytest.mark.parametrize("step", [2, 4])
def test_it_loads_and_gives_the_recorded_images(step, copied):
    """Bits differ between machines, means hardly do."""
    before, recorded = tiny_run.snapshot(copied), RECORDED["sampler"][str(step)]
    sampler = load_sampler(copied, step)
    images, labels = sampler.sample(8, "grid")
    assert list(images.shape) == recorded["shape"] and labels.tolist() == recorded["labels"]
    means = images.mean(axis=(1, 2, 3), dtype=np.float64)
    np.testing.assert_allclose(means, recorded["mean_of_each"], atol=1e-4)
    assert images.std(dtype=np.float64) == pytest.approx(recorded["std"], abs=1e-4)
    of_classes = sampler.sample_classes([0, 9], 4).mean(axis=(2, 3, 4), dtype=np.float64)
    np.testing.assert_allclose(of_classes.ravel(), recorded["sample_classes_0_9_4"]["mean_of_each"], atol=1e-4)
    kind = sampler.weights, sampler.label_prior, sampler.needs_standing_statistics
    assert kind == (recorded["weights"], recorded["label_prior"], recorded["needs_standing_statistics"])
    assert tiny_run.snapshot(copied) == before


def test_without_its_standing_statistics_it_accumulates_the_same_ones(copied):
    (copied / "standing-4.npz").unlink()
    images, _ = load_sampler(copied, 4).sample(8, "grid")
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), RECORDED["sampler"]["4"]["mean_of_each"], atol=1e-4)


def test_it_is_a_model_of_the_library(copied):
    model = compare_gan2.load(copied)
    assert (model.step, model.num_classes, model.z_dim, model.weights) == (4, 10, 16, "ema")
    assert model.sample(3, labels=[1, 2, 3]).shape == (3, 32, 32, 1)
    assert model.predict_labels(model.sample(3)).shape == (3,)


def test_it_is_done(copied):
    before = tiny_run.snapshot(copied)
    result = command(copied)
    assert result.code == 0 and "nothing left to do, this run is done. step 4: fid " in result.out, result.err
    assert tiny_run.snapshot(copied) == before


def test_its_record_is_the_whole_configuration_of_today(copied):
    """Neither the file that it was made from nor the record names an option that there is not any more."""
    before = tiny_run.snapshot(copied)
    recorded = copied / "operative_config-0.gin"
    result = tiny_run.command(f"--gin_config={recorded}", f"--model_dir={copied}", *ONE_DEVICE)
    assert result.code == 0 and "nothing left to do" in result.out, result.err
    assert tiny_run.snapshot(copied) == before


@pytest.mark.parametrize(
    "binding, message",
    [
        ("options.z_dim = 8", "options.z_dim was 16, now 8"),
        ("loss.fn = @wasserstein", "loss.fn was @hinge, now @wasserstein"),
        ("labels.fraction = 0.2", "labels.fraction was 0.1, now 0.2"),
        ("options.training_steps = 3", "options.training_steps was 4, now 3"),
    ],
)
def test_other_bindings_are_refused(binding, message, copied):
    before = tiny_run.snapshot(copied)
    result = command(copied, f"--gin_bindings={binding}")
    assert result.code == 2
    assert f"holds a run with another configuration: {message}" in tiny_run.error_line(result)
    assert tiny_run.snapshot(copied) == before


def test_it_resumes_where_it_would_have(copied):
    before = (copied / "training.csv").read_bytes()
    result = command(copied, "--gin_bindings=options.training_steps = 6")
    assert result.code == 0, result.err
    assert "resumes from step 4 (checkpoint model.ckpt-4)" in result.out
    assert (copied / "training.csv").read_bytes().startswith(before)
    later = rows_of(copied / "training.csv")[4:]
    assert [row["step"] for row in later] == ["5", "6"]
    for found, recorded in zip(later, RECORDED["resumed_to_6"]["training_rows_5_6"], strict=True):
        assert_same_row(found, recorded, 1e-3)
    scores = rows_of(copied / "scores.csv")
    # Of the steps before, left as they were; `caution` is newer and empty.
    assert scores[: len(RECORDED["scores"])] == [row | {"caution": ""} for row in RECORDED["scores"]]
    new = {row["metric"]: row for row in scores[len(RECORDED["scores"]) :]}
    assert new.keys() == {"fid", "classifier_score", "conditional_accuracy"}
    protocol = ("num_real", "num_fake", "split", "network", "weights", "bn_statistics", "seed", "dataset", "num_runs")
    protocol += ("network_checksum", "resize", "truncation", "label_prior", "settings")
    for recorded in RECORDED["resumed_to_6"]["scores_of_6"]:
        found = new[recorded["metric"]]
        assert {name: found[name] for name in protocol} == {name: recorded[name] for name in protocol}
        assert float(found["value"]) == pytest.approx(float(recorded["value"]), rel=1e-2)
