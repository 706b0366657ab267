"""Everything that one process needs for a run, made and checked from the parsed configuration."""

import ast
import dataclasses
import pathlib

import keras
import tensorflow as tf

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions, facts, get_dataset
from compare_gan2.datasets import latents as latent_distributions
from compare_gan2.datasets.training_labels import with_inferred
from compare_gan2.evaluation.evaluator import Evaluator
from compare_gan2.evaluation.schedule import Schedule
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.layers.cross_replica import CrossReplicaMoments
from compare_gan2.layers.initializers import Weights
from compare_gan2.metrics import registry
from compare_gan2.metrics.feature_networks import feature_network
from compare_gan2.options import EvaluationOptions, Options, RunConfig, StandingStatistics
from compare_gan2.pretraining.inferred_labels import of_configuration
from compare_gan2.pretraining.label_files import keep_manifest
from compare_gan2.reporting.scores import ScoresFile
from compare_gan2.reporting.training_log import TrainingLog
from compare_gan2.run_pictures import RunPictures
from compare_gan2.sampling import Sampler, label_distribution
from compare_gan2.training.checkpoints import Checkpoints, checkpoint_steps
from compare_gan2.training.model_directory import ModelDirectory
from compare_gan2.training.state import TrainState
from compare_gan2.training.strategy import get_strategy


@dataclasses.dataclass(frozen=True)
class RunFlags:
    """Command-line flags that are no gin options; see `main`."""

    model_dir: str
    score_filename: str = "scores.csv"
    num_eval_averaging_runs: int = 3
    use_tpu: bool | None = None
    num_devices: int | None = None
    workers: tuple = ()
    worker_index: int | None = None
    worker_timeout: float = 300.0  # seconds
    tfds_data_dir: str | None = None
    data_fake_dataset: bool = False
    data_shuffle_buffer_size: int = 10000
    overrides: dict = dataclasses.field(default_factory=dict)  # {"run_config": {...}, "evaluation": {...}, ...}


class Session:
    """Everything one process needs for a run; making it checks the configuration and writes nothing.

    Args:
        flags: `RunFlags`.
        lifeline: `Lifeline` to the other workers, None without any.
    """

    def __init__(self, flags, lifeline=None):
        self.flags = flags
        self.lifeline = lifeline
        cluster = None if lifeline is None else lifeline.cluster
        self.is_chief = cluster is None or cluster.is_chief  # which alone writes, scores and draws
        self.directory = ModelDirectory(flags.model_dir)
        self.options = configuration.build(Options)
        self.run_config = configuration.build(RunConfig, **flags.overrides.get("run_config", {}))
        self.standing = configuration.build(StandingStatistics, **flags.overrides.get("standing_statistics", {}))
        self.seed = self.run_config.seed
        keras.utils.set_random_seed(self.seed)
        tf.config.experimental.enable_op_determinism()
        if cluster and self.run_config.schedule == "continuous_eval":
            raise ConfigError(f"{cluster.option}: expected none with continuous_eval, which is one process")
        self.strategy, self.devices = get_strategy(
            flags.use_tpu, self.run_config.single_core, flags.num_devices, cluster
        )
        # The chief pre-trains and scores alone, without the exchange that a strategy over all workers waits for.
        self.scoring_strategy = self.strategy if cluster is None else get_strategy(False, single_core=True)[0]
        dataset_options = configuration.build(DatasetOptions)
        self.data_seed, self.random_flip = dataset_options.seed, dataset_options.random_flip
        self.dataset = get_dataset(
            dataset_options.name, flags.tfds_data_dir, flags.data_fake_dataset, flags.data_shuffle_buffer_size
        )
        self.pretraining = of_configuration(self.dataset, self.scoring_strategy)
        if self.pretraining is not None:
            self.dataset = with_inferred(self.dataset, self.pretraining.announced)
        self.latents = configuration.build(latent_distributions.TrainingLatents)
        self.eval_latents = configuration.build(latent_distributions.EvaluationLatents)
        self.evaluation = configuration.build(EvaluationOptions, **flags.overrides.get("evaluation", {}))
        self.network = self._build_network()
        self.gan = self._build_gan()
        with self.strategy.scope():
            self.gan.create()
            self.state = TrainState(self.gan)
        if self.run_config.remat:
            self.gan.rematerialize()
        self.checkpoints = Checkpoints(self.directory.path, self.state, self.run_config.keep_checkpoint_max)
        self.scores = ScoresFile(self.directory.path / flags.score_filename)
        self.log = TrainingLog(self.directory.path / "training.csv")
        self.eval_labels = configuration.build(latent_distributions.EvaluationLabels)
        self.facts = None
        classes = self.dataset.labels_are_classes
        self.sampler = Sampler(
            self.gan, self.eval_latents, self.seed, labels_are_classes=classes, strategy=self.scoring_strategy
        )
        self.pictures = RunPictures(self.directory.path, self.sampler, self.dataset, self.standing.num_samples)
        self.scoring = self._build_scoring()
        self.resolved = configuration.resolved() | {"--data_fake_dataset": repr(flags.data_fake_dataset)}
        self.directory.check(self.resolved, configuration.defaults(), self._options_of_metrics())
        if self.pretraining is None:
            self._know_labels(self.dataset)

    def infer_labels(self):
        """Pre-trains and infers the labels of training, as far as that is bound and not done yet."""
        if self.pretraining is not None:
            inferred = self.pretraining.infer()
            self.dataset = with_inferred(self.pretraining.dataset, inferred)
            self._know_labels(self.pretraining.dataset)
            for warning in self._warnings_of_labels():
                print(f"warning: {warning}", flush=True)
            keep_manifest(pathlib.Path(inferred.file_pattern).parent, self.directory.path / "inferred_labels.json")

    def _know_labels(self, labelled):
        """Looks at the labels of training; `labelled` has those that people gave."""
        empirical = self.gan.conditional and self.eval_labels.prior == "empirical"
        self.facts = facts.of_dataset(self.dataset, with_distribution=empirical)
        self.labelled = labelled
        if self.gan.conditional:
            self.sampler.distribution = label_distribution(self.facts)
        facts.check(self.directory.path, labelled, self.facts)

    def announce(self):
        """Prints where and on what this runs, and what is likely not meant."""
        labels = "" if self.gan.conditional else "; labels are not used"
        print(f"model_dir: {self.directory.path}\ndevices: {self.devices}", flush=True)
        if not self.is_chief:
            return
        given = self.dataset if self.pretraining is None else self.pretraining.dataset  # whose labels people gave
        print("\n".join([f"dataset: {given.description}{labels}", *given.notes]), flush=True)
        if self.pretraining is not None:
            print(f"labels: {self.pretraining.description}", flush=True)
            for warning in facts.empty_classes(given.known_label_distribution):
                print(f"warning: {warning}", flush=True)
        for warning in self._warnings():
            print(f"warning: {warning}", flush=True)

    def _options_of_metrics(self):
        """Names of the options of metrics, those among them that the folder's record chose and nobody has imported."""
        recorded = self.directory.recorded()
        chosen = ast.literal_eval(recorded.get("evaluation.metrics", "None")) or ()
        metrics = {*registry.METRICS, *chosen}
        return {name for name in self.resolved | recorded if name.split(".")[0] in metrics}

    def _build_network(self):
        if self.run_config.schedule == "train" or not self.is_chief:
            configuration.arguments(feature_network)  # checked and recorded, so that an evaluator fits beside this run
            return None
        with self.scoring_strategy.scope():  # every replica gets the weights
            network = configuration.build(feature_network)
        network.check_image_shape(self.dataset.image_shape)
        return network

    def _build_scoring(self):
        """`Schedule` of the scores, None if this process computes none."""
        if self.network is None:
            for metric in registry.choose(self.evaluation.metrics, set(registry.NEEDS)):
                metric.settings()  # checked and recorded
            return None
        evaluator = Evaluator(
            self.dataset,
            self.sampler,
            self.network,
            self.evaluation,
            standing_samples=self.standing.num_samples,
            num_averaging_runs=self.flags.num_eval_averaging_runs,
            seed=self.seed,
            truncation=latent_distributions.truncation(self.latents, self.eval_latents),
            strategy=self.scoring_strategy,
        )
        every, best_metric = self.run_config.eval_every_steps, self.run_config.best_metric
        return Schedule(self.directory.path, self.scores, evaluator, every, best_metric)

    def _build_gan(self):
        if not issubclass(self.options.gan_class, ModularGAN):
            raise ConfigError(f"options.gan_class: expected a GAN class, got @{self.options.gan_class.__name__}")
        is_tpu = isinstance(self.strategy, tf.distribute.TPUStrategy)
        forced = {"experimental_force_graph_unroll": True} if is_tpu else {}  # as the original on TPU
        gan = configuration.build(
            self.options.gan_class,
            options=self.options,
            image_shape=self.dataset.image_shape,
            num_classes=self.dataset.num_classes,
            **forced,
        )
        if gan.conditional and gan.use_soft_labels != self.dataset.has_soft_labels:
            kind = "class probabilities" if self.dataset.has_soft_labels else "whole numbers"
            raise ConfigError(
                f"S3GAN.use_soft_labels: the labels of {self.dataset.name} are {kind}, got {gan.use_soft_labels}"
            )
        replicas = self.strategy.num_replicas_in_sync
        gan.dtype_policy = self.run_config.mixed_precision
        gan.check_batch(replicas, self.run_config.accumulate_steps)
        self._check_compilation(is_tpu, replicas)
        group_size = configuration.build(CrossReplicaMoments).group_size
        if group_size not in (None, 0, 1, replicas):
            raise ConfigError(
                f"cross_replica_moments.group_size: expected None, 1 or the number of replicas ({replicas}), got "
                f"{group_size}: tf.distribute has no smaller groups"
            )
        return gan

    def _check_compilation(self, is_tpu, replicas):
        """Raises a `ConfigError` for what these devices cannot compile, or run without."""
        compiles = self.run_config.jit_compile
        if compiles is False and is_tpu:
            raise ConfigError(
                "run_config.jit_compile: a TPU runs compiled steps only, expected None or True, got False"
            )
        if compiles and not is_tpu and replicas > 1:
            raise ConfigError(
                f"run_config.jit_compile: expected None or False with {replicas} replicas, whose exchange XLA cannot "
                "compile here, got True; run_config.single_core = True uses one device"
            )

    def _warnings(self):
        mismatch = latent_distributions.mismatch(self.latents, self.eval_latents)
        unused = configuration.unused_bindings()
        if mismatch:
            yield mismatch
        yield from self._warnings_of_labels()
        if configuration.is_bound(Weights, "stddev"):
            yield "weights.stddev has no effect, as in the original: kernels start with a deviation of 0.02"
        if unused:
            yield f"bound but not used by this run: {', '.join(unused)}"

    def _warnings_of_labels(self):
        """What is likely not meant, once the labels of training are there."""
        if self.gan.conditional and self.facts is not None and not self.flags.data_fake_dataset:
            yield from facts.label_warnings(self.facts, self.gan.fit_label_distribution, self.eval_labels.prior)

    @property
    def last_step(self):
        """Step of the newest checkpoint, 0 without any."""
        return max(checkpoint_steps(self.directory.path), default=0)

    def is_complete(self):
        """Whether training, scores and pictures are all there, so that nothing is touched."""
        if self.run_config.schedule == "continuous_eval" or not self.directory.done_marker.exists():
            return False
        if self.last_step < self.options.training_steps or not (self.directory.path / "curves.png").exists():
            return False
        return self.scoring is None or not self.scoring.pending()
