"""Scores of a run's checkpoints: standing statistics, samples, features and metrics, all by one protocol."""

from compare_gan2.evaluation import sources
from compare_gan2.evaluation.metric_values import MetricValues
from compare_gan2.evaluation.protocol import Protocol, protocol_of_sampler
from compare_gan2.evaluation.sample_features import SampleFeatures
from compare_gan2.ground.code_version import code_version
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.progress import Progress
from compare_gan2.metrics.registry import ALL
from compare_gan2.run_folder.checkpoints import damage_of


class Evaluator:
    """Scores checkpoints of one run.

    Args:
        dataset: `ImageDataset` of the real images.
        sampler: `Sampler` of the run.
        network: `FeatureNetwork`.
        options: `EvaluationOptions`.
        metrics: list of `Metric` as `registry.choose` returns them, with `needs.needs_of_run` met.
        standing_samples: `standing_statistics.num_samples`.
        num_repetitions: sets of generated images per checkpoint; values are their means, std the population deviation.
        seed: of the run.
        truncation: see `Score`.
        strategy: tf.distribute strategy whose replicas share the feature network's work; None for one replica.

    Raises:
        ConfigError: for fewer real images than requested, or too few for a metric.
    """

    def __init__(
        self,
        dataset,
        sampler,
        network,
        options,
        metrics,
        *,
        standing_samples,
        num_repetitions,
        seed,
        truncation,
        strategy=None,
    ):
        self.sampler = sampler
        self.metrics = metrics
        self.standing_samples = standing_samples
        self.num_repetitions = num_repetitions
        self.truncation = truncation
        drawn_by = None if options.images_in_order else seed
        real = sources.of_dataset(dataset, options.split, options.num_real, drawn_by)
        self.num_fake = options.num_fake or real.count
        if options.metrics != [ALL]:  # among all, one that cannot be computed fails with its reason
            for metric in metrics:
                metric.require_images(real.count, self.num_fake)
        self.features = SampleFeatures(
            metrics,
            network,
            real,
            lambda whole: sources.of_dataset(
                dataset, "train", None if whole else min(self.num_fake, dataset.num_images("train")), drawn_by
            ),
            seed=seed,
            cache_dir=options.cache_dir,
            strategy=strategy,
        )
        self._code_version = code_version()

    def score(self, path, step, names=None):
        """List of `Score`, one per row; a row that cannot be computed has no value but the reason.

        Args:
            path: of the checkpoint.
            step: of the checkpoint.
            names: of the metrics to compute; None for all.
        """
        values = MetricValues([metric for metric in self.metrics if names is None or metric.name in names])
        if damage := damage_of(path):
            values.fail(f"checkpoint is damaged: {damage}")
        else:
            self.sampler.load(path)
            try:
                self._measure(values, path.name)
            except (ConfigError, DamagedFileError):
                raise
            except ValueError as error:  # images that are not in [0, 1], or all constant
                values.fail(str(error))
        return self._protocol(path.name, step).scores(values)

    def _measure(self, values, name):
        self.features.read_real()  # before the progress of this checkpoint
        standing = self.standing_samples if self.sampler.needs_standing_statistics else 0
        total = standing + self.num_repetitions * self.num_fake
        what = "standing statistics and generated images" if standing else "generated images"
        with Progress(total, 0, f"scoring {name}: {what}", 1, unit="images") as progress:
            self.sampler.accumulate(standing, progress.update, keep=True)
            for repetition in range(self.num_repetitions):
                done = standing + repetition * self.num_fake
                samples = self.features.samples(
                    values.metrics,
                    sources.of_sampler(self.sampler, self.num_fake, repetition),
                    lambda count, done=done: progress.update(done + count),
                    self.sampler,
                    repetition,
                )
                with progress.paused():
                    values.add(samples, f"scoring {name}: metric")

    def _protocol(self, name, step):
        return Protocol(
            # Now, since the label distribution of a run may be known only after its labels are inferred.
            model=protocol_of_sampler(
                self.sampler, name, step, standing_samples=self.standing_samples, truncation=self.truncation
            ),
            real=self.features.real,
            num_fake=self.num_fake,
            num_repetitions=self.num_repetitions,
            seed=self.features.seed,
            network=self.features.network,
            code_version=self._code_version,
        )
