"""One run, from parsed configuration to report: build, train, score, draw. The only module that sees every part."""

import ast
import dataclasses
import os
import pathlib
import time

import keras
import tensorflow as tf

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions, facts, get_dataset
from compare_gan2.datasets import latents as latent_distributions
from compare_gan2.datasets.pipeline import training_batches
from compare_gan2.datasets.training_labels import with_inferred
from compare_gan2.evaluation.evaluator import Evaluator
from compare_gan2.evaluation.schedule import Schedule, described
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.layers.initializers import Weights
from compare_gan2.layers.normalization import CrossReplicaMoments
from compare_gan2.metrics import registry
from compare_gan2.metrics.feature_networks import feature_network
from compare_gan2.options import EvaluationOptions, Options, RunConfig, StandingStatistics
from compare_gan2.pretraining.inferred_labels import of_configuration
from compare_gan2.pretraining.label_files import keep_manifest
from compare_gan2.reporting.curves import plot_curves
from compare_gan2.reporting.progress import Progress, duration
from compare_gan2.reporting.scores import ScoresFile
from compare_gan2.reporting.tensorboard import EventWriter
from compare_gan2.reporting.training_log import TrainingLog
from compare_gan2.run_pictures import RunPictures
from compare_gan2.sampling import Sampler, label_distribution
from compare_gan2.training import loop
from compare_gan2.training.checkpoints import Checkpoints, checkpoint_path, checkpoint_steps
from compare_gan2.training.cluster import cluster_of
from compare_gan2.training.lifeline import connected
from compare_gan2.training.model_directory import ModelDirectory
from compare_gan2.training.silent import Silent
from compare_gan2.training.state import TrainState
from compare_gan2.training.strategy import get_strategy

POLL_SECONDS = 60
PATIENCE_SECONDS = 24 * 3600


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


def run(flags):
    """Runs the bound schedule in `flags.model_dir`; `configuration.parse` comes first.

    Raises:
        ConfigError: before any training, for whatever cannot be run.
        TrainingFailed: if training diverges.
    """
    cluster = cluster_of(flags.workers, flags.worker_index, os.environ.get("TF_CONFIG"))
    with connected(cluster, flags.worker_timeout, configuration.bound(), tf.errors.OpError) as lifeline:
        _run(Session(flags, lifeline))


def _run(session):
    session.announce()
    if not session.is_chief:
        session.follow()
        return
    if session.is_complete():
        session.tell_workers("done")
        print(f"{session.directory.path}: nothing left to do, this run is done. {session.summary()}")
        return
    if session.run_config.schedule == "continuous_eval":
        session.evaluate_continuously()
        return
    with session.directory.writing():
        session.infer_labels()
        session.train()
        if session.scoring:
            session.scoring.score_pending()
        session.draw()
    print(f"done: {session.summary()}")


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
        self.sampler = Sampler(
            self.gan, self.eval_latents, self.seed, labels_are_classes=self.dataset.labels_are_classes
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
        print("\n".join([f"dataset: {self.dataset.description}{labels}", *self.dataset.notes]), flush=True)
        if self.pretraining is not None:
            print(f"labels: {self.pretraining.description}", flush=True)
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
        gan.check_batch(replicas)
        self._check_step(gan, is_tpu, replicas)
        gan.check_batch(replicas * self.run_config.accumulate_steps)  # of a part, which then counts
        group_size = configuration.build(CrossReplicaMoments).group_size
        if group_size not in (None, 0, 1, replicas):
            raise ConfigError(
                f"cross_replica_moments.group_size: expected None, 1 or the number of replicas ({replicas}), got "
                f"{group_size}: tf.distribute has no smaller groups"
            )
        return gan

    def _check_step(self, gan, is_tpu, replicas):
        """Raises a `ConfigError` for a way to run the step that this GAN or these devices do not have."""
        parts, compiles = self.run_config.accumulate_steps, self.run_config.jit_compile
        if self.options.batch_size % (replicas * parts):
            raise ConfigError(
                f"run_config.accumulate_steps: expected options.batch_size ({self.options.batch_size}) to be a "
                f"multiple of {replicas} replicas x accumulate_steps, got {parts}"
            )
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
        if self.gan.conditional and self.facts is not None and not self.flags.data_fake_dataset:
            yield from facts.label_warnings(self.facts, self.gan.fit_label_distribution, self.eval_labels.prior)
        if configuration.is_bound(Weights, "stddev"):
            yield "weights.stddev has no effect, as in the original: kernels start with a deviation of 0.02"
        if unused:
            yield f"bound but not used by this run: {', '.join(unused)}"

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

    def train(self):
        """Restores, trains to the last step and leaves checkpoints, log, events and sample grids."""
        step = self.checkpoints.restore_latest()
        if step is not None:
            name = checkpoint_path(self.directory.path, step).name
            print(f"resumes from step {step} (checkpoint {name})", flush=True)
        self.tell_workers("new" if step is None else step)
        self.log.truncate_after(step or 0)
        if self.state.current_step() >= self.options.training_steps:
            if self.resolved.keys() - self.directory.recorded().keys():  # migrated: our flags are missing
                self.directory.record(self.state.current_step(), self.resolved)
            self.directory.mark_done()
            return
        self.directory.mark_done(False)  # an evaluator beside this process waits for what comes
        self.directory.record(self.state.current_step(), self.resolved, configuration.imports())
        facts.write(self.directory.path, self.labelled, self.facts)
        started = time.monotonic()
        with EventWriter(self.directory.path) as events, self._progress() as progress:
            events.text(self.state.current_step(), "gin/operative_config", _as_markdown(self.resolved))
            self._train(self.checkpoints, self.log, events, progress, self._on_checkpoint)
        self.directory.mark_done()
        print(f"trained to step {self.options.training_steps} in {duration(time.monotonic() - started)}", flush=True)

    def tell_workers(self, start):
        """Tells the other workers, if any, from where training goes on; see `Lifeline.start_at`."""
        if self.lifeline is not None:
            self.lifeline.start_at(start)

    def follow(self):
        """Trains with the chief, writes nothing, and returns when the chief has done all its work."""
        start = self.lifeline.wait_for_start()
        if start.isdecimal():
            self.checkpoints.restore(int(start))
        if start != "done" and self.state.current_step() < self.options.training_steps:
            if self.pretraining is not None:
                self.dataset = with_inferred(self.pretraining.dataset, self.pretraining.made())
            silent = Silent()
            self._train(silent, silent, silent, silent, silent.on_checkpoint)
        self.lifeline.wait_for_chief()

    def _train(self, checkpoints, log, events, progress, on_checkpoint):
        loop.train(
            strategy=self.strategy,
            gan=self.gan,
            state=self.state,
            batches=self._batches,
            seed=self.seed,
            checkpoints=checkpoints,
            run_config=self.run_config,
            log=log,
            events=events,
            progress=progress,
            on_checkpoint=lambda step: on_checkpoint(step, events, progress),
        )

    def _progress(self):
        images = self.options.batch_size * self.gan.batches_per_step
        return Progress(self.options.training_steps, self.state.current_step(), "training", images)

    def _batches(self, first_step, shard=(0, 1)):
        return training_batches(
            self.dataset,
            batch_size=self.options.batch_size,
            sub_batches=self.gan.batches_per_step,
            seed=self.seed,
            latents=self.latents,
            z_dim=self.options.z_dim,
            conditional=self.gan.conditional,
            fit_label_distribution=self.gan.fit_label_distribution,
            data_seed=self.data_seed,
            start_step=first_step,
            random_flip=self.random_flip,
            shard=shard,
        )

    def _on_checkpoint(self, step, events, progress):
        with progress.paused():
            self._picture_of(step, events, progress)
            if self.run_config.schedule == "train_and_eval" and self.scoring.wants(step):
                self.scoring.score_pending()

    def _picture_of(self, step, events, progress):
        try:
            events.image(step, "fake_images", self.pictures.of_checkpoint(step))
        except ValueError as error:  # NaN in the images: the loss of the next step ends the run
            progress.message(f"step {step}: no picture, {error}")

    def evaluate_continuously(self):
        """Scores checkpoints as another process writes them; ends when that one is done or nothing comes for a day."""
        self.directory.require_folder()
        self.infer_labels()
        waiting_since = time.monotonic()
        while True:
            finished = self.directory.done_marker.exists()  # read before looking for checkpoints, so none is missed
            if self.scoring.pending():
                self.scoring.score_pending()
                waiting_since = time.monotonic()
            elif finished:
                break
            elif time.monotonic() - waiting_since > PATIENCE_SECONDS:
                print("no new checkpoint for a day: stops")
                return
            else:
                time.sleep(POLL_SECONDS)
        print(f"done: {self.summary()}")

    def draw(self):
        """Writes the pictures of the finished run: samples, real beside generated, curves."""
        path, step = self.directory.path, self.last_step
        try:
            self.pictures.of_finished_run(step)
        except ValueError as error:  # NaN in the images
            print(f"warning: no pictures of step {step}, {error}", flush=True)
        scores = self.scores.read() if self.scoring else []
        log = self.log.read()
        if scores or len(log.get("step", ())):  # neither in a migrated run that had all its steps
            plot_curves(path / "curves.png", log, scores, path.name, registry.titles())

    def summary(self):
        """One line: what was reached and where everything lies."""
        rows = [row for row in self.scores.read() if row.step == self.last_step]
        reached = ", ".join(described(row) for row in rows) or "not scored"
        first = next((row.value for row in self.scores.read() if row.metric == "fid" and row.step == 0), None)
        last = next((row.value for row in rows if row.metric == "fid"), None)
        if first and last and self.last_step:
            reached += f" (FID {first / last:.1f}x below the untrained generator's)"
        written = f"checkpoints, {self.scores.path.name}, samples.png, curves.png in {self.directory.path}"
        return f"step {self.last_step}: {reached}; {written}"


def _as_markdown(resolved):
    return "\n".join(f"    {name} = {value}" for name, value in resolved.items())
