"""Scores of a checkpoint: standing statistics, samples, features, metrics; several fake sets, their mean and spread."""

import numpy as np

from compare_gan2.metrics.classifier_score import classifier_score
from compare_gan2.metrics.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.fid import fid
from compare_gan2.reporting.progress import Progress
from compare_gan2.reporting.scores import Score
from compare_gan2.training.checkpoints import damage_of


class Evaluator:
    """Scores checkpoints of one run, all by the same protocol.

    Args:
        dataset: `ImageDataset`; as many fakes as it has test images are compared with those.
        sampler: `Sampler` of the run.
        network: `FeatureNetwork`.
        standing_samples: `standing_statistics.num_samples`.
        num_averaging_runs: fake sets per checkpoint; values are their means, std the population deviation.
        seed: of the run, for the rows.
    """

    def __init__(self, dataset, sampler, network, standing_samples, num_averaging_runs, seed):
        self.sampler = sampler
        self.network = network
        self.standing_samples = standing_samples
        self.num_averaging_runs = num_averaging_runs
        self.seed = seed
        self.num_images = dataset.num_test
        self.predicts_labels = sampler.gan.conditional and network.classifies == dataset.name
        self.metrics = ["fid", "classifier_score"] + ["conditional_accuracy"] * self.predicts_labels
        real_images, _ = dataset.test_images(self.num_images)
        self.real_features, _ = network.features_and_logits(real_images)

    def score(self, path, step):
        """List of `Score`, one per metric; empty values with the reason if checkpoint or images cannot be scored."""
        damage = damage_of(path)
        if damage:
            return [self._row(path, step, name, [], f"checkpoint is damaged: {damage}") for name in self.metrics]
        self.sampler.load(path)
        values, reason = {name: [] for name in self.metrics}, ""
        standing = self.standing_samples if self.sampler.needs_standing_statistics else 0
        total = standing + self.num_averaging_runs * self.num_images
        with Progress(total, 0, f"scoring {path.name}", 1, unit="images") as progress:
            self.sampler.accumulate(standing, progress.update)
            for run in range(self.num_averaging_runs):
                done = standing + run * self.num_images
                images, labels = self.sampler.sample(
                    self.num_images, f"scores/{run}", lambda count, done=done: progress.update(done + count)
                )
                try:
                    for name, value in self._values(images, labels).items():
                        values[name].append(value)
                except ValueError as error:  # not finite: a score that does not exist, never a number
                    reason = str(error)
                    break
        return [self._row(path, step, name, values[name], reason) for name in self.metrics]

    def _values(self, images, labels):
        features, logits = self.network.features_and_logits(images)
        values = {"fid": fid(self.real_features, features), "classifier_score": classifier_score(logits)}
        if self.predicts_labels:
            values["conditional_accuracy"] = conditional_accuracy(logits, labels)
        return values

    def _row(self, path, step, metric, values, reason):
        statistics = "moving"
        if self.sampler.needs_standing_statistics:
            statistics = f"standing_{self.standing_samples}"
        return Score(
            checkpoint=path.name,
            step=step,
            metric=metric,
            value=None if reason else float(np.mean(values)),
            std=None if reason else float(np.std(values)),
            num_real=self.num_images,
            num_fake=self.num_images,
            split="test",
            network=self.network.name,
            weights=self.sampler.weights,
            bn_statistics=statistics,
            seed=self.seed,
            reason=reason,
        )
