import json
import multiprocessing
import multiprocessing.pool
import os

import numpy as np
import pytest
import tiny_pretraining
import tiny_run
from PIL import Image
from tiny_pretraining import dataset, parse, pretraining

from compare_gan2.configuration import ConfigError
from compare_gan2.datasets.training_labels import with_inferred


def infer(tmp_path, task, kind, data=None, **bindings):
    parse(task, **bindings)
    made = pretraining(tmp_path, kind, data)
    return with_inferred(made.dataset, made.infer()), made


def manifest(tmp_path):
    return json.loads(next(tmp_path.glob("*/labels-*/manifest.json")).read_text())


def test_hard_labels_replace_all(tmp_path):
    made, _ = infer(tmp_path, "s2l", "hard")
    assert made.num_classes == 3 and made.labels.shape == (60,) and made.num_labelled == 60
    assert made.labels_are_classes and made.class_names == ("top", "middle", "low")
    said = manifest(tmp_path)
    assert said["accuracy"] == pytest.approx(np.mean(made.labels == made.source.training_labels()))
    assert said["fraction"] == 0.5 and said["labels_used"] == 30 and said["kind"] == "hard"
    assert set(said["test"]) == {"rotation_accuracy", "class_accuracy", "linear_probe_accuracy"}


def test_soft_labels_are_probabilities_of_the_hard_ones(tmp_path):
    soft, _ = infer(tmp_path, "supervised", "soft")
    assert soft.has_soft_labels and soft.labels.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    before = tiny_run.snapshot(tmp_path)
    hard, _ = infer(tmp_path, "supervised", "hard")
    assert np.array_equal(soft.labels.argmax(axis=1), hard.labels)
    after = tiny_run.snapshot(tmp_path)
    assert before.items() <= after.items()  # one extractor for both
    assert len(list(tmp_path.iterdir())) == 1


def test_clusters_become_the_classes(tmp_path):
    made, _ = infer(tmp_path, "rotation", "clusters", clustering__num_clusters=5)
    assert made.num_classes == 5 and made.class_names is None and not made.labels_are_classes
    assert sum(manifest(tmp_path)["cluster_sizes"]) == 60
    assert manifest(tmp_path)["labels_used"] == 0 and manifest(tmp_path)["fraction"] == 0
    assert 0.3 < manifest(tmp_path)["purity"] <= 1 and 0 <= manifest(tmp_path)["nmi"] <= 1


def test_pictures_lie_beside_the_labels(tmp_path):
    infer(tmp_path, "s2l", "hard")
    for name in ("confusion.png", "confidence.png"):
        with Image.open(next(tmp_path.glob(f"*/labels-hard/{name}"))) as picture:
            assert min(picture.size) > 100


def test_done_work_is_not_done_again(tmp_path):
    infer(tmp_path, "s2l", "hard")
    before = tiny_run.snapshot(tmp_path)
    infer(tmp_path, "s2l", "hard")
    assert tiny_run.snapshot(tmp_path) == before


def test_what_determines_the_result_determines_the_place(tmp_path):
    def place(task="s2l", data=None, kind=None, **bindings):
        parse(task, **bindings)
        return pretraining(tmp_path, kind, data).folder

    first = place()
    assert place() == first and place(kind="hard") == first
    others = [
        place(pretrain__training_steps=5),
        place(resnet_v2__width=5),
        place(data=dataset(0.4)),
        place(data=dataset(name="other")),
        place("rotation"),
        place("supervised"),
    ]
    assert len({first, *others}) == 7
    assert place("rotation", data=dataset(0.4)) == place("rotation")  # which reads no labels
    assert place("rotation", pretrain__labelled_batch_size=3) == place("rotation")
    assert place(pretrain__save_checkpoints_steps=1) == first
    assert place(clustering__num_clusters=2) == first


def test_an_interrupted_pretraining_goes_on(tmp_path, monkeypatch):
    whole, _ = infer(tmp_path / "whole", "s2l", "soft")
    parse("s2l")
    made = pretraining(tmp_path / "parts", "soft")
    monkeypatch.setattr(type(made), "_measure", lambda *_: os.kill(os.getpid(), 2))
    with pytest.raises(KeyboardInterrupt):
        made.infer()
    monkeypatch.undo()
    assert not list(made.folder.glob("accuracy.json"))
    parts, _ = infer(tmp_path / "parts", "s2l", "soft")
    assert np.array_equal(whole.labels, parts.labels)


def _hold(folder, held, release):
    from compare_gan2.pretraining.inferred_labels import _locked

    with _locked(folder):
        held.set()
        release.wait(60)


def test_a_second_process_waits_for_the_first(tmp_path, capsys):
    parse("rotation")
    made = pretraining(tmp_path)
    context = multiprocessing.get_context("fork")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(made.folder, held, release))
    other.start()
    assert held.wait(60)
    waiting = multiprocessing.pool.ThreadPool(1).apply_async(made.run)
    with pytest.raises(multiprocessing.TimeoutError):
        waiting.get(1)
    release.set()
    assert "rotation_accuracy" in waiting.get(120)
    other.join()
    assert "waits for another process" in capsys.readouterr().out


@pytest.mark.parametrize(
    "task, kind, bindings, message",
    [
        (
            "rotation",
            "hard",
            {},
            "inferred_labels.kind: hard labels need pretrain.task s2l or .*, got rotation",
        ),
        ("rotation", "clusters", {"clustering__num_clusters": 61}, r"clustering.num_clusters: .* \(60\), got 61"),
        ("s2l", None, {"pretrain__max_shift": 8}, "pretrain.max_shift: expected less than 8, got 8"),
        ("s2l", None, {"pretrain__training_steps": 0}, "pretrain.training_steps: expected at least 1, got 0"),
        ("colour", None, {}, "pretrain.task: expected one of 'rotation', 's2l', 'supervised', got 'colour'"),
    ],
)
def test_impossible_options_are_refused_before_anything_is_written(tmp_path, task, kind, bindings, message):
    parse(task, **bindings)
    with pytest.raises(ConfigError, match=message):
        pretraining(tmp_path, kind)
    assert not list(tmp_path.iterdir())


def test_a_folder_of_another_pretraining_is_refused(tmp_path):
    for width in (4, 5):
        parse("rotation", resnet_v2__width=width)
        made = tiny_pretraining.Pretraining(dataset(), tiny_pretraining.strategy(), None, folder=tmp_path / "here")
        if width == 4:
            made.run()
    with pytest.raises(ConfigError, match="--model_dir: .*here holds pre-training with other values of resnet_v2"):
        made.run()
