"""The section about few labels: its commands train and pre-train on folders that are laid out as it says."""

import importlib

import numpy as np
import pytest
from PIL import Image
from support import tiny_run

from documents import shown
from documents.test_command_lines import command_of

TUTORIAL = shown.ROOT / "docs" / "tutorial.md"
HEADING = "### Ten labels per class from a folder of 5,000 pictures\n"
TINY = tiny_run.BINDINGS | {
    **tiny_run.QUICK,
    "folder.resolution": 32,
    "options.training_steps": 1,
    "run_config.save_checkpoints_steps": 1,
}
PRETRAINING = {
    "folder.resolution": 32,
    "resnet_v2.blocks": [1, 1],
    "resnet_v2.width": 4,
    "pretrain.training_steps": 1,
    "pretrain.warmup_steps": 0,
    "pretrain.decay_steps": [],
    "pretrain.batch_size": 8,
    "pretrain.labelled_batch_size": 8,
}


def section_of(folder):
    """Path of a Markdown file with the section alone."""
    text = TUTORIAL.read_text()
    assert text.count(HEADING) == 1
    path = folder / "section.md"
    path.write_text(text.partition(HEADING)[2].partition("\n### ")[0])
    return path


def commands(path):
    lines = [line for block in shown.blocks(path) for line in shown.lines_of(block)]
    return [command for line in lines if (command := command_of(line))]


def write(folder, names, seed):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(seed)
    for name in names:
        Image.fromarray(random.randint(0, 256, [32, 32, 3]).astype(np.uint8)).save(folder / f"{name}.jpg")


def flags(bindings):
    return [f"--gin_bindings={name} = {value}" for name, value in bindings.items() if value is not None]


def test_the_section_shows_both_ways_and_the_features(tmp_path):
    found = commands(section_of(tmp_path))
    assert [module for module, _ in found] == ["main", "main", "pretrain"]
    assert any("labels.file = 'labels.csv'" in text for text in found[1][1])


@pytest.mark.slow
def test_its_commands(tmp_path, monkeypatch, capsys):
    section = section_of(tmp_path)
    blocks = [block.text for block in shown.blocks(section)]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMPARE_GAN2_CACHE", str(tmp_path / "cache"))
    for seed, (name, count) in enumerate({"cat": 10, "dog": 10, "unlabelled": 60}.items()):
        write(tmp_path / "photos" / name, range(1, count + 1), seed)
    write(tmp_path / "pictures", range(1, 61), seed=3)
    (table,) = [text for text in blocks if text.startswith("path,label\n")]
    more = "".join(
        f"{number},{label}\n" for number, label in ((f"{n}.jpg", ("cat", "dog")[n % 2]) for n in range(3, 21))
    )
    (tmp_path / "labels.csv").write_text(table + more)
    for module, arguments in commands(section):
        tiny = [tiny_run.TRAIN_ONLY, *flags(TINY)] if module == "main" else flags(PRETRAINING)
        assert importlib.import_module(f"compare_gan2.{module}").main([*arguments, *tiny]) == 0, arguments
        shown_lines = capsys.readouterr().out
        kept = "labels.csv: " if "pictures" in " ".join(arguments) else "72 training images of 32x32x3, 18 of them with"
        assert kept in shown_lines
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"few_labels", "few_labels_in_a_file", "features"}
    assert (tmp_path / "runs/features/labels-hard/confidence.png").exists()
