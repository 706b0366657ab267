"""The page of a model on Hugging Face: README.md with its front matter, samples.png and config.gin."""

import json

import numpy as np

from compare_gan2.exporting.citations import citations
from compare_gan2.exporting.usage import usage
from compare_gan2.ground.image_size import in_pixels
from compare_gan2.reporting.pictures import class_grid, sample_grid, save_png
from compare_gan2.runs.weights_in_words import WORDS, weights_in_words

CARD, PICTURE, CONFIGURATION = "README.md", "samples.png", "config.gin"
MOST_CLASSES, PER_CLASS, WITHOUT_CLASSES = 10, 8, 64  # of the picture


def write(folder, model, facts, formats):
    """Writes the three files, config.gin only if the model has a run.

    Args:
        folder: an existing folder.
        model: `Model`.
        facts: its `ModelFacts`.
        formats: names of the formats in the folder.
    """
    save_png(folder / PICTURE, _picture(model))
    if facts.configuration:
        (folder / CONFIGURATION).write_text(facts.configuration)
    parts = [
        _front_matter(model, facts),
        f"# {_line(facts.name)}",
        _what(model, facts),
        f"![Samples of the model]({PICTURE})",
        *usage(model, formats),
        "## Training",
        _table(_training(model, facts)),
        "## Scores",
        _scores(facts),
        "## Known limits",
        "\n".join(f"- {limit}" for limit in _limits(model, facts)),
        "## How to cite",
        "The method and the networks; the program is compare_gan2, see the CITATION.cff of its repository.",
        f"```bibtex\n{citations(facts.gan, facts.architecture)}\n```",
    ]
    (folder / CARD).write_text("\n\n".join(parts) + "\n")


def _picture(model):
    if model.num_classes is None:
        return sample_grid(model.sample(WITHOUT_CLASSES, dtype="float32"))
    count = min(model.num_classes, MOST_CLASSES)
    classes = sorted({round(number) for number in np.linspace(0, model.num_classes - 1, count)})
    rows = [model.sample(PER_CLASS, labels=label, dtype="float32") for label in classes]
    return class_grid(rows, [model.class_names[label] if model.class_names else label for label in classes])


def _front_matter(model, facts):
    """YAML between two lines of dashes; values are written as JSON, which YAML contains."""
    tags = ["gan", *([facts.gan.lower()] if facts.gan else []), facts.architecture]
    lines = [] if facts.license is None else [f"license: {json.dumps(facts.license)}"]
    lines += ["library_name: compare_gan2", "pipeline_tag: unconditional-image-generation"]
    lines += [f"tags: {json.dumps(tags)}"]
    scored = [score for score in facts.scores if score.value is not None]
    if scored:
        results = [
            {
                "task": {"type": "unconditional-image-generation"},
                "dataset": {
                    "name": f"{score.dataset} ({score.split})",
                    "type": score.dataset,
                    "split": (score.split or "").partition(",")[0],  # "test", where a part was drawn, too
                },
                "metrics": [{"type": score.metric, "name": score.metric, "value": score.value}],
            }
            for score in scored
        ]
        lines.append(f"model-index: {json.dumps([{'name': facts.name, 'results': results}])}")
    return "\n".join(["---", *lines, "---"])


def _what(model, facts):
    height, width, channels = model.image_shape
    kind = "colour" if channels == 3 else "grey"
    of_class = "" if model.num_classes is None else f" of {model.num_classes} classes"
    data = f", trained on {_line(facts.dataset.name)}" if facts.dataset is not None else ""
    return (
        f"A generator of {kind} images of {in_pixels(height, width)}{of_class}{data}: {facts.gan or 'a GAN'} with the "
        f"networks {facts.architecture}, {facts.parameters:,} trained parameters in the generator. It was trained and "
        "exported with compare_gan2."
    )


def _training(model, facts):
    """Rows (what, value) of the table about the run."""
    rows = [("weights", weights_in_words(model) or "unknown")]
    if model.step is not None:
        rows.append(("generator steps", f"{model.step:,}"))
    if facts.statistics is not None:
        kind, _, count = facts.statistics.partition("_")
        standing = f"standing statistics of {int(count or 0):,} generated images"
        rows.append(("batch norm", standing if kind == "standing" else "moving averages of training"))
    rows.append(("latents", f"{model.z_dim} values, {model.latents.description}"))
    if (data := facts.dataset) is not None:
        rows.append(("data", data.name))
        if data.num_train is not None:
            rows.append(("training images", f"{data.num_train:,}"))
        if data.num_labelled is not None and data.num_train and model.num_classes is not None:
            share = data.num_labelled / data.num_train
            rows.append(("of these with a label", f"{data.num_labelled:,} ({100 * share:.3g} %)"))
    if facts.configuration:
        rows.append(("configuration", f"[{CONFIGURATION}]({CONFIGURATION}), all options with their values"))
    return [("what", "value"), *rows]


def _scores(facts):
    if not facts.scores:
        return "This checkpoint has not been scored."
    protocols = [_protocol(score) for score in facts.scores]
    rows = [("metric", "value", "95 % interval", "caution", "protocol")]
    for score, protocol in zip(facts.scores, protocols, strict=True):
        value = "failed" if score.has_failed else "-" if score.value is None else f"{score.value:.4g}"
        if score.std is not None and (score.num_runs or 0) > 1:
            value += f" ± {score.std:.2g}"
        interval = "" if score.low is None else f"{score.low:.4g} to {score.high:.4g}"
        rows.append((score.metric, value, interval, score.reason or score.caution, protocol))
    text = "A value is the mean over repetitions, each with images of its own (± standard deviation)."
    if len(set(protocols)) == 1:
        rows, text = [row[:-1] for row in rows], f"{text} All rows: {_line(protocols[0])}."
    if not any(row[3] for row in rows[1:]):  # no caution
        rows = [(*row[:3], *row[4:]) for row in rows]
    return f"{_table(rows)}\n\n{text}"


def _protocol(score):
    parts = [f"{score.num_fake:,} generated images"] if score.num_fake else []
    parts += [f"{score.num_real:,} real ones of {score.dataset} ({score.split})"] if score.num_real else []
    weights, *precision = score.weights.split(" in ")
    parts += [" in ".join([WORDS[weights], *precision])] if weights in WORDS else []
    named = {"network": score.network, "batch norm": score.bn_statistics}
    named |= {"truncation": score.truncation, "classes": score.label_prior}
    named |= {"repetitions": score.num_runs, "seed": score.seed}
    return ", ".join([*parts, *(f"{name} {value}" for name, value in named.items() if value not in (None, ""))])


def _limits(model, facts):
    height, width, _ = model.image_shape
    size = in_pixels(height, width)
    yield f"Images have {size} and are of the kind of the training data; the model knows nothing else."
    data = facts.dataset
    if data is not None and data.num_labelled is not None and data.num_train and model.num_classes is not None:
        if data.num_labelled < data.num_train:
            yield f"Classes were learned from {data.num_labelled:,} labels; a sample of a wrong class is not marked."
    yield "Whether samples repeat training images has not been measured for this page."
    yield "What is common in the training data is common in the samples: its biases are theirs."
    if facts.scores:
        yield "A score compares only with scores of the same protocol: network, number of images, data and resizing."
    yield (
        "The files are for inference: spectral norm is folded into the kernels, there is no optimizer. To train on, "
        "take the run."
    )
    if facts.license is None:
        yield "No licence is given for the weights; ask their author."


def _table(rows):
    header, *others = [[_line(cell) for cell in row] for row in rows]
    lines = [header, ["---"] * len(header), *others]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _line(text):
    """A text as part of one line of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")
