import itertools
import os

import matplotlib
import numpy as np
import pytest
from PIL import Image

from compare_gan2.reporting.curves import draw_curves, plot_curves
from compare_gan2.run_folder.scores import Score


def training_log(count, first=1):
    generator = np.random.default_rng(0)
    steps = np.arange(first, first + count)
    losses = {name: generator.normal(1, 0.1, count).astype(np.float32) for name in ("loss_d", "loss_g")}
    return {"step": steps, "accuracy": np.ones(count, np.float32), **losses}


def score(step, metric, value, std=0.1, weights="ema", reason=""):
    name = f"model.ckpt-{step}"
    return Score(name, step, metric, value, std, 1000, 1000, "test", "digits", weights, "moving", 0, reason=reason)


def scores(last_step, count=5):
    chosen = []
    for weights, step in itertools.product(("ema", "raw"), np.linspace(0, last_step, count).astype(int).tolist()):
        learned = 1 - np.exp(-4 * step / last_step)
        chosen.append(score(step, "conditional_accuracy", 0.1 + 0.85 * learned, 0.01, weights))
        chosen.append(score(step, "fid", 400 - 380 * learned, 3.0, weights))
        chosen.append(score(step, "classifier_score", 1 + 8 * learned, 0.1, weights))
    return chosen


def panel_titles(figure):
    return [panel.get_title(loc="left") for panel in figure.axes]


def test_one_panel_for_losses_and_one_per_metric_the_known_ones_first():
    titles = {
        "fid": "FID (lower is better)",
        "classifier_score": "Classifier score (higher is better)",
        "unused": "Unused",
        "conditional_accuracy": "Conditional accuracy (higher is better)",
    }
    given = [*scores(100), score(100, "kid_mean", 0.2)]
    figure = draw_curves(training_log(100), given, title="s3gan", metric_titles=titles)
    assert panel_titles(figure) == [
        "Losses (smoothed over the light raw values)",
        "FID (lower is better)",
        "Classifier score (higher is better)",
        "Conditional accuracy (higher is better)",
        "kid mean",
    ]
    assert figure.get_suptitle() == "s3gan"
    assert [panel.get_yscale() for panel in figure.axes] == ["linear", "log", "linear", "linear", "linear"]
    assert len({panel.get_xlim() for panel in figure.axes}) == 1


def test_losses_are_drawn_raw_and_smoothed_and_other_scalars_are_not():
    log = training_log(400)
    lines = draw_curves(log, []).axes[0].lines
    assert [line.get_label() for line in lines if not line.get_label().startswith("_")] == ["loss_d", "loss_g"]
    raw, smooth = (line.get_ydata() for line in lines[:2])
    np.testing.assert_array_equal(raw, log["loss_d"])
    np.testing.assert_allclose(smooth[200], log["loss_d"][196:205].mean(), rtol=1e-6)
    np.testing.assert_allclose(smooth[0], log["loss_d"][:5].mean(), rtol=1e-6)
    np.testing.assert_allclose(smooth[-1], log["loss_d"][-5:].mean(), rtol=1e-6)


def test_a_long_run_keeps_its_extremes_with_few_points():
    log = training_log(250_000)
    log["loss_d"][123_456], log["loss_d"][77] = 5.0, -5.0
    raw = draw_curves(log, []).axes[0].lines[0]
    assert len(raw.get_ydata()) <= 2000
    assert raw.get_ydata().max() == 5.0 and raw.get_ydata().min() == -5.0
    assert abs(raw.get_xdata()[raw.get_ydata().argmax()] - 123_457) < 250


def test_a_spike_does_not_set_the_scale_and_nan_does_not_hide_the_rest():
    log = training_log(1000)
    log["loss_d"][500], log["loss_g"][300] = 1e4, np.nan
    panel = draw_curves({"step": log["step"], "loss_g": log["loss_g"]}, []).axes[0]
    assert np.isfinite(panel.lines[1].get_ydata()).all() and len(panel.lines[1].get_ydata()) == 999
    log["loss_d"][500] = 40.0
    assert draw_curves(log, []).axes[0].get_ylim()[1] < 10


def test_values_error_bars_and_the_last_score_are_shown():
    panel = draw_curves({}, [score(200, "fid", 10.0, 2.0), score(100, "fid", 50.0, 5.0)]).axes[0]
    (container,) = panel.containers
    line, _, (bars,) = container.lines
    assert line.get_xdata().tolist() == [100, 200] and line.get_ydata().tolist() == [50.0, 10.0]
    assert [segment[:, 1].tolist() for segment in bars.get_segments()] == [[45.0, 55.0], [8.0, 12.0]]
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["last 10 ± 2"]
    assert panel.get_ylim()[0] < 8 and panel.get_ylim()[1] > 55


def test_lines_are_labelled_by_what_differs():
    panel = draw_curves({}, scores(100)).axes[0]
    labels = [text.get_text() for text in panel.get_legend().get_texts()]
    assert [label.split(",")[0] for label in labels] == ["ema", "raw"]


def test_a_failed_score_is_a_cross_and_no_number():
    panel = draw_curves({}, [score(100, "fid", 9.0), score(200, "fid", None, None, reason="NaN")]).axes[0]
    (cross,) = [line for line in panel.lines if line.get_label() == "failed"]
    assert cross.get_xdata() == [200] and cross.get_marker() == "x"
    assert panel.containers[0].lines[0].get_xdata().tolist() == [100]
    only = draw_curves({}, [score(200, "fid", None, None, reason="NaN")]).axes[0]
    assert [text.get_text() for text in only.get_legend().get_texts()] == ["failed"]


def test_fid_of_zero_falls_on_a_linear_scale():
    assert draw_curves({}, [score(1, "fid", 0.0), score(2, "fid", 1.0)]).axes[0].get_yscale() == "linear"


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match=r"no loss in \['accuracy', 'step'\] and no scores"):
        draw_curves({"step": np.arange(3), "accuracy": np.ones(3)}, [])


@pytest.mark.parametrize("last_step", [4, 2000, 250_000])
@pytest.mark.parametrize("raw", [False, True])
def test_no_text_overlaps_another_or_leaves_the_picture(last_step, raw):
    log = training_log(min(last_step, 3000), first=max(last_step - 2999, 1))
    chosen = [s for s in scores(last_step) if raw or s.weights == "ema"]
    figure = draw_curves(log, chosen, title="s3gan on mnist_5k, seed 1")
    figure.canvas.draw()
    boxes = [("title", figure._suptitle.get_window_extent())]
    for panel in figure.axes:
        axes = (panel.get_xlim(), panel.get_xticklabels()), (panel.get_ylim(), panel.get_yticklabels())
        for place, (limits, labels) in enumerate(axes):
            shown = [label for label in labels if limits[0] <= label.get_position()[place] <= limits[1]]
            assert len(shown) >= 2, panel.get_title(loc="left")
            boxes += [(text.get_text(), text.get_window_extent()) for text in shown]
        boxes += [(text.get_text(), text.get_window_extent()) for text in (panel._left_title, panel.xaxis.label)]
        legend = panel.get_legend().get_window_extent()
        boxes.append((f"legend of {panel.get_title(loc='left')}", legend))
        for line in panel.containers:
            points = panel.transData.transform(np.transpose(line.lines[0].get_data()).astype(float))
            assert not any(legend.contains(*point) for point in points), panel.get_title(loc="left")
    for name, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, name
    for (name, box), (other_name, other) in itertools.combinations(boxes, 2):
        assert not (box.width and other.width and box.overlaps(other)), (name, other_name)


def test_the_picture_is_a_png_and_matplotlib_stays_as_it_was(tmp_path):
    settings = dict(matplotlib.rcParams)
    plot_curves(tmp_path / "curves.png", training_log(50), scores(50), title="t")
    assert dict(matplotlib.rcParams) == settings
    assert os.listdir(tmp_path) == ["curves.png"]
    with Image.open(tmp_path / "curves.png") as image:
        assert image.format == "PNG" and image.size[0] == 1440
        colors = np.asarray(image.convert("RGB")).reshape(-1, 3)
    assert (colors == [0x00, 0x72, 0xB2]).all(axis=1).any() and (colors == [0xD5, 0x5E, 0x00]).all(axis=1).any()


def test_the_legend_names_losses_in_words():
    losses = {tag: np.ones(10, np.float32) for tag in ("loss/d_0", "loss/g", "loss/class_loss_real", "loss/own")}
    lines = draw_curves({"step": np.arange(1, 11), **losses}, []).axes[0].get_lines()
    shown = {line.get_label() for line in lines if not line.get_label().startswith("_")}
    assert shown == {"discriminator", "generator", "predicted class of real images", "own"}


def test_no_two_losses_share_a_colour():
    losses = {f"loss/{number}": np.full(10, number, np.float32) for number in range(15)}
    figure = draw_curves({"step": np.arange(1, 11), **losses}, [])
    lines = [line for line in figure.axes[0].get_lines() if not line.get_label().startswith("_")]
    assert len(lines) == len({line.get_color() for line in lines}) == 15
