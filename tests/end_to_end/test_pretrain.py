"""Pre-training from the command line, by itself and as the first part of a run."""

import csv
import errno
import json

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_run

from compare_gan2 import pretrain
from compare_gan2.ground import sealed_files
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.pretraining.extractor import Extractor
from compare_gan2.runs.load_run import load_sampler

TINY = {
    "resnet_v2.blocks": [1, 1],
    "resnet_v2.width": 4,
    "pretrain.training_steps": 2,
    "pretrain.batch_size": 8,
    "pretrain.labelled_batch_size": 8,
    "pretrain.warmup_steps": 0,
    "pretrain.decay_steps": [],
    "pretrain.probe_images": 200,
    "clustering.num_clusters": 4,
}


def flags(bindings):
    return [f"--gin_bindings={name} = {value}" for name, value in bindings.items()]


def run(model_dir, config, cache, *more):
    return tiny_run.quick(
        model_dir,
        *flags(TINY | {"inferred_labels.cache_dir": repr(str(cache))}),
        *more,
        config=config,
        options__training_steps=2,
        run_config__save_checkpoints_steps=2,
        evaluation__num_real=100,
        evaluation__num_fake=100,
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("pretraining")


def test_alone_it_leaves_an_extractor_and_labels(cache, capsys):
    bindings = TINY | {"inferred_labels.cache_dir": repr(str(cache))}
    assert pretrain.main(["--gin_config=mnist_5k/s2gan.gin", *flags(bindings)]) == 0
    out = capsys.readouterr().out
    (folder,) = cache.iterdir()
    assert f"folder: {folder}" in out
    assert out.count("pre-training: s2l with 400 labels\n") == 1
    assert f"replace_labels.file_pattern = '{folder}/labels-hard/labels-{{split}}.tfrecord'" in out
    assert json.loads((folder / "accuracy.json").read_text()).keys() == {
        "rotation_accuracy",
        "class_accuracy",
        "linear_probe_accuracy",
        "probe_images",
    }
    with open(folder / "labelled_images.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 400
    assert tiny_run.rows(folder) == 2


def test_a_run_takes_what_is_there(cache, tmp_path):
    before = tiny_run.snapshot(cache)
    result = run(tmp_path / "run", "mnist_5k/s2gan.gin", cache)
    assert result.code == 0, result.err
    assert "pre-training" not in result.err  # nothing is trained again
    assert result.out.count("labels: hard, inferred by s2l with 400 labels\n") == 1
    assert "4000 training images of 32x32x1, 400 of them with their label (10 classes)" in result.out
    assert tiny_run.snapshot(cache) == before
    with open(tmp_path / "run/labelled_images.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 400
    again = tiny_run.snapshot(tmp_path / "run")
    changed = "--gin_bindings=pretrain.save_checkpoints_steps = 7"  # and the place of the cache
    assert "nothing left to do" in run(tmp_path / "run", "mnist_5k/s2gan.gin", tmp_path / "other", changed).out
    assert tiny_run.snapshot(tmp_path / "run") == again


def test_clusters_are_asked_for_as_often_as_they_have_images(cache, tmp_path):
    result = run(tmp_path / "run", "mnist_5k/clustering.gin", cache)
    assert result.code == 0, result.err
    with open(tmp_path / "run/scores.csv", newline="") as file:
        scores = list(csv.DictReader(file))
    assert {row["label_prior"] for row in scores} == {"empirical"}
    assert "conditional_accuracy" not in {row["metric"] for row in scores}  # clusters are not digits
    manifest = json.loads(next(cache.glob("*rotation*/labels-clusters4-seed0/manifest.json")).read_text())
    shares = np.array(manifest["cluster_sizes"]) / 4000
    record = json.loads((tmp_path / "run/dataset.json").read_text())
    assert record["num_classes"] == 4 and record["label_distribution"] == pytest.approx(shares.tolist())
    _, labels = load_sampler(tmp_path / "run").sample(2000, "test")
    assert np.bincount(labels, minlength=4) / 2000 == pytest.approx(shares, abs=0.05)


def test_clusters_are_those_of_the_task_that_a_further_file_binds(cache, tmp_path):
    more = ("--gin_config=pretraining/mnist_5k_simclr.gin", tiny_run.TRAIN_ONLY)
    result = run(tmp_path / "run", "mnist_5k/clustering.gin", cache, *more)
    assert result.code == 0, result.err
    assert result.out.count("labels: clusters, inferred by simclr with 0 labels\n") == 1
    (folder,) = cache.glob("*simclr*")
    manifest = json.loads((folder / "labels-clusters4-seed0/manifest.json").read_text())
    assert manifest["task"] == "simclr" and manifest["test"].keys() >= {"neighbour_accuracy"}
    assert len((folder / "neighbours.csv").read_text().splitlines()) == 2


def test_what_is_likely_not_meant_is_reported_once_the_labels_are_there(cache, tmp_path):
    unlike = "--gin_bindings=eval_labels.prior = 'uniform'"
    result = run(tmp_path / "run", "mnist_5k/clustering.gin", cache, tiny_run.TRAIN_ONLY, unlike)
    assert result.code == 0, result.err
    assert result.out.count("warning: training asks for classes as often as the data has them") == 1


def test_soft_labels_train_on_the_same_extractor(cache, tmp_path):
    assert run(tmp_path / "run", "mnist_5k/s2gan_soft.gin", cache, tiny_run.TRAIN_ONLY).code == 0
    folder = next(cache.glob("*s2l*"))
    assert {labels.name for labels in folder.glob("labels-*")} == {"labels-hard", "labels-soft"}
    kept = tmp_path / "run/inferred_labels.json"
    assert kept.read_bytes() == (folder / "labels-soft/manifest.json").read_bytes()
    sealed_files.remove(kept)
    sealed_files.write(kept, (folder / "labels-hard/manifest.json").read_bytes())  # as if others had been made since
    (tmp_path / "run/TRAIN_DONE").unlink()
    result = run(tmp_path / "run", "mnist_5k/s2gan_soft.gin", cache, tiny_run.TRAIN_ONLY)
    assert result.code == 2
    assert "inferred_labels: the labels in" in tiny_run.error_line(result)


@pytest.mark.parametrize(
    "bindings, message",
    [
        (["labels.only_labelled = True"], "labels.only_labelled: with inferred_labels.kind every image has a label"),
        (["replace_labels.file_pattern = 'x'"], "replace_labels.file_pattern: "),
        (["pretrain.task = 'rotation'"], "inferred_labels.kind: hard labels need a pretrain.task that reads labels"),
        (["labels.source = 'single'"], "labels.source: hard labels are inferred from stored ones, expected 'stored'"),
        (["labels.fraction = 0.0001"], "labels.fraction: 0.0001 of the 400 images of class 0 leaves it without"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(tmp_path, bindings, message):
    result = run(tmp_path / "run", "mnist_5k/s2gan.gin", tmp_path / "cache", *[f"--gin_bindings={b}" for b in bindings])
    assert result.code == 2
    assert message in tiny_run.error_line(result)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--gin_config=nowhere.gin"], "nowhere.gin"),
        (["--gin_config=s3gan.gin"], "pretrain.task: no value is given"),
        (["--gin_config=mnist_5k/s2gan.gin", "--data_shuffle_buffer_size=0"], "expected 1 or more, got 0"),
        (["--gin_config=mnist_5k/s2gan.gin", "--gin_bindings=pretrain.max_shift = 32"], "pretrain.max_shift"),
    ],
)
def test_the_command_refuses_with_one_message(tmp_path, capsys, arguments, message):
    cache_dir = f"--gin_bindings=inferred_labels.cache_dir = '{tmp_path / 'cache'}'"
    assert pretrain.main([*arguments, cache_dir]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ") and message in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "error, code, message",
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "no space left on the disk of {folder}; checkpoints"),
        (tf.errors.ResourceExhaustedError(None, None, "x; No space left on device"), 1, "no space left on the disk of"),
        (DamagedFileError("inputs.json: cannot be read"), 2, "inputs.json: cannot be read"),
        (KeyboardInterrupt(), 130, "interrupted; the same command"),
    ],
)
def test_the_command_ends_with_one_message(tmp_path, capsys, monkeypatch, error, code, message):
    def fail(*_):
        raise error

    monkeypatch.setattr(Extractor, "train", fail)
    assert pretrain.main(["--gin_config=mnist_5k/s2gan.gin", f"--model_dir={tmp_path}"]) == code
    err = capsys.readouterr().err
    assert err.startswith("error: " + message.format(folder=tmp_path))
    assert err.count("\n") == 1


def test_other_errors_are_not_taken_for_a_full_disk(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Extractor, "train", fail)
    with pytest.raises(OSError, match="Input/output error"):
        pretrain.main(["--gin_config=mnist_5k/s2gan.gin", f"--model_dir={tmp_path}"])
