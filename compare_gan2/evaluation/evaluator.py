"""Scores of a run's checkpoints: standing statistics, samples, features, metrics, all by the same protocol."""

import dataclasses

from compare_gan2.code_version import code_version
from compare_gan2.configuration import ConfigError
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.measurements import Measurements
from compare_gan2.evaluation.one_pass import OnePass
from compare_gan2.metrics import registry
from compare_gan2.reporting.files import DamagedFileError
from compare_gan2.reporting.progress import Progress
from compare_gan2.reporting.scores import Score
from compare_gan2.training.checkpoints import damage_of


def available_needs(network, dataset, conditional):
    """Set of keys of `registry.NEEDS` that a run can meet.

    Args:
        network: `FeatureNetwork`.
        dataset: `ImageDataset`.
        conditional: whether the model takes labels.
    """
    met = {"fake_images", "fake_features", "real_images", "real_features", "train_images", "generator", "discriminator"}
    if network.num_logits:
        met.add("fake_logits")
    if conditional:
        met.add("fake_labels")
    if dataset.num_classes == 1 or dataset.num_classes and dataset.labels_are_classes:
        met.add("real_labels")
    if network.classifies == dataset.name and dataset.labels_are_classes:
        met.add("class_logits")
    return met


class Evaluator:
    """Scores checkpoints of one run.

    Args:
        dataset: `ImageDataset` of the real images.
        sampler: `Sampler` of the run.
        network: `FeatureNetwork`.
        options: `EvaluationOptions`.
        standing_samples: `standing_statistics.num_samples`.
        num_averaging_runs: fake sets per checkpoint; values are their means, std the population deviation.
        seed: of the run.
        truncation: see `Score`.
        strategy: tf.distribute strategy whose replicas share the feature network's work; None for one.

    Raises:
        ConfigError: for metrics that do not exist or lack something, or fewer real images than asked for.
    """

    def __init__(
        self,
        dataset,
        sampler,
        network,
        options,
        *,
        standing_samples,
        num_averaging_runs,
        seed,
        truncation,
        strategy=None,
    ):
        self.sampler = sampler
        self.standing_samples = standing_samples
        self.num_averaging_runs = num_averaging_runs
        self.real_source = sources.of_dataset(dataset, options.split, options.num_real)
        self.num_fake = options.num_fake or self.real_source.count
        conditional = sampler.gan.conditional
        self.metrics = registry.choose(options.metrics, available_needs(network, dataset, conditional))
        self.one_pass = OnePass(
            self.metrics,
            network,
            self.real_source,
            lambda: sources.of_dataset(dataset, "train", min(self.num_fake, dataset.num_images("train"))),
            seed=seed,
            cache_dir=options.cache_dir,
            strategy=strategy,
        )
        statistics = f"standing_{standing_samples}" if sampler.needs_standing_statistics else "moving"
        self._protocol = {
            "num_real": self.real_source.count,
            "num_fake": self.num_fake,
            "split": options.split,
            "weights": sampler.weights,
            "bn_statistics": statistics,
            "seed": seed,
            "dataset": dataset.name,
            "num_runs": num_averaging_runs,
            "truncation": truncation,
            "code_version": code_version(),
        }

    def score(self, path, step, names=None):
        """List of `Score`, one per row; empty values with the reason where one cannot be computed.

        Args:
            path: of the checkpoint.
            step: of the checkpoint.
            names: of the metrics to compute; None for all.
        """
        metrics = [metric for metric in self.metrics if names is None or metric.name in names]
        measured = Measurements(metrics)
        if damage := damage_of(path):
            measured.fail(f"checkpoint is damaged: {damage}")
        else:
            self.sampler.load(path)
            try:
                self._measure(measured, path.name)
            except (ConfigError, DamagedFileError):
                raise
            except ValueError as error:  # images that are no images
                measured.fail(str(error))
        return [self._score(path, step, metric, row, measured) for metric in metrics for row in metric.rows]

    def _measure(self, measured, name):
        self.one_pass.read_real()  # before the progress of this checkpoint
        standing = self.standing_samples if self.sampler.needs_standing_statistics else 0
        total = standing + self.num_averaging_runs * self.num_fake
        with Progress(total, 0, f"scoring {name}", 1, unit="images") as progress:
            self.sampler.accumulate(standing, progress.update, keep=True)
            for run in range(self.num_averaging_runs):
                done = standing + run * self.num_fake
                samples = self.one_pass.samples(
                    measured.metrics,
                    self.sampler.batches(self.num_fake, f"scores/{run}"),
                    self.num_fake,
                    lambda count, done=done: progress.update(done + count),
                    self.sampler,
                    f"scores/{run}",
                )
                with progress.paused():
                    measured.add(samples, f"scoring {name}: metrics")

    def _score(self, path, step, metric, row, measured):
        return Score(
            checkpoint=path.name,
            step=step,
            metric=row,
            **self.one_pass.protocol(metric),
            **self._protocol,
            label_prior=self.sampler.label_prior,
            **dataclasses.asdict(measured.result(row)),
        )
