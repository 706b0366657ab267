"""`--dry_run` and the lines before the first step."""

import dataclasses
import logging
import re

import pytest
from support import tiny_run
from support.trained_run import BINDINGS

from compare_gan2.config.configuration import parse
from compare_gan2.ground import disks
from compare_gan2.ground.progress import duration
from compare_gan2.runs import train_and_score
from compare_gan2.runs.run_summary import RunSummary
from compare_gan2.runs.settings import CommandOptions


@pytest.fixture
def said(trained):
    """(`RunSummary` of a run at its last step, list of its lines)."""
    lines = []
    return RunSummary(trained, lines.append), lines


def test_it_shows_the_cost_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = tiny_run.quick(None, "--dry_run")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert not list(tmp_path.iterdir())
    starts = [
        "model_dir: runs/s3gan-",
        "devices: one CPU",
        "dataset: mnist_5k: 4000 training images of 32x32x1, 400 of",
    ]
    starts += [
        "networks: tiny_arch; generator ",
        "batch: 16 images; 1 update of the discriminator per step",
    ]
    starts += [
        "disk: at most 3 more checkpoints at a time, ",
        "compiling the step ...",
        "memory of this process: about ",
        "time: ",
    ]
    starts += ["dry run: nothing was written"]
    found = [line for line in lines if any(line.startswith(start) for start in starts)]
    assert [line.startswith(start) for line, start in zip(found, starts, strict=True)] == [True] * len(starts)
    assert re.fullmatch(r"time: .* (s per step|steps/s), \d+:\d\d to step 6 \(.*\)", found[-2])
    assert (
        "6 steps to step 6, 0.024 epochs" in result.out
        and "averages of the generator's weights from step 2" in result.out
    )


@pytest.mark.parametrize(("units", "said_so"), [("AVX-512", 1), ("", 0), (None, 0)])
def test_units_of_the_processor_that_are_not_used_are_named(said, monkeypatch, units, said_so):
    summary, lines = said
    monkeypatch.setattr("compare_gan2.runs.run_summary.bfloat16_units", lambda: units)
    summary.show()
    about = [line for line in lines if line.startswith("precision: ")]
    assert len(about) == said_so and all("AVX-512" in line and "mixed_bfloat16" in line for line in about)


@pytest.mark.parametrize(
    ("available", "advice"),
    [
        (9.5e8, "options.batch_size = 2 is the largest that fits, by this estimate"),  # room for 3 images, 2 parts
        (4e8, "no options.batch_size fits beside what is in memory already"),
        (1.2e9, None),
    ],
)
def test_too_little_memory_names_the_largest_batch_that_fits(said, monkeypatch, caplog, available, advice):
    summary, lines = said
    monkeypatch.setattr("compare_gan2.runs.run_summary.process_memory", lambda: 5e8)
    monkeypatch.setattr("compare_gan2.runs.run_summary.host_memory", lambda: available)
    settings = summary._run.settings
    settings = dataclasses.replace(
        settings,
        options=dataclasses.replace(settings.options, batch_size=4),
        run=dataclasses.replace(settings.run, accumulate_steps=2),
    )
    with caplog.at_level(logging.WARNING, "compare_gan2"):
        RunSummary(dataclasses.replace(summary._run, settings=settings), lines.append).traced(4e8)
    assert lines[-1].startswith("memory of this process: about 1.1 GB (so far 500 MB, a step 600 MB); there are ")
    assert caplog.text.count("memory: training probably needs more than there is") == (advice is not None)
    assert (advice or "") in caplog.text


def test_bfloat16_without_units_is_warned_of(tmp_path, monkeypatch):
    monkeypatch.setattr("compare_gan2.runs.run_summary.bfloat16_units", lambda: "")
    result = tiny_run.quick(tmp_path / "run", "--dry_run", run_config__mixed_precision="'mixed_bfloat16'")
    assert result.code == 0, result.err
    assert "run_config.mixed_precision: this processor has no units for bfloat16" in result.out + result.err
    assert "precision: float32" not in result.out


def test_of_a_run_that_has_begun(trained, copied, caplog):
    before = tiny_run.snapshot(copied)
    config = parse([], [*BINDINGS, "options.training_steps = 5"])
    command = CommandOptions(model_dir=str(copied), data_fake_dataset=True, dry_run=True)
    with caplog.at_level(logging.INFO, "compare_gan2"):
        train_and_score.run(config, command)
    assert tiny_run.snapshot(copied) == before
    assert "; 3 steps to step 5, " in caplog.text and "disk: at most 3 more checkpoints at a time, " in caplog.text
    assert tiny_run.quick(copied, "--dry_run").code == 2  # another configuration is refused here, too
    assert tiny_run.snapshot(copied) == before


def test_a_full_disk_is_known_before(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "free_bytes", lambda path: 10**4)
    result = tiny_run.quick(tmp_path / "run", "--dry_run")
    assert result.code == 2 and "run_config.keep_checkpoint_max: 3 more checkpoints" in tiny_run.error_line(result)
    assert not (tmp_path / "run").exists()


def test_several_workers_are_refused(tmp_path):
    result = tiny_run.quick(tmp_path / "run", "--dry_run", "--workers=localhost:1,localhost:2", "--worker_index=0")
    assert result.code == 2
    assert (
        tiny_run.error_line(result)
        == "error: --dry_run: expected one process, got several by --workers; leave that out"
    )


def test_an_evaluator_is_refused(tmp_path):
    result = tiny_run.quick(tmp_path / "run", "--dry_run", "--schedule=continuous_eval")
    assert result.code == 2 and "expected a schedule that trains, got continuous_eval" in tiny_run.error_line(result)


def test_time_counts_from_the_step_that_was_reached(said):
    summary, lines = said
    summary._first_step = 1
    summary.timed(3.5, 1)  # of 2 steps in all
    summary.timed(0.002, 0)
    assert lines == [
        f"time: 3.5 s per step, {duration(0)} to step 2 (checkpoints, pictures and scores not counted)",
        f"time: 500 steps/s, {duration(0.002)} to step 2 (checkpoints, pictures and scores not counted)",
    ]


def test_memory_of_gpus(said, monkeypatch):
    summary, lines = said
    monkeypatch.setattr(type(summary._run.devices), "kind", "GPU")
    monkeypatch.setattr("compare_gan2.runs.run_summary.gpu_memory", lambda: None)
    summary.traced(5 * 10**8)
    assert lines[-1].startswith("memory of each GPU: about 75")
    assert lines[-1].endswith("a step 750 MB); how much there is, is not known")
