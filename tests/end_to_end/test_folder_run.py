"""A folder of pictures with broken files, from the real command line to images from its checkpoint."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from support import tiny_run

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.evaluate import main as evaluate
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder import dataset_record
from compare_gan2.runs.declarations import declare_all
from compare_gan2.runs.load_run import load_sampler


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """(folder of the run, its `Result`, folder of the pictures)."""
    folder = tmp_path_factory.mktemp("own")
    pictures = folder / "pets"
    rng = np.random.RandomState(0)
    for name, count in (("cat", 40), ("dog", 20)):
        (pictures / name).mkdir(parents=True)
        for number in range(count):
            image = rng.randint(0, 256, [36, 40, 3]).astype(np.uint8)
            Image.fromarray(image).save(pictures / name / f"{number:02}.png")
    (pictures / "cat" / "05.png").write_bytes(b"no picture")
    whole = (pictures / "dog" / "07.png").read_bytes()
    (pictures / "dog" / "07.png").write_bytes(whole[: len(whole) // 2])
    result = tiny_run.result(
        tiny_run.start(
            folder / "run",
            "--schedule=train",
            dataset__name='"folder"',
            dataset__random_flip=True,
            folder__path=f'"{pictures}"',
            folder__cache_dir=f'"{folder / "cache"}"',
            folder__resolution=32,
            labels__fraction=0.5,
            eval_labels__prior='"empirical"',
            options__training_steps=2,
            run_config__save_checkpoints_steps=2,
            **tiny_run.TINY,
        )
    )
    assert result.code == 0, result.err
    return folder / "run", result, pictures


def test_the_start_reports_what_was_found(run):
    _, result, _ = run
    assert "unreadable pictures, left out: 2" in result.out and "cat/05.png" in result.out
    assert "pictures per class: cat 39, dog 19" in result.out
    assert "58 pictures from 36x40 to 36x40 pixels" in result.out
    assert "folder:pets: 52 training images of 32x32x3, 27 of them with their label (2 classes)" in result.out


def test_what_is_recorded_beside_the_checkpoints(run):
    folder, _, _ = run
    known = json.loads((folder / "dataset.json").read_text())
    assert (known["name"], known["image_shape"], known["class_names"]) == ("folder:pets", [32, 32, 3], ["cat", "dog"])
    with open(folder / "labelled_images.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == known["num_labelled"] == 27
    assert all(row["name"].startswith(known["class_names"][int(row["label"])]) for row in rows)
    shares = np.bincount([int(row["label"]) for row in rows]) / 27
    np.testing.assert_allclose(known["label_distribution"], shares)


def test_images_come_without_the_pictures(run):
    folder, _, pictures = run
    hidden = pictures.rename(pictures.with_name("hidden"))
    try:
        sampler = load_sampler(folder)
    finally:
        hidden.rename(pictures)
    images, labels = sampler.sample(64, "test")
    assert images.shape == (64, 32, 32, 3) and sampler.label_prior == "empirical" and set(labels) == {0, 1}


def test_other_data_is_refused(run):
    folder, _, pictures = run
    Image.fromarray(np.zeros([32, 32, 3], np.uint8)).save(pictures / "cat" / "new.png")
    try:
        lines = [line for line in (folder / "operative_config-0.gin").read_text().splitlines() if "--" not in line]
        declare_all()
        dataset = open_dataset(parse([], lines), "folder")
        with pytest.raises(ConfigError, match=r"--model_dir: .* other data: .*fingerprint was"):
            dataset_record.check(folder, dataset, dataset_record.of_dataset(dataset))
    finally:
        (pictures / "cat" / "new.png").unlink()


def test_evaluate_takes_the_folder_as_real(run, tmp_path):
    _, _, pictures = run
    np.savez(tmp_path / "fake.npz", images=np.random.RandomState(0).rand(128, 32, 32, 3).astype(np.float32))
    code = evaluate(
        [
            f"--fake={tmp_path / 'fake.npz'}",
            "--real=folder",
            f"--gin_bindings=folder.path = '{pictures}'",
            f"--gin_bindings=folder.cache_dir = '{pictures.parent / 'cache'}'",
            "--gin_bindings=folder.resolution = 32",
            "--metrics=fractal_dimension",
            f"--output={tmp_path / 'scores.json'}",
        ]
    )
    assert code == 0
    assert json.loads((tmp_path / "scores.json").read_text())["scores"][0]["dataset"] == "folder:pets"
