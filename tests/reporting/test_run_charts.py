import numpy as np
import pytest
from support.written_run import score, write_run

from compare_gan2.metrics import table  # noqa: F401, registers the shipped metrics
from compare_gan2.reporting.run_charts import accuracy_parts, loss_charts, measurement_parts, score_charts
from compare_gan2.reporting.run_facts import read_runs

SSGAN = ("loss/d_0", "loss/g", "loss/penalty", "loss/c_real_loss", "loss/c_fake_loss", "accuracy/d_rotation")


@pytest.fixture
def runs(tmp_path):
    """An S3GAN and an SSGAN."""
    other = write_run(tmp_path / "b", tags=SSGAN, scores=[score(40, 7.0), score(40, 2.0, "nobodys")])
    return read_runs([write_run(tmp_path / "a"), other])


def shown(parts):
    """{title of a chart: names in its legend}."""
    return {chart.title: [name for *_, name in chart.legend] for chart in parts[1].charts}


def test_scores_have_a_line_per_run(runs):
    charts = shown(score_charts(runs))
    assert charts == {"FID (lower is better)": ["a", "b"], "nobodys": ["b"]}
    fid, _ = score_charts(runs)[1].charts
    assert "a: 40 at 0 to 20 at 40; b: 7 at 40" in fid.svg
    assert shown(score_charts(runs[:1])) == {"FID (lower is better)": []}


def test_no_two_losses_of_a_run_share_a_colour(runs):
    parts = loss_charts(runs[:1])
    assert shown(parts) == {
        "Whole losses": ["generator", "discriminator, update 1", "discriminator, update 2"],
        "Adversarial terms of the discriminator": ["real", "generated"],
        "Rotation losses": ["real", "generated"],
        "Class loss of the predictor": ["labelled real images"],
        "Penalty": ["penalty"],
    }
    numbers = [number for chart in parts[1].charts for number, *_ in chart.legend]
    assert len(set(numbers)) == len(numbers) == 9


def test_losses_of_several_runs_have_a_chart_each_also_of_different_classes(runs):
    charts = shown(loss_charts(runs))
    assert charts["Whole losses: generator"] == ["a", "b"] == charts["Whole losses: discriminator, update 1"]
    assert charts["Whole losses: discriminator, update 2"] == ["a"]
    assert charts["Rotation losses: real"] == ["a", "b"]  # loss/real_loss and loss/c_real_loss
    assert charts["Class loss of the predictor"] == ["a"] and len(charts) == 9
    one_update = shown(loss_charts(runs[1:]))
    assert one_update["Whole losses"] == ["generator", "discriminator"]


def test_accuracies_have_chance_and_last_values(runs):
    parts = accuracy_parts(runs)
    assert shown(parts) == {"Rotation: real": ["a", "b"], "Rotation: generated": ["a"], "Class predictor": ["a"]}
    assert all("Dashed: chance, 0." in chart.svg for chart in parts[1].charts)
    rows = {name: cells for name, *cells in parts[2].rows}
    assert rows.keys() == {"Rotation, real", "Rotation, generated", "Class predictor, labelled real images"}
    assert rows["Rotation, generated"][1:] == ["-", "0.25"] and rows["Rotation, real"][1] == "0.571"
    assert rows["Class predictor, labelled real images"][2] == "0.1"


def test_a_run_without_a_log_has_no_charts_of_it(tmp_path):
    runs = read_runs([write_run(tmp_path / "a", tags=(), scores=[])])
    assert score_charts(runs) == loss_charts(runs) == accuracy_parts(runs) == measurement_parts(runs) == []


def test_what_the_watchdog_measured(runs):
    (details,) = measurement_parts(runs)
    (chart,) = details.parts[0].charts
    assert chart.title == "Mean logit of real images above that of generated ones"
    assert "a: 2 at 40; b: 2 at 40" in chart.svg


def test_a_model_without_classes_has_no_spread_within_one(runs):
    for run in runs:
        run.measurements.update(spread=np.array([0.5]), class_spread=np.array([0.5]))
    titles = [chart.title for chart in measurement_parts(runs)[0].parts[0].charts]
    assert titles[1:] == ["Spread of generated pixels, of real ones it is 1"]
    runs[0].measurements["class_spread"] = np.array([0.25])
    found = {chart.title: chart.svg for chart in measurement_parts(runs)[0].parts[0].charts}
    assert "a: 0.25 at 40." in found["Spread in the least diverse class, of all real pixels it is 1"]


def test_steps_without_a_labelled_image_count_for_nothing(runs):
    """Their zeros are no accuracy and no loss: the predictor of few labels would look half as good as it is."""
    log = runs[0].log
    log["label_frac"] = np.tile([0.0, 0.0, 0.25, 0.75], 10)
    log["accuracy/class"] = np.tile([0.0, 0.0, 1.0, 0.5], 10)
    log["loss/class_loss_real"] = np.tile([0.0, 0.0, 2.0, 2.0], 10)
    rows = {name: cells for name, *cells in accuracy_parts(runs[:1])[2].rows}
    assert rows["Class predictor, labelled real images"][0] == "0.625"  # 0.25 * 1 + 0.75 * 0.5
    log["accuracy/class"][-2:] = 0.75, 0.0
    log["label_frac"][-2:] = 0.5, 0.25
    rows = {name: cells for name, *cells in accuracy_parts(runs[:1])[2].rows}
    assert rows["Class predictor, labelled real images"][0] == "0.500"  # (0.5 * 0.75 + 0.25 * 0) / 0.75
    charts = {chart.title: chart for part in (loss_charts(runs[:1])[1],) for chart in part.charts}
    assert "labelled real images: 2 at 3 to 2 at 40" in charts["Class loss of the predictor"].svg
    log["label_frac"][:] = 0.0
    assert "Class predictor" not in shown(accuracy_parts(runs[:1]))
    rows = {name: cells for name, *cells in accuracy_parts(runs[:1])[2].rows}
    assert rows["Class predictor, labelled real images"][0] == "-"
