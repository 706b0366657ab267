"""A run on pictures in MNIST's file format, from files to scores; it resumes with the same pictures only."""

import gzip
import json

import numpy as np
from support import tiny_run
from support.idx_bytes import idx

DRAWN = np.random.RandomState(0)
LABELS = (np.arange(80) % 4 + 1).astype(np.uint8)  # from 1, as EMNIST's letters


def write(folder):
    folder.mkdir()
    for split, count in (("train", 80), ("test", 40)):
        images = DRAWN.randint(0, 256, [count, 28, 28]).astype(np.uint8)
        (folder / f"emnist-letters-{split}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"emnist-letters-{split}-labels-idx1-ubyte").write_bytes(idx(LABELS[:count]))
    return folder


def run(folder, pictures, steps):
    return tiny_run.quick(
        folder / "run",
        dataset__name="'idx'",
        idx__path=repr(str(pictures)),
        idx__side=32,
        labels__fraction=0.5,
        options__training_steps=steps,
        run_config__schedule="'eval_after_train'",
        evaluation__metrics=["fid"],
        feature_network__name="'fashion'",
    )


def test_letters_from_files_to_scores(tmp_path):
    pictures = write(tmp_path / "letters")
    result = run(tmp_path, pictures, 2)
    assert result.code == 0, result.err
    assert (
        "idx:emnist-letters: 80 training images of 32x32x1, 40 of them with their label (4 classes); 40 test images"
        in result.out
    )
    assert "rows and columns are swapped" in result.out and "labels 1 to 4 are read as classes from 0" in result.out
    record = json.loads((tmp_path / "run/dataset.json").read_text())
    assert (record["name"], record["num_classes"]) == ("idx:emnist-letters", 4)
    assert "fashion" in (tmp_path / "run/scores.csv").read_text()

    for path in pictures.iterdir():  # the same pictures, packed and elsewhere
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    moved = pictures.rename(tmp_path / "moved")
    result = run(tmp_path, moved, 4)
    assert result.code == 0, result.err

    path = moved / "emnist-letters-train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(idx(LABELS[::-1].copy())))
    result = run(tmp_path, moved, 6)
    assert result.code == 2 and "train labels" in tiny_run.error_line(result)
