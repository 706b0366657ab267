import io
import shutil
import types

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image
from support.fake_study import command_of
from support.web_pages import Page

from compare_gan2.ground.errors import CheckpointError, DamagedFileError
from compare_gan2.run_folder.event_log import EventLog
from compare_gan2.run_folder.training_log import TrainingLog
from compare_gan2.runs import load_run
from compare_gan2.studies import charts, runs
from compare_gan2.studies.archive import StudyArchive
from compare_gan2.studies.label_fractions import PerClass
from compare_gan2.studies.plan import Study, runs_of, settings_of
from compare_gan2.studies.report import Report
from compare_gan2.studies.results import RESULT_COLUMNS, read_results
from compare_gan2.studies.summary import Summary


def study_in(folder):
    configs = ["a/biggan.gin", "a/s3gan.gin", "a/ssgan.gin", "a/<b>&.gin"]
    varied = dict(vary={"labels.fraction": [0.1, 0.05]}, vary_only=["a/s3gan.gin"])
    return Study(configs, [0, 1], str(folder / "r.csv"), baseline="a/biggan.gin", **varied)


def fractions_in(study):
    """Label fractions that the bindings of a setting name, in percent; its config need not exist."""
    bound = {setting: setting.bindings.partition("labels.fraction = ")[2] for setting in settings_of(study)}
    return {setting: 100 * float(text) if text else None for setting, text in bound.items()}


@pytest.fixture
def study(tmp_path):
    return study_in(tmp_path)


@pytest.fixture(scope="module")
def all_run(tmp_path_factory):
    """Folder of a study whose runs have ended."""
    folder = tmp_path_factory.mktemp("study")
    run_all(study_in(folder), folder)
    return folder


@pytest.fixture
def ran(study, tmp_path, all_run):
    """The study, with a copy of runs and results."""
    shutil.copytree(all_run, tmp_path, dirs_exist_ok=True)
    return study


@pytest.fixture
def plain(monkeypatch):
    """Charts without a drawing, for tests of other things: they take most of the time."""
    monkeypatch.setattr(charts, "fraction_chart", lambda *_: _picture("a chart"))
    for name in ("fraction_lines", "score_curves", "loss_curves"):
        monkeypatch.setattr(charts, name, lambda *_: [])


def run_all(study, tmp_path, **fake):
    """Fake runs with losses; those of the config with a bad name fail."""
    for run in runs_of(study):
        folder = tmp_path / "runs" / run.name
        folder.mkdir(parents=True)
        losses = {"loss_d": np.linspace(2, 1, 200), "loss_g": np.linspace(0, 1, 200), "penalty": np.zeros(200)}
        TrainingLog(folder / "training.csv").append(1, losses)
    fails = [("a/<b>&.gin", seed) for seed in (0, 1)]
    return runs.run_missing(study, tmp_path / "r.csv", tmp_path / "runs", 1, command_of(tmp_path, fails=fails, **fake))


def report(study, tmp_path, mix_protocols=False):
    rows = read_results(tmp_path / "r.csv")
    summary = Summary(study, rows, fractions_in(study), mix_protocols)
    Report(summary, rows, tmp_path / "runs", "python -m compare_gan2.study").write(tmp_path / "r.html")
    return Page((tmp_path / "r.html").read_text())


def test_report_is_one_page_with_all_parts(ran, tmp_path):
    page = report(ran, tmp_path)
    assert not page.images and len(page.charts) == 1 + 3 + 4  # fractions; FID of each method; losses of each setting
    assert page.charts[0].startswith("FID, mean and standard deviation over seeds. biggan (baseline): 2.5 at 0")
    with Image.open(tmp_path / "r" / "fid_by_fraction.png") as chart:
        assert chart.width > 500
    assert "8 of 10 runs are finished, 2 failed" in page.text
    row = page.cells[page.cells.index("s3gan") :]
    assert row[1:4] == ["-", "2.5 ± 0.712 runs+0 [-1, +1]", "2.5 ± 0.712 runs+0 [-1, +1]"]
    assert not page.bold  # all are the same
    assert "a_<b>&-seed0: failed (exit code 1)" in page.text and "boom of a/<b>&.gin" in page.text
    assert "No samples: a/biggan.gin (--model_dir: expected the folder of a run" in page.text
    assert "Checkpoints of step 8." in page.text


def test_report_lists_what_the_watchdog_found_even_if_the_folder_is_gone(ran, tmp_path, plain):
    assert "Watchdog" not in report(ran, tmp_path).text
    run = runs_of(ran)[0]
    log = EventLog(tmp_path / "runs" / run.name / "events.jsonl")
    event = dict(step=9, rule="d_wins", value=0.01, threshold=0.1, message="D has won <b>")
    log.append(**event, action="warn")
    log.append(**event, action="roll back", rolled_back_to=5, rate_factor=0.5)
    for _ in range(2):
        cells = report(ran, tmp_path).cells
        start = cells.index("Rule") + 2
        assert cells[start : start + 8] == [
            *(f"{run.name}step 9", "D has won <b>", "d_wins", "warn"),
            *(f"{run.name}step 9", "D has won <b>", "d_wins", "roll back to step 5"),
        ]
        if (tmp_path / "runs").exists():
            (tmp_path / "runs").rename(tmp_path / "gone")
    StudyArchive(tmp_path / "r.csv").forget(run)
    assert "Watchdog" not in report(ran, tmp_path).text


def test_report_without_folders_uses_the_archive_and_says_what_is_gone(ran, tmp_path, plain):
    report(ran, tmp_path)
    archive = StudyArchive(tmp_path / "r.csv")
    archive.write("a_ssgan-seed0-samples.png", _picture("seed 0, no classes"))
    (tmp_path / "runs").rename(tmp_path / "gone")
    page = report(ran, tmp_path)
    assert len(page.images) == 1 and "seed 0, no classes" in page.text
    assert "No losses" not in page.text
    varied = "a/s3gan.gin (labels.fraction = 0.1), a/s3gan.gin (labels.fraction = 0.05)"
    assert f"folders of the runs are gone: a/biggan.gin, {varied}." in page.text
    for run in runs_of(ran):
        archive.forget(run)
    page = report(ran, tmp_path)
    assert len(page.images) == 0 and "No losses of 8 runs, since their folders are gone: a_biggan-seed0" in page.text


def test_report_survives_pictures_and_losses_that_cannot_be_read(ran, tmp_path, plain):
    report(ran, tmp_path)
    archive = StudyArchive(tmp_path / "r.csv")
    archive.write("a_biggan-seed0-samples.png", _picture("whole")[:60])
    file = io.BytesIO()
    Image.new("L", (530, 68)).save(file, format="png")
    archive.write("a_ssgan-seed0-samples.png", file.getvalue())
    archive.write("a_ssgan-seed1-losses.csv", b"step,loss\n1,x\n")
    page = report(ran, tmp_path)
    assert len(page.images) == 1 and "a_ssgan-seed0-samples.png does not say what is on it" in page.text
    assert "a_biggan-seed0-samples.png: expected a PNG picture" in page.text
    assert "No losses of 1 runs: " in page.text and "losses.csv: expected a column 'step' and rows of num" in page.text


@pytest.mark.parametrize("error", [CheckpointError("ckpt: holds step 3"), DamagedFileError("x.json: expected facts")])
def test_report_survives_checkpoints_that_cannot_be_read(ran, tmp_path, monkeypatch, plain, error):
    def load(folder, bindings):
        raise error

    monkeypatch.setattr(load_run, "load_sampler", load)
    page = report(ran, tmp_path)
    assert f"No samples: a/biggan.gin ({error}); a/s3gan.gin (labels.fraction = 0.1) ({error})" in page.text


@pytest.mark.parametrize(
    "are_classes, text",
    [(True, "the first 10 of 12 classes"), (False, "the first 10 of 12 labels that are not classes: clusters or")],
)
def test_captions_say_what_rows_are(study, tmp_path, monkeypatch, are_classes, text):
    gan = types.SimpleNamespace(num_classes=12, conditional=True)
    sampler = types.SimpleNamespace(gan=gan, checkpoint="model.ckpt-8", weights="ema", labels_are_classes=are_classes)
    sampler.sample_classes = lambda classes, per_class: np.zeros([len(classes), per_class, 32, 32, 1], np.float32)
    monkeypatch.setattr(load_run, "load_sampler", lambda folder, bindings: sampler)
    _, caption = StudyArchive(tmp_path / "r.csv").picture(runs_of(study)[:1], tmp_path / "runs")
    assert caption.startswith(f"seed 0, model.ckpt-8, averaged weights; rows: {text}")


def test_report_before_anything_is_finished(study, tmp_path):
    page = report(study, tmp_path)
    assert "0 of 10 runs are finished" in page.text and "No run has scores yet." in page.text and not page.images
    assert page.cells.count("not started") == 10


def test_report_without_baseline_or_fractions_has_a_row_per_config(tmp_path, plain):
    study = Study(["a/x.gin", "a/y.gin"], [0], str(tmp_path / "r.csv"))
    run_all(study, tmp_path)
    page = report(study, tmp_path)
    assert page.cells[:6] == ["Config", "FID", "a/x.gin", "21 run", "a/y.gin", "21 run"]
    assert "All 2 runs are finished." in page.text


def test_chart_of_fractions_has_no_line_across_a_missing_fraction(monkeypatch):
    drawn = []
    monkeypatch.setattr(Axes, "errorbar", lambda self, x, y, **_: drawn.append((x, y)))
    study = Study(["a.gin", "b.gin"], [0], "r.csv", vary={"labels.fraction": [0.05, 0.1, 0.2]})
    missing = {("b.gin", "labels.fraction = 0.1"), ("a.gin", "labels.fraction = 0.2")}
    rows = []
    for value, setting in enumerate(settings_of(study), 1):
        cells = dict(config=setting.config, bindings=setting.bindings, seed="0", step="8", metric="fid")
        rows.append(dict.fromkeys(RESULT_COLUMNS, "") | cells | {"value": str(value)})
    rows = [row for row in rows if (row["config"], row["bindings"]) not in missing]
    charts.fraction_chart(Summary(study, rows, fractions_in(study)))
    (_, first), (places, second) = drawn
    assert first == [1.0, 2.0] and np.isnan(second[1]) and second[::2] == [4.0, 6.0]
    np.testing.assert_allclose(places, [1, 2, 3], atol=0.05)


def test_chart_of_numbers_per_class_has_a_place_for_each_and_for_all(monkeypatch):
    ticks = []
    monkeypatch.setattr(Axes, "set_xticks", lambda self, places, texts: ticks.append((list(places), list(texts))))
    study = Study(["a.gin", "b.gin"], [0], "r.csv", vary={"labels.per_class": [4, 1, None]}, vary_only=["b.gin"])
    rows = []
    for value, setting in enumerate(settings_of(study), 1):
        cells = dict(config=setting.config, bindings=setting.bindings, seed="0", step="8", metric="fid")
        rows.append(dict.fromkeys(RESULT_COLUMNS, "") | cells | {"value": str(value)})
    amounts = dict(zip(settings_of(study), (None, PerClass(4.0), PerClass(1.0), PerClass(np.inf)), strict=True))
    summary = Summary(study, rows, amounts)
    assert charts.fraction_chart(summary).startswith(b"\x89PNG")
    assert ticks == [([0.0, 1.0, 2.0, 3.0], ["without a\nfraction", "1 per class", "4 per class", "all labels"])]
    assert len(charts.fraction_lines(summary)) == 1
    assert ticks[1] == ([0, 1, 2, 3], ["without", "1 per class", "4 per class", "all labels"])


def test_losses_are_averaged_over_stretches(ran, tmp_path):
    losses = StudyArchive(tmp_path / "r.csv").losses(runs_of(ran)[0], tmp_path / "runs")
    assert losses.keys() == {"step", "loss_d", "loss_g"} and len(losses["step"]) == 60
    np.testing.assert_allclose(losses["step"][0], np.mean([1, 2, 3, 4]))
    np.testing.assert_allclose(losses["loss_g"][0], np.linspace(0, 1, 200)[:4].mean(), rtol=1e-4)


def test_protocols_are_marked(ran, tmp_path, plain):
    results = tmp_path / "r.csv"
    lines = results.read_text().splitlines(keepends=True)
    results.write_text("".join(lines[:1] + [line.replace("test", "train") for line in lines[1:3]] + lines[3:]))
    page = report(ran, tmp_path, mix_protocols=True)
    assert "Protocols of FID that are not comparable: [a]: split test; [b]: split train" in page.text


def _picture(description):
    from PIL import PngImagePlugin

    about, file = PngImagePlugin.PngInfo(), io.BytesIO()
    about.add_text("Description", description)
    Image.new("L", (530, 68)).save(file, format="png", pnginfo=about)
    return file.getvalue()


def test_a_distance_on_another_network_than_inception_has_its_name_everywhere(ran, tmp_path):
    results = tmp_path / "r.csv"
    results.write_text(results.read_text().replace(",fid,", ",frechet_distance,"))
    page = report(ran, tmp_path)
    assert "Fréchet distance and the fraction of labels" in page.text and "FID" not in page.text
    assert page.charts[0].startswith("Fréchet distance, mean and standard deviation over seeds.")
    assert (tmp_path / "r" / "frechet_distance_by_fraction.png").exists()
