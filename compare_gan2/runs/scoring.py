"""How a run scores its checkpoints: the feature network, the evaluator and its schedule."""

import ast

from compare_gan2.datasets import latents
from compare_gan2.evaluation.checkpoint_scoring import CheckpointScoring
from compare_gan2.evaluation.chosen_network import chosen_network
from compare_gan2.evaluation.evaluator import Evaluator
from compare_gan2.evaluation.needs import needs_of_run
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics import registry
from compare_gan2.metrics.networks.feature_networks import feature_network

NETWORK_NAME = "feature_network.name"


def build_network(config, settings, devices, image_shape, recorded):
    """`FeatureNetwork` of a run; None if this process scores nothing, or no metric reads features.

    Args:
        config: `Configuration`.
        settings: its `Settings`.
        devices: `Devices`.
        image_shape: (height, width, channels) of the images.
        recorded: {name: gin text} of the configuration that the run's folder was trained with, {} for a new one. If no
            network is bound, the run keeps that one.

    Raises:
        ConfigError: if it cannot be loaded, or does not take images of this shape, or none is bound or at hand.
    """
    is_needed = _scores(settings, devices) and _uses_network(settings.evaluation.metrics)
    kept = ast.literal_eval(recorded.get(NETWORK_NAME, "None"))
    try:
        given = chosen_network(config, settings.data.name, recorded=kept, is_needed=is_needed)
    except ConfigError as error:
        raise ConfigError(f"{error}; --schedule=train trains without scores") from error
    if not is_needed:
        config.arguments(feature_network, **given)  # checked and recorded, so that an evaluator fits beside this run
        return None
    with devices.scoring_strategy.scope():  # every replica gets the weights
        network = config.build(feature_network, **given)
    network.check_image_shape(image_shape)
    return network


def build_scoring(config, settings, devices, dataset, sampler, network, files, open_events=None):
    """`CheckpointScoring` of a run; None if this process scores nothing.

    Args:
        config: `Configuration`.
        settings: `Settings`.
        devices: `Devices`.
        dataset: `ImageDataset`.
        sampler: `Sampler`.
        network: `FeatureNetwork`, or None.
        files: `RunFiles`.
        open_events: see `CheckpointScoring`.

    Raises:
        ConfigError: for metrics that do not exist or lack something.
    """
    if not _scores(settings, devices):
        for metric in registry.choose(settings.evaluation.metrics, set(registry.NEEDS), config):
            metric.settings()  # checked and recorded
        return None
    met = needs_of_run(network, dataset, sampler)
    evaluator = Evaluator(
        dataset,
        sampler,
        network,
        settings.evaluation,
        registry.choose(settings.evaluation.metrics, met, config, network=network),
        standing_samples=settings.standing.num_samples,
        num_repetitions=settings.command.num_eval_averaging_runs,
        seed=settings.seed,
        truncation=latents.truncation(settings.latents, settings.eval_latents),
        strategy=devices.scoring_strategy,
    )
    run_config = settings.run
    return CheckpointScoring(
        files.path,
        files.scores,
        evaluator,
        run_config.eval_every_steps,
        run_config.best_metric,
        settings.options.training_steps if run_config.eval_last_step else None,
        open_events,
    )


def scored_by_this_process(settings, scoring):
    """Function (step) -> whether the checkpoint of a step will be there when this process scores, and be scored.

    Args:
        settings: `Settings`.
        scoring: `CheckpointScoring` of the run, or None.
    """
    run_config, total = settings.run, settings.options.training_steps

    def scored(step):
        newer = -(-(total - step) // run_config.save_checkpoints_steps)  # checkpoints that a whole run saves after it
        stays = run_config.schedule != "eval_after_train" or newer < run_config.keep_checkpoint_max
        return scoring is not None and scoring.wants(step) and stays

    return scored


def _scores(settings, devices):
    return settings.run.schedule != "train" and devices.is_chief


def _uses_network(names):
    """Whether one of the metrics reads features; unknown names are refused later."""
    chosen = registry.METRICS if names == [registry.ALL] else names or registry.DEFAULTS
    return any(name in registry.METRICS and registry.METRICS[name].uses_network for name in chosen)


def options_of_metrics(record):
    """Names of recorded options of metrics, including those of recorded metrics that are not imported.

    Args:
        record: {name: gin text}.
    """
    chosen = ast.literal_eval(record.get("evaluation.metrics", "None")) or ()
    metrics = {*registry.METRICS, *chosen}
    return {name for name in record if name.split(".")[0] in metrics}


def undecided(recorded, scores):
    """Set of patterns of the recorded options that may still be chosen: the feature network, before anything is scored.

    Args:
        recorded: {name: gin text}.
        scores: `ScoresFile`.
    """
    # Not read: a damaged one is made good later.
    is_scored = scores.path.exists() or scores.lines_path.exists()
    return {"feature_network.*"} if NETWORK_NAME in recorded and not is_scored else set()
