"""S3GAN on pictures of which few have a label: a folder of unlabelled ones beside classes, and a file of labels."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from support import tiny_run

from compare_gan2.evaluate import main as evaluate

pytestmark = pytest.mark.slow
PRETRAINING = {
    "resnet_v2.blocks": [1, 1],
    "resnet_v2.width": 4,
    "pretrain.training_steps": 2,
    "pretrain.batch_size": 8,
    "pretrain.labelled_batch_size": 8,
    "pretrain.warmup_steps": 0,
    "pretrain.decay_steps": [],
}


def write(folder, count, seed):
    folder.mkdir(parents=True)
    rng = np.random.RandomState(seed)
    for number in range(count):
        Image.fromarray(rng.randint(0, 256, [32, 32]).astype(np.uint8)).save(folder / f"{number:02}.png")
    return folder


def run(folder, pictures, config, **bindings):
    return tiny_run.quick(
        folder / "run",
        *(f"--gin_bindings={name} = {value}" for name, value in PRETRAINING.items()),
        config=config,
        dataset__name='"folder"',
        folder__path=repr(str(pictures)),
        folder__cache_dir=repr(str(folder / "cache")),
        folder__resolution=32,
        inferred_labels__cache_dir=repr(str(folder / "extractors")),
        labels__fraction=1.0,
        options__training_steps=2,
        run_config__save_checkpoints_steps=2,
        run_config__schedule='"eval_after_train"',
        evaluation__split='"train"',
        evaluation__metrics=["fid"],
        feature_network__name='"digits"',
        evaluation__num_fake=64,
        **bindings,
    )


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_of_unlabelled_pictures_beside_classes(tmp_path):
    pets = tmp_path / "pets"
    for seed, (name, count) in enumerate({"cat": 10, "dog": 10, "unlabelled": 60}.items()):
        write(pets / name, count, seed)
    named = {"folder__unlabelled": "'unlabelled'"}
    result = run(tmp_path, pets, "s3gan.gin", **named)
    assert result.code == 0, result.err
    assert "folder:pets: 72 training images of 32x32x1, 18 of them with their label (2 classes)" in result.out
    assert "pictures without a label: 54 to train on, 6 held out for scores" in result.out
    record = json.loads((tmp_path / "run/dataset.json").read_text())
    assert (record["class_names"], record["num_train"], record["num_labelled"]) == (["cat", "dog"], 72, 18)
    labelled = rows(tmp_path / "run/labelled_images.csv")
    assert len(labelled) == 18 and not any(row["name"].startswith("unlabelled/") for row in labelled)
    scores = rows(tmp_path / "run/scores.csv")
    assert {row["num_real"] for row in scores} == {"72"} and all(row["value"] for row in scores)
    before = tiny_run.snapshot(tmp_path / "run")
    assert "nothing left to do" in run(tmp_path, pets, "s3gan.gin", **named).out
    assert tiny_run.snapshot(tmp_path / "run") == before
    refused = run(tmp_path, pets, "s3gan.gin")
    assert refused.code == 2
    assert "warning: folder.path: the sub-folder unlabelled of" in refused.out
    code = evaluate(
        [f"--model_dir={tmp_path / 'run'}", f"--real={pets}", "--metrics=fid", "--network=digits", "--num_fake=64"]
        + [f"--output={tmp_path / 'scores.json'}"]
    )
    of_folder = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert code == 0 and {(row["num_real"], row["classes"]) for row in of_folder} == {(80, "none")}


def test_a_file_of_labels_for_loose_pictures_with_inferred_labels(tmp_path):
    photos = write(tmp_path / "photos", 80, 0)
    table = tmp_path / "labels.csv"
    table.write_text("path,label\n" + "".join(f"{number:02}.png,{'ab'[number % 2]}\n" for number in range(20)))
    result = run(tmp_path, photos, "mnist_5k/s3gan.gin", labels__file=repr(str(table)))
    assert result.code == 0, result.err
    record = json.loads((tmp_path / "run/dataset.json").read_text())
    assert (record["class_names"], record["num_train"]) == (["a", "b"], 72)
    labelled = rows(tmp_path / "run/labelled_images.csv")
    assert {row["name"]: "ab"[int(row["label"])] for row in labelled}.items() <= {
        f"{number:02}.png": "ab"[number % 2] for number in range(20)
    }.items()
    held_out = 20 - len(labelled)
    assert f"labels.csv: {len(labelled)} training images have a label (labels.file)" in result.out
    assert (f"not trained on: {held_out}" in result.out) == bool(held_out)
    manifest = json.loads((tmp_path / "run/inferred_labels.json").read_text())
    assert (manifest["labels_used"], manifest["count"], manifest["num_classes"]) == (len(labelled), 72, 2)
    assert manifest["true_labels"] == manifest["true_labels_seen"] == len(labelled)
    assert f"over {len(labelled)} labels, all of which it was trained on" in result.out
    moved = table.rename(tmp_path / "moved.csv")
    again = run(tmp_path, photos, "mnist_5k/s3gan.gin", labels__file=repr(str(moved)))
    assert again.code == 0 and "nothing left to do" in again.out
    (tmp_path / "run/TRAIN_DONE").unlink()
    moved.write_text(moved.read_text().replace("01.png,b", "01.png,a"))
    changed = run(tmp_path, photos, "mnist_5k/s3gan.gin", labels__file=repr(str(moved)))
    assert changed.code == 2 and "holds" in tiny_run.error_line(changed)
