"""From one command to scores and pictures, and what a second command in the same folder does."""

import csv
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from support import tiny_run
from tensorboard.compat.proto import event_pb2

from compare_gan2 import main
from compare_gan2.command_line.train_flags import parser
from compare_gan2.datasets.data_request import DataRequest, get_dataset
from compare_gan2.ground.checksums import checksum_of_file
from compare_gan2.ground.code_version import code_version
from compare_gan2.metrics.networks.shipped import SHIPPED
from compare_gan2.reporting.pictures import class_grid, real_and_fake
from compare_gan2.reporting.tensorboard import HYPERPARAMETERS
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.run_folder.checkpoints import damage_of
from compare_gan2.run_folder.scores import COLUMNS
from compare_gan2.runs.load_run import load_sampler

STEPS = [0, 3, 6]
METRICS = {"fid", "classifier_score", "conditional_accuracy"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """(working directory, folder of the run, `Result`) of the command without --model_dir, run from elsewhere."""
    cwd = tmp_path_factory.mktemp("elsewhere")
    result = tiny_run.result(tiny_run.start(None, cwd=cwd))
    assert result.code == 0, result.err
    folder = next(line for line in result.out.splitlines() if line.startswith("model_dir: ")).split(": ")[1]
    return cwd, cwd / folder, result


@pytest.fixture
def copied(run, tmp_path):
    return shutil.copytree(run[1], tmp_path / "copied")


def scores(folder):
    with open(folder / "scores.csv", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert tuple(reader.fieldnames) == COLUMNS
    return rows


def events(folder):
    """{tag: steps} of all TensorBoard events of a folder."""
    found = {}
    for path in folder.glob("events.out.tfevents.*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = event_pb2.Event.FromString(record.numpy())
            for value in event.summary.value:
                found.setdefault(value.tag, set()).add(event.step)
    return found


def test_default_folder_is_named_after_the_config_and_its_bindings(run):
    cwd, folder, _ = run
    assert folder.parent == cwd / "runs"
    assert folder.name.startswith("s3gan-") and len(folder.name) == len("s3gan-") + 8


@pytest.mark.parametrize("flag", ["--gin_bindings=options.z_dim = 8", "--data_fake_dataset"])
def test_what_changes_the_run_changes_its_default_folder(flag):
    assert str(main._model_dir(parser().parse_args(["--gin_config=s3gan.gin"]))) == "runs/s3gan"
    changed = main._model_dir(parser().parse_args(["--gin_config=s3gan.gin", flag]))
    assert str(changed).startswith("runs/s3gan-")


def test_says_what_it_runs_on_and_what_it_reached(run):
    _, folder, result = run
    lines = result.out.splitlines()
    assert "devices: one CPU (OneDeviceStrategy)" in lines
    assert any(line.startswith("dataset: mnist_5k: 4000 training images") and " 400 of them" in line for line in lines)
    assert lines[-1].startswith("done: step 6: fid ")
    assert f"runs/{folder.name}" in lines[-1]
    assert not [line for line in lines if line.startswith("warning:")]
    before = lines[: lines.index("compiling the step ...")]
    starts = ["networks: resnet_biggan_arch; generator ", "batch: 16 images; ", "disk: at most 3 more "]
    assert all(any(line.startswith(start) for line in before) for start in starts)
    assert "memory of this process: about " in result.err
    assert "training: 6/6 steps (100%)" in result.err and "scoring model.ckpt-6" in result.err
    assert "Traceback" not in result.err


def test_leaves_the_files_it_promises_and_no_others(run):
    _, folder, _ = run
    files = {name for name in tiny_run.snapshot(folder) if not name.startswith("events.out.tfevents.")}
    checkpoints = {f"model.ckpt-{step}.{part}" for step in STEPS for part in ("index", "data-00000-of-00001")}
    pictures = {f"samples/step-{step}.png" for step in STEPS} | {"samples.png", "real_and_fake.png", "curves.png"}
    sealed = {"training.csv", "scores.csv", "operative_config-0.gin", "finished.json"}
    sealed |= {"dataset.json", "labelled_images.csv"}
    tables = sealed | {f".{name}.sha256" for name in sealed} | {"scores.jsonl", "watchdog.csv", "cost.jsonl"}
    statistics = {f"standing-{step}.npz" for step in STEPS}
    marks = {"checkpoint", "TRAIN_DONE", ".lock", ".scores.csv.lock"}
    assert files == checkpoints | statistics | pictures | tables | marks


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), int)


def test_pictures_show_the_images_of_their_checkpoint(run):
    _, folder, _ = run
    for step in (0, 6):
        sampler = load_sampler(folder, step)
        images = sampler.sample_classes(range(10), 10)
        expected = class_grid(list(images), sampler.dataset.class_names, f"step {step}")
        assert np.abs(pixels_of(folder / "samples" / f"step-{step}.png") - expected).max() <= 1
    expected = class_grid(list(images), sampler.dataset.class_names, f"{folder.name}, step 6")
    assert np.abs(pixels_of(folder / "samples.png") - expected).max() <= 1
    real, _ = get_dataset(DataRequest("mnist_5k")).test_images(100)
    fake, _ = sampler.sample(100, "scores/0")
    expected = real_and_fake(real, fake, f"{folder.name}, step 6")
    assert np.abs(pixels_of(folder / "real_and_fake.png") - expected).max() <= 1
    assert np.any(pixels_of(folder / "samples" / "step-0.png") != pixels_of(folder / "samples" / "step-6.png"))


def test_curves_show_every_panel(run):
    curves = pixels_of(run[1] / "curves.png")
    assert min(curves.shape[:2]) > 300
    for color in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)):  # of the lines
        assert (curves == color).all(axis=2).any()


def test_checkpoints_are_whole(run):
    _, folder, _ = run
    assert checkpoint_steps(folder) == STEPS
    assert [damage_of(folder / f"model.ckpt-{step}") for step in STEPS] == [None, None, None]
    assert tiny_run.values(folder, 6)["global_step/.ATTRIBUTES/VARIABLE_VALUE"] == 6


def test_scores_have_a_row_per_metric_and_checkpoint(run):
    _, folder, _ = run
    rows = scores(folder)
    assert [(row["checkpoint"], int(row["step"])) for row in rows[::3]] == [(f"model.ckpt-{s}", s) for s in STEPS]
    assert {(row["step"], row["metric"]) for row in rows} == {(str(s), metric) for s in STEPS for metric in METRICS}
    same = {"num_real": "1000", "num_fake": "1000", "split": "test", "network": "digits", "seed": "0"}
    same |= {"weights": "ema", "bn_statistics": "standing_64", "dataset": "mnist_5k", "num_runs": "1"}
    same |= {"resize": "none", "truncation": "none", "label_prior": "uniform", "settings": "none"}
    same |= {"network_checksum": checksum_of_file(SHIPPED["digits"].path), "code_version": code_version()}
    for row in rows:
        assert {name: row[name] for name in same} == same
        assert np.isfinite(float(row["value"])) and float(row["std"]) == 0.0
        assert float(row["low"]) < float(row["value"]) < float(row["high"])
    assert 0 <= float(rows[-1]["value"]) <= 1 and rows[-1]["metric"] == "conditional_accuracy"


def test_training_log_has_a_row_per_step(run):
    _, folder, _ = run
    lines = (folder / "training.csv").read_text().splitlines()
    header = lines[0].split(",")
    assert header[0] == "step" and {"loss/d_0", "loss/g", "label_frac", "accuracy/class"} <= set(header)
    assert [int(line.split(",")[0]) for line in lines[1:]] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(float(cell)) for line in lines[1:] for cell in line.split(","))


def test_events_hold_losses_scores_pictures_and_configuration(run):
    found = events(run[1])
    assert found["loss/generator"] == found["loss/discriminator"] == {2, 3, 5, 6}  # the ends of the graph calls
    assert found["images/generated"] == found["score/fid"] == set(STEPS)
    assert found["gin/operative_config"] == found["images/real"] == found[HYPERPARAMETERS] == {0}
    kinds = {"real images", "held-out images", "generated images"}
    assert all(found[f"logits/{kind}"] == {3, 6} for kind in kinds)
    assert found["singular values/generator"] == found["singular values/discriminator"] == {3, 6}
    assert not [tag for tag in found if tag in ("loss/g", "loss/d_0", "label_frac")]


def test_started_again_it_says_so_and_touches_nothing(run):
    cwd, folder, _ = run
    before = tiny_run.snapshot(folder)
    again = tiny_run.result(tiny_run.start(None, cwd=cwd))
    assert again.code == 0
    assert "nothing left to do, this run is done. step 6: fid " in again.out
    assert tiny_run.snapshot(folder) == before
    assert [path.name for path in (cwd / "runs").iterdir()] == [folder.name]


def test_operative_config_is_the_whole_configuration(copied):
    before = tiny_run.snapshot(copied)
    only_file = {name.replace(".", "__"): None for name in tiny_run.BINDINGS}
    again = tiny_run.in_process(copied, config=str(copied / "operative_config-0.gin"), **only_file)
    assert again.code == 0 and "nothing left to do" in again.out
    assert tiny_run.snapshot(copied) == before


def test_steps_may_grow_and_intervals_change(run, copied):
    before = tiny_run.snapshot(copied)
    grown = {"options__training_steps": 8, "run_config__save_checkpoints_steps": 2, "run_config__eval_every_steps": 8}
    result = tiny_run.in_process(copied, **grown, run_config__keep_checkpoint_max=3)
    assert result.code == 0, result.err
    assert "resumes from step 6 " in result.out
    assert checkpoint_steps(copied) == [3, 6, 8]
    assert {row["step"] for row in scores(copied)} == {"0", "3", "6", "8"}
    assert (copied / "training.csv").read_bytes().startswith(before["training.csv"][0])
    assert tiny_run.rows(copied) == 8
    assert "training_steps = 8" in (copied / "operative_config-6.gin").read_text()
    assert (copied / "TRAIN_DONE").exists()
    again = tiny_run.in_process(copied, **grown, run_config__keep_checkpoint_max=3)
    assert again.code == 0 and "nothing left to do" in again.out


@pytest.mark.parametrize(
    ("bindings", "parts"),
    [
        ({"options__batch_size": 32}, ["options.batch_size was 16, now 32"]),
        ({"ModularGAN__g_lr": 0.1}, ["S3GAN.g_lr was ", ", now 0.1"]),
        ({"loss__fn": "@wasserstein"}, ["loss.fn was @hinge, now @wasserstein"]),
        ({"run_config__tf_random_seed": 3}, ["run_config.tf_random_seed was None, now 3"]),
        ({"feature_network__name": "'inception_tfgan'"}, ["feature_network.name was 'digits', now 'inception_tfgan'"]),
        ({"options__training_steps": 4}, ["options.training_steps was 6, now 4"]),
        ({"options__z_dim": 8, "labels__seed": 1}, ["options.z_dim was 16, now 8", "labels.seed was 0, now 1"]),
    ],
)
def test_any_other_change_is_refused_with_both_values(run, bindings, parts):
    before = tiny_run.snapshot(run[1])
    refused = tiny_run.in_process(run[1], tiny_run.TRAIN_ONLY, **bindings)
    assert refused.code == 2
    assert all(part in tiny_run.error_line(refused) for part in parts)
    assert tiny_run.snapshot(run[1]) == before


def test_unconditional_ssgan_has_no_conditional_accuracy(tmp_path):
    bindings = {
        "options__training_steps": 2,
        "run_config__save_checkpoints_steps": 2,
        "run_config__eval_every_steps": 2,
    }
    result = tiny_run.quick(tmp_path / "ssgan", config="mnist_5k/ssgan.gin", **bindings)
    assert result.code == 0, result.err
    assert [(row["step"], row["metric"]) for row in scores(tmp_path / "ssgan")] == [
        ("2", "fid"),
        ("2", "classifier_score"),
    ]
    assert "conditional_accuracy" not in result.out
    with Image.open(tmp_path / "ssgan" / "samples.png") as picture:
        assert min(picture.size) > 300
