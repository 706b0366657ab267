"""Dual pseudo training from the command line: rounds of labels, a GAN, and labels of a classifier of its images."""

import csv
import json
import signal
import time

import numpy as np
import pytest
from support import tiny_run

TINY = {
    "resnet_v2.blocks": [1],
    "resnet_v2.width": 2,
    "pretrain.training_steps": 2,
    "pretrain.batch_size": 8,
    "pretrain.labelled_batch_size": 8,
    "pretrain.warmup_steps": 0,
    "pretrain.decay_steps": [],
    "pretrain.probe_images": 50,
    "pretrain.save_checkpoints_steps": 1,
    "pretrain.generated_per_class": 2,
}


def arguments(cache):
    bindings = TINY | {"inferred_labels.cache_dir": repr(str(cache)), "pretrain.rounds": 2}
    return [f"--gin_bindings={name} = {value}" for name, value in bindings.items()]


OF_GAN = tiny_run.TINY | {
    "config": "mnist_5k/s2gan.gin",
    "options__training_steps": 2,
    "run_config__save_checkpoints_steps": 2,
    "evaluation__num_real": 100,
    "evaluation__num_fake": 100,
}


def table(folder):
    """Rows of rounds.csv, without the folders."""
    with open(folder / "rounds" / "rounds.csv", newline="") as file:
        return [{name: text for name, text in row.items() if name != "folder"} for row in csv.DictReader(file)]


@pytest.mark.slow
def test_a_chain_that_was_killed_ends_as_one_that_was_not(tmp_path):
    whole, killed, cache = tmp_path / "whole", tmp_path / "killed", tmp_path / "cache"
    result = tiny_run.in_process(whole, *arguments(cache), **OF_GAN)
    assert result.code == 0, result.err
    assert (
        "--- round 1 of 2" in result.out
        and "round 2 of 2: " in result.out
        and "% of the labels are right, fid" in result.out
    )
    rows = table(whole)
    assert [row["round"] for row in rows] == ["1", "2"] and all(float(row["value"]) > 0 for row in rows)
    manifest = json.loads((whole / "inferred_labels.json").read_text())
    assert manifest["task"] == "supervised" and float(rows[1]["label_accuracy"]) == manifest["accuracy"]
    assert manifest["labels_used"] == int(rows[0]["labels_used"]) == 400  # the given ones, not the generated images

    process = tiny_run.start(killed, *arguments(cache), **OF_GAN)
    end = time.monotonic() + 300
    while not (killed / "rounds" / "classifier-2" / "model.ckpt-1.index").exists():
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert tiny_run.result(process).code == -signal.SIGKILL and not (killed / "scores.csv").exists()
    resumed = tiny_run.in_process(killed, *arguments(cache), **OF_GAN)
    assert resumed.code == 0, resumed.err
    assert "nothing left to do, this run is done" in resumed.out.split("--- round 2 of 2")[0]
    expected, got = tiny_run.values(whole, 2), tiny_run.values(killed, 2)
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        assert np.asarray(value).tobytes() == np.asarray(got[name]).tobytes(), name
    assert table(killed) == rows
    before = tiny_run.snapshot(killed)
    again = tiny_run.in_process(killed, *arguments(cache), **OF_GAN)
    assert again.code == 0 and "nothing left to do" in again.out and tiny_run.snapshot(killed) == before
