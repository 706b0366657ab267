"""A run's checkpoint, ready to give the images that its scores come from."""

import ast
import dataclasses

from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import EvaluationOptions, Options, RunConfig, StandingStatistics
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.latents import EvaluationLabels, EvaluationLatents, TrainingLatents, truncation
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.run_folder import dataset_record
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps
from compare_gan2.run_folder.checkpoints import damage_of
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.runs.declarations import declare_all
from compare_gan2.runs.label_prior import label_distribution
from compare_gan2.runs.model_request import chosen_step
from compare_gan2.runs.ready_sampler import fill_statistics
from compare_gan2.runs.sampling import Sampler, other_precision

_CACHE, _NETWORK = ".cache_dir", "feature_network.path"


class RunSampler(Sampler):
    """`Sampler` of a run's checkpoint, with what the run has recorded.

    Attributes:
        model_dir: folder of the run.
        config: `Configuration` of the run.
        dataset: `DatasetRecord` of its data.
        standing_samples: `standing_statistics.num_samples`.
        recorded_paths: paths and handles of networks that only the record of the run names, see `ground.trust`.
        bindings: gin bindings that win over the record of the run.
        truncation: how latents are drawn if not as in training, see `datasets.latents.truncation`.
    """

    def __init__(self, model_dir, config, dataset, weights, trained_in):
        options, run_config = config.build(Options), config.build(RunConfig)
        spec = model_spec(
            config,
            options,
            image_shape=dataset.image_shape,
            num_classes=dataset.num_classes,
            dtype=run_config.mixed_precision,
        )
        latents = config.build(EvaluationLatents)
        if weights is not None:
            spec = _with_weights(spec, weights, model_dir)
        super().__init__(
            spec,
            latents,
            run_config.seed,
            labels_are_classes=dataset.labels_are_classes,
            precision=other_precision(config.build(EvaluationOptions), run_config, trained_in),
        )
        if self.gan.conditional:
            self.distribution = label_distribution(config.build(EvaluationLabels), dataset)
        self.model_dir = model_dir
        self.config = config
        self.dataset = dataset
        self.standing_samples = config.build(StandingStatistics).num_samples
        self.recorded_paths = ()
        self.bindings = ()
        self.truncation = truncation(config.build(TrainingLatents), latents)

    @property
    def dataset_name(self):
        """Name of the run's dataset, as in its configuration."""
        return self.config.build(DatasetOptions).name


def load_sampler(model_dir, step=None, bindings=(), allow_imports=False, weights=None):
    """`RunSampler` of a run's checkpoint, which generates the images that this checkpoint's scores come from.

    Args and errors are those of `open_sampler`.
    """
    sampler = open_sampler(model_dir, step, bindings, allow_imports, weights)
    fill_statistics(sampler, sampler.standing_samples)
    return sampler


def open_sampler(model_dir, step=None, bindings=(), allow_imports=False, weights=None):
    """`RunSampler` of a run's checkpoint that has yet to `fill_statistics` before it generates.

    Needs neither the training data nor the command line of the run.

    Args:
        model_dir: folder of a run.
        step: of the checkpoint; None for the newest, "best" for the one that `run_config.best_metric` chose.
        bindings: gin bindings, parsed after the configuration in the folder.
        allow_imports: whether that configuration may import modules that no binding names.
        weights: "ema" for averaged weights, "raw" for those of the last update; None: averaged if there are any.

    Raises:
        ConfigError: if the folder holds no run, or not this checkpoint, or a damaged one, or it has no average.
    """
    declare_all()
    path, directory = checkpoint_path(model_dir, chosen_step(model_dir, step)), ModelDirectory(model_dir)
    if damage := damage_of(path):
        others = [str(other) for other in checkpoint_steps(model_dir) if checkpoint_path(model_dir, other) != path]
        way_out = f"choose another: {', '.join(others)}" if others else "there is no other"
        raise ConfigError(f"--step: {path} is damaged ({damage}); {way_out}")
    recorded = directory.recorded()
    # Where caches are is for this machine and this user to say: a folder that someone else made must not name them.
    kept = {name: text for name, text in recorded.items() if not name.startswith("--") and not name.endswith(_CACHE)}
    lines = [*directory.recorded_imports(), *(f"{name} = {text}" for name, text in kept.items())]
    config = parse([], bindings, recorded=(directory.newest_record, lines), allow_imports=allow_imports)
    record = dataset_record.of_run(model_dir, config.build(DatasetOptions).name)
    trained_in = ast.literal_eval(kept.get("run_config.mixed_precision", "'float32'"))
    sampler = RunSampler(model_dir, config, record, weights, trained_in)
    network = config.bound_value(feature_network, "path")
    if network is not None and not any(_NETWORK in line for line in bindings):
        sampler.recorded_paths = (network,)
    sampler.bindings = tuple(bindings)
    sampler.load(path)
    return sampler


def _with_weights(spec, weights, model_dir):
    """The `ModelSpec` of a sampler that takes these weights of a checkpoint."""
    if weights not in ("ema", "raw"):
        raise ConfigError(f"weights: expected 'ema' or 'raw', got {weights!r}")
    if weights == "ema" and not spec.make().g_use_ema:
        raise ConfigError(f"weights: {model_dir} has no averaged weights (ModularGAN.g_use_ema = False); take 'raw'")
    return dataclasses.replace(spec, gan_options=spec.gan_options | {"g_use_ema": weights == "ema"})
