"""Dual pseudo training: a GAN on inferred labels, a classifier that learns from its images, too, a GAN on its labels.

Source: You et al. 2023 (DPT), section 3, for diffusion models. Round 1 is a run as without rounds. The last round is in
the folder that was asked for, what comes before it in `rounds/` below: runs 1, 2, ..., classifiers classifier-2, ...
and the table rounds.csv.
"""

import csv
import dataclasses
import io
import os
import pathlib

import numpy as np

from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.config.run_options import RunConfig
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.labels.replacement import MANIFEST
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.distribution.devices import choose_devices
from compare_gan2.ground import files, json_text, sealed_files
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.pretraining.extractor import Extractor
from compare_gan2.pretraining.few_label_options import FewLabelOptions
from compare_gan2.pretraining.generated_images import with_generated
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions, LabelInference
from compare_gan2.pretraining.label_files import PATTERN, keep_manifest
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.propagation_options import PropagationOptions
from compare_gan2.pretraining.self_supervised.methods import METHODS
from compare_gan2.run_folder.distance_rows import distance_of
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.runs.load import complete, opened
from compare_gan2.runs.train_and_score import run

FOLDER, TABLE, INFERRED = "rounds", "rounds.csv", "inferred_labels.json"
ONE = "pretrain.rounds = 1"  # of each run, so that it resumes where another number of rounds is asked for
COLUMNS = ("round", "label_accuracy", "labels_used", "classifier_test_accuracy", "metric", "value", "step", "folder")
ALL_LABELS = (  # of a run whose labels are a file's
    *("inferred_labels.kind = None", "labels.fraction = 1.0", "labels.per_class = None", "labels.noise = 0.0"),
    *("labels.file = None", "labels.at_least_one = False", "labels.allow_fewer = False"),
)


def run_in_rounds(parse, gin_files, gin_bindings, command, **how):
    """`RunFiles` of the last of `pretrain.rounds` runs, in `command.model_dir`; of the only one if there is one.

    Args:
        parse: function (files, gin bindings, **how) -> `Configuration`.
        gin_files, gin_bindings: of the command.
        command: `CommandOptions`.
        **how: for `parse`.

    Raises:
        ConfigError: before any training, for whatever cannot be run.
        TrainingFailed: if training diverges.
    """

    def parsed(*further):
        return parse(gin_files, [*gin_bindings, *further], **how)

    config = parsed()
    rounds = config.build(PretrainOptions).rounds if config.is_bound(PretrainOptions, "rounds") else 1
    if rounds == 1:
        return run(config, command)
    below = pathlib.Path(command.model_dir) / FOLDER
    kind = _checked_kind(config, command)
    labels = {number: below / f"classifier-{number}" / f"labels-{kind}" for number in range(2, rounds + 1)}
    _require_rounds_of(command.model_dir, labels[rounds])
    first = parsed(ONE)
    if command.dry_run:
        log.info(f"dry run of the first of {rounds} rounds")
        return run(first, command)
    rows, done = [], None
    for number in range(1, rounds + 1):
        log.info(f"--- round {number} of {rounds}")
        if number > 1:
            _make_labels(parsed(ONE), command, done.path, labels[number])
        folder = below / str(number) if number < rounds else command.model_dir
        round_config = first if number == 1 else _on_labels(parsed, labels[number])
        done = run(round_config, dataclasses.replace(command, model_dir=str(folder), asked=None))
        if number > 1:
            keep_manifest(labels[number], done.path / INFERRED)
        rows.append(_row(number, done))
        _write(below / TABLE, rows)
        log.info(_in_words(rows[-1], rounds))
    done.record_completion(command.asked)
    return done


def _checked_kind(config, command):
    kind = config.build(InferredLabelsOptions).kind
    if kind not in ("hard", "soft"):
        raise ConfigError(
            "pretrain.rounds: rounds make labels of classes better, expected inferred_labels.kind = 'hard' or 'soft' "
            f"beside it, got {kind!r}"
        )
    if command.workers or os.environ.get("TF_CONFIG"):
        raise ConfigError("pretrain.rounds: expected one process, got several (workers); train the rounds in one")
    if config.build(RunConfig, **command.overrides.get("run_config", {})).schedule == "continuous_eval":
        raise ConfigError("pretrain.rounds: expected a schedule that trains, got continuous_eval")
    return kind


def _require_rounds_of(model_dir, labels):
    """Refuses the folder of another run before hours go into the rounds that come first."""
    recorded = ModelDirectory(model_dir).recorded()
    if recorded and recorded.get("replace_labels.file_pattern") != repr(str(labels / PATTERN)):
        raise ConfigError(
            f"pretrain.rounds: {model_dir} holds a run without rounds, or the last one of another number of them; "
            "choose another --model_dir"
        )


def _on_labels(parsed, folder):
    """`Configuration` of a run on label files."""
    config = parsed(ONE, *ALL_LABELS, f"replace_labels.file_pattern = {str(folder / PATTERN)!r}")
    options = config.build(PretrainOptions)  # what inferred labels have read, so that the run does not call it unused
    config.build(ResNetV2Options)
    if options.compares_views:
        config.build(METHODS[options.task])
    if options.learns_from_few:
        config.build(FewLabelOptions)
    if config.build(InferredLabelsOptions).method == "propagation":
        config.build(PropagationOptions)
    return config


def _make_labels(config, command, previous, folder):
    """Writes label files by a classifier of the labelled images and of those of the run before, unless they exist."""
    if (folder / MANIFEST).exists():
        return
    dataset = open_dataset(
        config,
        config.build(DatasetOptions).name,
        tfds_data_dir=command.tfds_data_dir,
        fake=command.data_fake_dataset,
        shuffle_buffer_size=command.data_shuffle_buffer_size,
    )
    run_config = config.build(RunConfig, **command.overrides.get("run_config", {}))
    strategy = choose_devices(command.use_tpu, run_config.single_core, command.num_devices).scoring_strategy
    options = config.build(PretrainOptions)
    classes = np.repeat(np.arange(dataset.num_classes), options.generated_per_class)
    log.info(f"generates {len(classes)} images for a classifier, {options.generated_per_class} of each class")
    model = complete(opened(previous))
    images = model.sample(len(classes), labels=classes.tolist(), seed=run_config.seed, dtype="float32")
    extractor = Extractor(
        with_generated(dataset, images, classes),
        strategy,
        dataclasses.replace(options, task="supervised", views=None),
        config.build(ResNetV2Options),
        folder=folder.parent,
    )
    LabelInference(extractor, config.build(InferredLabelsOptions).kind, dataset=dataset).infer()


def _row(number, done):
    facts = json_text.parsed(sealed_files.read(done.path / INFERRED))
    scores = [score for score in done.scores.read() if score.step == done.last_step]
    metric = distance_of({score.metric for score in scores})
    value = next((score.value for score in scores if score.metric == metric), None)
    test = facts.get("test", {}).get("class_accuracy")
    cells = (number, facts.get("accuracy"), facts["labels_used"], test, metric, value, done.last_step, str(done.path))
    return dict(zip(COLUMNS, cells, strict=True))


def _write(path, rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as file:
        file.write(text.getvalue().encode())


def _in_words(row, rounds):
    right = "unknown" if row["label_accuracy"] is None else f"{row['label_accuracy']:.2%} of the labels are right"
    score = "not scored" if row["value"] is None else f"{row['metric']} {row['value']:.4g}"
    return f"round {row['round']} of {rounds}: {right}, {score}: {row['folder']}"
