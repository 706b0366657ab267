"""What runs were trained on, for how long and at what cost, in words."""

from compare_gan2.ground.progress import duration
from compare_gan2.reporting import inferred_summary
from compare_gan2.reporting.page_parts import Paragraph, Table

UNKNOWN = "not recorded"


def lead(run):
    """Sentence about one run: method, data, labels, steps."""
    return f"{_method(run)} on {_data(run)}; {_labels(run)}; {_steps(run)}."


def summary_table(runs):
    """`Table`, a column per run.

    Args:
        runs: list of `RunFacts`.
    """
    facts = {
        "method": _method,
        "networks": lambda run: str(run.value("options.architecture")),
        "loss": lambda run: f"{run.value('loss.fn') or UNKNOWN}, {run.value('penalty.fn') or 'no_penalty'}",
        "data": _data,
        "training images": lambda run: _count(run.dataset and run.dataset.num_train),
        "labels": _labels,
        "inferred labels": lambda run: inferred_summary.in_words(run.inferred),
        "trained": _steps,
        "batch": lambda run: str(run.value("options.batch_size")),
        "state": _state,
        "best checkpoint": lambda run: "not chosen" if run.best is None else f"step {run.best:,}, see best.json",
        "precision": lambda run: str(run.value("run_config.mixed_precision") or UNKNOWN),
        "scored by version": lambda run: ", ".join(sorted({s.code_version or "?" for s in run.scores})) or "not scored",
    }
    if all(run.inferred is None for run in runs):
        del facts["inferred labels"]
    rows = [[name, *(tell(run) for run in runs)] for name, tell in facts.items()]
    return Table("Method, data and labels", ["", *(run.name for run in runs)], rows, is_text=True)


def cost_parts(runs):
    """List of parts about time, speed and memory.

    Args:
        runs: list of `RunFacts`.
    """
    facts = {
        "training": lambda run: duration(run.files.cost.seconds()),
        "images per second": lambda run: f"{run.files.cost.images_per_second():,.4g}",
        "steps per second": lambda run: f"{_steps_per_second(run):.3g}",
        "sessions": lambda run: str(len({line["session"] for line in run.cost})),
        "memory of the process, at most": lambda run: _bytes(max(line["host_memory"] for line in run.cost)),
        "memory of a GPU, at most": _device_memory,
        "devices": lambda run: "; ".join(dict.fromkeys(line["devices"] for line in run.cost)),
    }
    text = (
        "Time of training up to the last checkpoint; scoring and drawing are not counted. The speed leaves out the "
        "steps before a session's first checkpoint, which include compilation, if there are others. Images count as "
        "often as a step reads them."
    )
    rows = [[name, *(tell(run) if run.cost else UNKNOWN for run in runs)] for name, tell in facts.items()]
    return [Paragraph(text), Table("Cost", ["", *(run.name for run in runs)], rows, is_text=True)]


def _method(run):
    name = run.value("options.gan_class") or UNKNOWN
    extras = []
    if run.value(".self_supervision") == "rotation":
        extras.append("rotations")
    if run.value(".use_predictor"):
        extras.append("labels predicted by the discriminator")
    return f"{name} ({', '.join(extras)})" if extras else str(name)


def _data(run):
    data = run.dataset
    if data is None:
        return str(run.value("dataset.name"))
    classes = "without classes" if data.num_classes is None else f"{data.num_classes:,} classes"
    return f"{data.name}, {'x'.join(map(str, data.image_shape))}, {classes}"


def _labels(run):
    data = run.dataset
    if run.value(".conditional") is False:
        return "no labels: the model is unconditional"
    if data is None or data.num_labelled is None:
        return f"labels {UNKNOWN}"
    if not data.labels_are_classes:
        return f"{data.num_labelled:,} labels that are not classes (clusters or random)"
    share = f" ({100 * data.num_labelled / data.num_train:.3g}\u00a0%)" if data.num_train else ""
    kind = run.value("inferred_labels.kind")
    others = f", the others inferred by pre-training ({kind})" if kind else ""
    return f"{data.num_labelled:,} of {_count(data.num_train)} training images have a label{share}{others}"


def _steps(run):
    planned = run.value("options.training_steps")
    return f"{run.last_step:,} steps" + (f" of {planned:,}" if planned and planned != run.last_step else "")


def _state(run):
    if run.is_done:
        return "training is finished"
    stops = [event for event in run.events if event["action"] == "stop"]
    if stops and stops[-1]["step"] >= run.last_step:
        return f"stopped by the watchdog at step {stops[-1]['step']:,} ({stops[-1]['rule']})"
    return "training is not finished"


def _steps_per_second(run):
    batch = run.cost[-1]["images"] / (run.cost[-1]["step"] - run.cost[-1]["first_step"])
    return run.files.cost.images_per_second() / batch


def _device_memory(run):
    return _bytes(max((line["device_memory"] or 0 for line in run.cost), default=0)) if _on_gpu(run) else "-"


def _on_gpu(run):
    return any(line["device_memory"] for line in run.cost)


def _bytes(number):
    return f"{number / 2**30:.3g} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"


def _count(number):
    return UNKNOWN if number is None else f"{number:,}"
