import dataclasses

import pytest
from PIL import Image
from support.web_pages import Page
from support.written_run import score, write_run

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.run_report import MOST_FRAMES, write_report
from compare_gan2.runs.declarations import declare_all

EVENT = dict(step=20, rule="d_wins", value=0.01, threshold=0.1, action="warn", message="D has won <b>")


@pytest.fixture(scope="module", autouse=True)
def declared():
    declare_all()


def page_of(folder, *runs):
    write_report(runs, folder / "r.html", "compare_gan2 report x")
    return Page((folder / "r.html").read_text())


def test_page_of_one_run_has_all_parts(tmp_path):
    page = page_of(tmp_path, write_run(tmp_path / "<b>&", events=[EVENT]))
    for text in (
        *("Run <b>&", "400 of 4,000 training images have a label", "Scores of <b>&", "Real beside generated"),
        *("Rotation and predictor", "Warnings and events", "Cost", "160", "Configuration", "compare_gan2 report x"),
    ):
        assert text in page.text
    assert page.bold == ["20 ± 0.1"] and len(page.images) == 3 + 1
    assert page.row("<b>&step 20", 3) == ["D has won <b>", "d_wins", "warn"]
    assert len(page.charts) == 1 + 2 + 5 + 1  # score, accuracies, losses, watchdog
    assert page.row("labels.fraction", 2) == ["0.1", "1.0"]
    assert "labels.fraction = 0.1\n" in page.text


def test_page_of_several_runs_has_them_side_by_side(tmp_path):
    runs = [write_run(tmp_path / "a"), write_run(tmp_path / "b", options={"labels.fraction": "0.5"}, steps=(40,))]
    page = page_of(tmp_path, *runs)
    assert "2 runs: a, b" in page.text and page.row("labels.fraction", 2) == ["0.1", "0.5"]
    assert page.attributes("data-step") == ["0", "20", "40", "40"]
    assert [text for text in page.charts if text.startswith("FID")][0].count(": ") == 2


def test_page_of_a_run_that_has_only_begun(tmp_path):
    run = write_run(tmp_path / "a", steps=(), tags=(), done=False)
    (run / "real_and_fake.png").unlink()
    page = page_of(tmp_path, run)
    assert "a: training is not finished, 0 of 40 steps are done." in page.text
    assert "No checkpoint has scores yet." in page.text and "No checkpoint has a picture" in page.text
    assert not page.images and not page.charts and "not recorded" in page.cells


def test_what_cannot_be_read_is_noted(tmp_path):
    run = write_run(tmp_path / "a")
    (run / "samples" / "step-20.png").write_text("nonsense")
    (run / "real_and_fake.png").write_text("nonsense")
    (run / "scores.csv").write_text("nonsense")
    page = page_of(tmp_path, run)
    for name in ("step-20.png: expected a PNG", "real_and_fake.png: expected a PNG", "scores.csv: damaged"):
        assert name in page.text
    assert page.attributes("data-step") == ["0", "40"]


def test_classes_without_labels_and_failed_metrics_are_warned_of(tmp_path):
    failed = dataclasses.replace(score(40, 1.0, "kid"), value=None, std=None, low=None, high=None, reason="no disk")
    run = write_run(tmp_path / "a", scores=[failed], dataset={"label_distribution": [0.0] * 2 + [0.125] * 8})
    text = page_of(tmp_path, run).text
    assert "a: 2 classes have no labelled training image (such as 0, 1)." in text
    assert "a: metrics that failed: kid (no disk)." in text


def test_many_checkpoints_are_shown_in_part(tmp_path):
    run = write_run(tmp_path / "a", steps=(0, 40), tags=())
    for step in range(1, 40):
        Image.new("L", (8, 8)).save(run / "samples" / f"step-{step}.png")
    page = page_of(tmp_path, run)
    steps = list(map(int, page.attributes("data-step")))
    assert len(steps) == MOST_FRAMES and steps[0] == 0 and steps[-1] == 40 and steps == sorted(steps)
    assert f"a: {MOST_FRAMES} of 41 checkpoints" in page.text


def test_runs_that_share_nothing_are_refused(tmp_path):
    first = write_run(tmp_path / "a", tags=())
    other = write_run(tmp_path / "b", dataset={"name": "cifar10"}, scores=[score(40, 0.1, "kid")], tags=())
    with pytest.raises(ConfigError, match="^RUN: .*a shares neither .*a: mnist_5k; b: cifar10.: make a report of each"):
        page_of(tmp_path, first, other)
    assert not (tmp_path / "r.html").exists()
    metric = write_run(tmp_path / "c", dataset={"name": "cifar10"}, tags=())
    assert "2 runs: a, c" in page_of(tmp_path, first, metric).text
