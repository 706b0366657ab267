import json
import weakref

import numpy as np
import pytest
from PIL import Image
from support import tiny_run
from support.tiny_pretraining import dataset, inference

from compare_gan2.datasets.labels.training_labels import with_inferred
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining import features, pictures
from compare_gan2.pretraining.extractor import Extractor


def infer(tmp_path, task, kind, data=None, **bindings):
    made = inference(tmp_path, task, kind, data, **bindings)
    return with_inferred(made.dataset, made.infer()), made


def manifest(tmp_path):
    return json.loads(next(tmp_path.glob("*/labels-*/manifest.json")).read_text())


def test_hard_labels_replace_all(tmp_path):
    made, _ = infer(tmp_path, "s2l", "hard")
    assert made.num_classes == 3 and made.labels.shape == (60,) and made.num_labelled == 60
    assert made.labels_are_classes and made.class_names == ("top", "middle", "low")
    said = manifest(tmp_path)
    assert said["accuracy"] == pytest.approx(np.mean(made.labels == made.source.training_labels()))
    assert (said["true_labels"], said["true_labels_seen"]) == (60, 30)
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


def test_pictures_lie_beside_the_labels(tmp_path, monkeypatch):
    titles, draw = [], pictures.confusion_picture
    monkeypatch.setattr(pictures, "confusion_picture", lambda *given: titles.append(given[-1]) or draw(*given))
    infer(tmp_path, "supervised", "hard")
    infer(tmp_path, "supervised", "clusters")
    for name in ("confusion.png", "confidence.png", "counts.png"):
        for path in tmp_path.glob(f"*/labels-*/{name}"):
            with Image.open(path) as picture:
                assert min(picture.size) > 100
    # Two of each, and the numbers per class of the labels that are classes.
    assert len(list(tmp_path.glob("*/labels-*/*.png"))) == 5
    assert titles == ["tiny: hard labels of supervised", "tiny: clusters of supervised features"]


def test_images_without_a_true_label_are_not_compared(tmp_path):
    made, _ = infer(tmp_path, "supervised", "hard", dataset(unlabelled=range(1, 60)), pretrain__training_steps=1)
    assert made.num_labelled == 60
    facts = manifest(tmp_path)
    assert facts["accuracy"] == float(made.labels[0] == 0)
    assert (facts["true_labels"], facts["true_labels_seen"]) == (1, 1)


def test_labels_of_classes_keep_no_features(tmp_path, monkeypatch):
    seen, stream = [], features.stream

    def watched(*given):
        for part in stream(*given):
            assert all(kept() is None for kept in seen[:-1])
            seen.append(weakref.ref(part.features))
            yield part

    made = inference(tmp_path, "supervised", "soft", pretrain__training_steps=1)
    made.extractor.train()
    monkeypatch.setattr(features, "stream", watched)
    monkeypatch.setattr(features, "BATCH_SIZE", 8)
    made.infer()
    assert len(seen) == 8


def test_another_process_reads_what_was_made(tmp_path):
    def one_step():
        return inference(tmp_path, "supervised", "hard", pretrain__training_steps=1)

    with pytest.raises(ConfigError, match=r"inferred_labels.cache_dir: expected a folder that all workers share.*none"):
        one_step().made()
    assert list(tmp_path.iterdir()) == []
    inferred = one_step().infer()
    assert one_step().made() == inferred


def test_done_work_is_not_done_again_even_without_checkpoints(tmp_path):
    _, made = infer(tmp_path, "supervised", "hard", pretrain__training_steps=1)
    for path in made.extractor.folder.glob("model.ckpt-*"):
        path.unlink()
    before = tiny_run.snapshot(tmp_path)
    infer(tmp_path, "supervised", "hard", pretrain__training_steps=1)
    assert tiny_run.snapshot(tmp_path) == before


def interrupted(*_):
    raise KeyboardInterrupt


def test_an_interrupted_pretraining_resumes(tmp_path, monkeypatch):
    whole, _ = infer(tmp_path / "whole", "s2l", "soft")
    made = inference(tmp_path / "parts", "s2l", "soft")
    # Raised, not sent as a signal: Python may handle that within some object's __del__, where it is lost.
    monkeypatch.setattr(Extractor, "_measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.infer()
    monkeypatch.undo()
    assert not list(made.extractor.folder.glob("accuracy.json"))
    parts, _ = infer(tmp_path / "parts", "s2l", "soft")
    assert np.array_equal(whole.labels, parts.labels)


@pytest.mark.parametrize(
    "task, kind, bindings, message",
    [
        (
            "rotation",
            "hard",
            {},
            "inferred_labels.kind: hard labels need a pretrain.task that reads labels, .*, got rotation",
        ),
        ("rotation", "clusters", {"clustering__num_clusters": 61}, r"clustering.num_clusters: .* \(60\), got 61"),
        ("rotation", "clusters", {"labels__fraction": 0.5}, "labels.fraction: .* use no labels, expected 1.0, got 0.5"),
        ("rotation", "clusters", {"labels__per_class": 2}, "labels.per_class: .* use no labels, expected None, got 2"),
        ("rotation", "clusters", {"labels__noise": 0.1}, "labels.noise: .* use no labels, expected 0.0, got 0.1"),
    ],
)
def test_impossible_options_are_refused_before_anything_is_written(tmp_path, task, kind, bindings, message):
    with pytest.raises(ConfigError, match=message):
        inference(tmp_path, task, kind, **bindings)
    assert not list(tmp_path.iterdir())
