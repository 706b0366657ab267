"""Charts of runs over their steps: scores, losses, accuracies and what the watchdog measured."""

import re

import numpy as np

from compare_gan2.metrics import registry
from compare_gan2.reporting.line_chart import Line, line_chart
from compare_gan2.reporting.page_parts import Charts, Details, Paragraph, Table
from compare_gan2.run_folder.distance_rows import is_distance
from compare_gan2.run_folder.measured_steps import measured

# What the tags of training.csv mean, see docs/files.md: {title of a chart: {tag: name of its line}}.
_LOSSES = {
    "Whole losses": {"loss/g": "generator", "loss/d_0": "discriminator"},
    "Adversarial terms of the discriminator": {"loss/d_real": "real", "loss/d_fake": "generated"},
    "Rotation losses": {
        **{"loss/real_loss": "real", "loss/fake_loss": "generated"},
        **{"loss/c_real_loss": "real", "loss/c_fake_loss": "generated"},
    },
    "Class loss of the predictor": {"loss/class_loss_real": "labelled real images"},
    "Penalty": {"loss/penalty": "penalty"},
}
_ROTATION = {"accuracy/real": "real", "accuracy/fake": "generated", "accuracy/d_rotation": "real"}
_PREDICTOR = {"accuracy/class": "labelled real images"}
_CHANCE_OF_ROTATION = 0.25
_MEASURED = {
    "spread": "Spread of generated pixels, of real ones it is 1",
    "class_spread": "Spread in the least diverse class, of all real pixels it is 1",
    "accuracy_train": "Share of training images that D takes for real",
    "accuracy_held_out": "Share of held-out images that D takes for real",
    "logit_gap": "Mean logit of real images above that of generated ones",
    "singular_value": "Largest singular value of all kernels",
}
_KEY = re.compile(r"[^A-Za-z0-9]+")
_LAST_SHARE = 20  # the last values are means over a twentieth of the steps


def score_charts(runs):
    """List of parts: a chart per metric with a line per run, its intervals as bars.

    Args:
        runs: list of `RunFacts`.
    """
    titles = registry.titles()
    charts = []
    metrics = {score.metric for run in runs for score in run.scores if score.value is not None}
    for metric in [*(name for name in titles if name in metrics), *sorted(metrics - titles.keys())]:
        lines = [_score_line(run, number, metric, len(runs) > 1) for number, run in enumerate(runs)]
        lines = [line for line in lines if line is not None]
        title = titles.get(metric, metric)
        charts.append(line_chart(title, lines, key=f"score-{metric}", logarithmic=is_distance(metric)))
    text = "Bars are the 95 % bootstrap intervals, or the deviation over the sets of generated images."
    return [Paragraph(text), Charts(charts)] if charts else []


def loss_charts(runs):
    """List of parts: for one run a chart per kind of loss, for several runs a chart per loss.

    Args:
        runs: list of `RunFacts`.
    """
    tags = sorted({tag for run in runs for tag in run.log if tag.startswith("loss/") and _varies(run.log[tag])})
    groups = {title: {tag: name for tag, name in names.items() if tag in tags} for title, names in _LOSSES.items()}
    groups["Whole losses"] |= {tag: f"discriminator, update {int(tag[7:]) + 1}" for tag in tags if tag[7:].isdecimal()}
    if {"loss/d_0"} == {tag for tag in groups["Whole losses"] if tag[7:].isdecimal()}:
        groups["Whole losses"]["loss/d_0"] = "discriminator"
    known = {tag for names in groups.values() for tag in names}
    groups |= {tag: {tag: ""} for tag in tags if tag not in known}
    charts = _charts(runs, groups, {tag: number for number, tag in enumerate(tags)})
    text = "Smoothed over the pale raw values. Losses are a balance between two players and need not fall."
    return [Paragraph(text), Charts(charts)] if charts else []


def accuracy_parts(runs):
    """List of parts about the accuracies of rotation and of the predictor: charts, and a table of the last values.

    Args:
        runs: list of `RunFacts`.
    """
    classes = {run.dataset.num_classes for run in runs if run.dataset is not None and run.dataset.num_classes}
    chance = 1 / classes.pop() if len(classes) == 1 else None
    groups = {"Rotation": _ROTATION, "Class predictor": _PREDICTOR}
    tags = [tag for names in groups.values() for tag in names if any(tag in run.log for run in runs)]
    numbers = {tag: number for number, tag in enumerate(tags)}
    levels = {"Rotation": (_CHANCE_OF_ROTATION, "chance")}
    if chance is not None:
        levels["Class predictor"] = (chance, "chance")
    shown = {title: {tag: name for tag, name in names.items() if tag in tags} for title, names in groups.items()}
    charts = _charts(runs, shown, numbers, levels)
    if not charts:
        return []
    rows = []
    for title, names in shown.items():
        for name in dict.fromkeys(names.values()):
            tags = [tag for tag, other in names.items() if other == name]
            level = levels.get(title, (None,))[0]
            cells = [_last_value(run.log, tags) for run in runs]
            rows.append([f"{title}, {name}", *cells, "-" if level is None else f"{level:.3g}"])
    caption = f"Accuracy in training, mean over the last {100 // _LAST_SHARE} % of the steps"
    table = Table(caption, ["", *(run.name for run in runs), "chance"], rows)
    text = (
        "Share of rotated images whose angle, and of labelled images whose class, the discriminator finds in training. "
        "The dashed line is chance."
    )
    return [Paragraph(text), Charts(charts), table]


def measurement_parts(runs):
    """List of parts with what the watchdog measured at checkpoints, on request.

    Args:
        runs: list of `RunFacts`.
    """
    tags = sorted({tag for run in runs for tag in run.measurements if tag != "step"})
    charts = []
    for tag in tags:
        lines = [
            Line(run.name if len(runs) > 1 else "", run.measurements["step"], run.measurements[tag], number=number)
            for number, run in enumerate(runs)
            if _measured(run, tag)
        ]
        if lines:
            charts.append(line_chart(_MEASURED.get(tag, tag.replace("_", " ")), lines, key=f"watchdog-{tag}"))
    return [Details(f"What the watchdog measured at checkpoints ({len(charts)} charts)", [Charts(charts)])] * bool(
        charts
    )


def _measured(run, tag):
    """Whether the watchdog measured this in a run; without classes the spread within a class is that of all images."""
    values = run.measurements.get(tag, np.zeros(0))
    if tag == "class_spread" and np.array_equal(values, run.measurements.get("spread"), equal_nan=True):
        return False
    return bool(np.isfinite(values).any())


def _score_line(run, number, metric, named):
    scores = {score.step: score for score in run.scores if score.metric == metric and score.value is not None}
    if not scores:
        return None
    scores = [scores[step] for step in sorted(scores)]
    low = [score.value - (score.std or 0) if score.low is None else score.low for score in scores]
    high = [score.value + (score.std or 0) if score.high is None else score.high for score in scores]
    steps, values = [score.step for score in scores], [score.value for score in scores]
    return Line(run.name if named else "", steps, values, low, high, number)


def _charts(runs, groups, numbers, levels=None):
    """A chart per group of one run, whose lines are its tags; for several a chart per name, whose lines are runs."""
    levels, charts = levels or {}, []
    for title, names in groups.items():
        if len(runs) == 1:
            plans = {title: [_log_line(runs[0], [tag], name, numbers[tag]) for tag, name in names.items()]}
        else:
            tags = {name: [tag for tag, other in names.items() if other == name] for name in names.values()}
            plans = {
                f"{title}: {name}" if len(tags) > 1 else title: [
                    _log_line(run, same, run.name, number) for number, run in enumerate(runs)
                ]
                for name, same in tags.items()  # tags of different classes that mean the same
            }
        for heading, lines in plans.items():
            if lines := [line for line in lines if line is not None]:
                charts.append(
                    line_chart(heading, lines, key=f"log-{len(charts)}-{_KEY.sub('-', title)}", level=levels.get(title))
                )
    return charts


def _log_line(run, tags, name, number):
    """`Line` of the first of these tags that a run has; None if it has none."""
    for tag in tags:
        if tag in run.log:
            steps, values, _ = measured(run.log, tag)
            if np.isfinite(values).any():
                return Line(name, steps, values, number=number, raw=True)
    return None


def _varies(values):
    return len(values) and bool(np.any(values != 0))


def _last_value(log, tags):
    tag = next((tag for tag in tags if len(log.get(tag, ()))), None)
    if tag is None:
        return "-"
    steps, values, weights = measured(log, tag)
    last = steps >= log["step"][-max(1, len(log["step"]) // _LAST_SHARE)]
    return f"{float(np.average(values[last], weights=weights[last])):.3f}" if last.any() else "-"
