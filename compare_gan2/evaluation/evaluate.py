"""`compare_gan2.evaluate`: scores of anyone's images, or of a model, as a list of `Score`."""

import dataclasses
import os
import pathlib
from typing import Literal

import compare_gan2.metrics.table  # noqa: F401, registers the shipped metrics
from compare_gan2.config.binding_lines import as_lines
from compare_gan2.config.configuration import parse
from compare_gan2.config.library_call import library_call
from compare_gan2.config.ranges import Count, Pixels, Seed
from compare_gan2.config.unused_bindings import warn_of_unused
from compare_gan2.datasets.pictures.picture_reader import MAX_PIXELS, SCORING
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.evaluation.chosen_network import chosen_network
from compare_gan2.evaluation.class_matching import Classes
from compare_gan2.evaluation.comparison import Comparison
from compare_gan2.evaluation.given_images import GivenImages, made_up_dataset
from compare_gan2.evaluation.image_names import require_images
from compare_gan2.evaluation.metric_values import MetricValues
from compare_gan2.evaluation.protocol import ModelProtocol, Protocol, protocol_of_sampler
from compare_gan2.evaluation.sample_features import SampleFeatures
from compare_gan2.evaluation.truncation import checked_bounds, truncated
from compare_gan2.ground import messages
from compare_gan2.ground.code_version import code_version
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.progress import Progress
from compare_gan2.ground.trust import trusting
from compare_gan2.metrics import registry
from compare_gan2.metrics.networks.choices import NetworkName, ResizerName
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.metrics.networks.resizers import RESIZERS
from compare_gan2.run_folder.scores import Score

INTERRUPTED = "interrupted"  # reason of a row that was not finished


@library_call(gin_bindings="bindings", model_dir="a model of `compare_gan2.load` as fake")
def evaluate(
    fake,
    real=None,
    *,
    metrics: list[str] | str | None = None,
    num_real: Count | None = None,
    num_fake: Count | None = None,
    split: Literal["test", "train"] = "test",
    classes: Classes = "same",
    size: int | tuple | list | None = None,
    pixels: Literal["as_stored", "upright"] = "as_stored",
    max_pixels: Pixels = MAX_PIXELS,
    images_in_order: bool = False,
    network: NetworkName | None = None,
    network_path: str | None = None,
    resize: ResizerName | None = None,
    bindings: dict | list | tuple | str | None = None,
    seed: Seed = 0,
    truncation: float | list | tuple | None = None,
    cache_dir: str | os.PathLike | None = None,
    tfds_data_dir: str | os.PathLike | None = None,
    pictures: str | os.PathLike | None = None,
    trust: bool = False,
    allow_imports: bool = False,
    verbose: bool = False,
) -> list[Score]:
    """List of `Score`, one per row of the metrics, each with its protocol; one that failed has a reason and no value.

    Images are given as the path of a folder of pictures (sub-folders are classes) or of an .npz file with `images` and
    `labels`, as an array [N, H, W, 1 or 3] (uint8, or floats in [0, 1]), as a tuple (images, labels), or as the name of
    a dataset.

    Args:
        fake: generated images, or a model of a run as `compare_gan2.load` returns it.
        real: real images, or the path of cached features; None: the dataset of the model, otherwise none.
        metrics: list of names; "all" for every metric whose needs are met, None for those of fid, classifier_score and
            conditional_accuracy (or else neighbour_agreement) that can be computed. One that cannot be computed beside
            others fails.
        num_real: number of real images, drawn by the seed if there are more; None for all.
        num_fake: the same of generated images; None for all, of a model for as many as real ones.
        split: of a dataset, "test" or "train".
        classes: "same": fake and real images have to have the same classes, which are matched by their names, or by
            number with a warning where names are missing; "common": images of other classes are left out.
        size: side in pixels to which all images are resized first, or a pair (side, resizer); None: no resizing.
        pixels: how they are taken from picture files: "as_stored", as clean-fid does, or turned "upright" as their EXIF
            orientation says, as training does.
        max_pixels: pictures of more are refused before they are decoded.
        images_in_order: whether `num_real` and `num_fake` take the first images, as compare_gan does.
        network: value of `feature_network.name`; this and the next two win over bindings. If none is given, bound or
            recorded, one whose weights are on this machine, never a download.
        network_path: value of `feature_network.path`.
        resize: value of `feature_network.resize`.
        bindings: {"selector.parameter": value} or gin lines, such as {"kid.max_block_size": 500}.
        seed: of everything that metrics draw; a model has its own, that of its run.
        truncation: of a model: t > 0 redraws values of its normal latents beyond t deviations (Brock et al. 2019,
            section 3.1); a list gives the rows of each of its numbers, one after another, None being without
            truncation. The statistics of batch norm stay those without truncation.
        cache_dir: folder of cached features of real images; None for that of the user.
        tfds_data_dir: folder of TensorFlow Datasets; None for its default.
        pictures: folder for the pictures of metrics that have one, such as prd.png; None: none are drawn.
        trust: whether networks that can execute code (SavedModels, hub modules, frozen graphs) are loaded without a
            warning, also those that only the record of the model's run names, which are refused otherwise.
        allow_imports: whether records of runs that bindings include may import modules.
        verbose: whether to print messages and to show progress.

    Raises:
        ConfigError: for options, metrics or images that cannot be scored.
        DataError: for images that are missing, unreadable or unfit.
        DamagedFileError: for a damaged file of cached features.
        ValueError: for generated images outside [0, 1] or all constant, or features that are not finite.
        KeyboardInterrupt: as it came, with the scores that were finished in its attribute `scores`.

    Example:
        >>> scores = compare_gan2.evaluate(images, "photos/", metrics=["fid"], network="efficientnet_lite0")
        >>> scores[0].metric, scores[0].value  # "frechet_distance", as that is not the network of FID
    """
    sampler, bindings = _sampler_of(fake), as_lines(bindings)
    _require_images(fake if sampler is None else None, real)
    named = network_path is not None or any("feature_network.path" in line for line in bindings)
    recorded = () if named else getattr(sampler, "recorded_paths", ())
    with messages.shown(verbose), reproducible(seed), trusting(trust, recorded):
        # A value of its own, so that the model's configuration records nothing of this evaluation.
        config = parse(
            [], bindings if sampler is None else [sampler.config.text, *bindings], allow_imports=allow_imports
        )
        if metrics is not None:
            metrics = [metrics] if isinstance(metrics, str) else list(metrics)
            registry.check_names(metrics, "--metrics")
        strategy, _ = get_strategy()
        given = {"name": network, "path": network_path, "resize": resize}
        given = {name: value for name, value in given.items() if value}
        dataset = real if sampler is None or real is not None else sampler.dataset_name
        comparison = Comparison(
            fake,
            real,
            GivenImages(
                config,
                split=split,
                size=_checked_size(size),
                tfds_data_dir=tfds_data_dir,
                made_up=made_up_dataset(sampler),
                seed=None if images_in_order else seed if sampler is None else sampler.seed,
                rules=dataclasses.replace(SCORING, upright=pixels == "upright", max_pixels=max_pixels),
            ),
            sampler=sampler,
            network=_network(config, metrics, strategy, dataset, given),
            num_real=num_real,
            num_fake=num_fake,
            split=split,
            classes=classes,
        )
        chosen = registry.choose(
            metrics,
            comparison.met_needs(),
            config,
            "--metrics",
            keep_unusable=True,
            network=comparison.network,
        )
        bounds = checked_bounds(truncation, sampler)
        paths = [_picture_paths(pictures, chosen, bound if len(bounds) > 1 else None) for bound in bounds]
        warn_of_unused(config, bindings, "this evaluation")
        features = SampleFeatures(
            chosen,
            comparison.network,
            comparison.real,
            comparison.train,
            seed=seed if sampler is None else sampler.seed,
            cache_dir=cache_dir,
            strategy=strategy,
        )
        scores = []
        for bound, of_bound in zip(bounds, paths, strict=True):
            values, part = MetricValues(features.metrics), bound if len(bounds) > 1 else ""
            with truncated(sampler, bound):
                try:
                    _measure(values, features, comparison.fake, sampler, of_bound, part)
                except KeyboardInterrupt as interrupt:
                    if values.fail_the_rest(INTERRUPTED):
                        scores += _scores(values, features, comparison, sampler)
                    interrupt.scores = scores
                    raise
                scores += _scores(values, features, comparison, sampler)
        return scores


def _require_images(fake, real):
    """Refuses names that nothing has, before a feature network is fetched."""
    for option, given in (("--fake", fake), ("--real", real)):
        if isinstance(given, (str, os.PathLike)):
            require_images(given, option)


def _sampler_of(fake):
    """`Sampler` of a model, or what is a sampler already; None for images."""
    if fake is None:
        raise ConfigError("--fake: expected images or a model, got None")
    sampler = getattr(fake, "sampler", fake)
    if hasattr(sampler, "batches"):
        return sampler
    if sampler is not fake:
        raise ConfigError(
            "--fake: expected the model of a run; of saved networks score its images: evaluate((model.sample(count,"
            " labels), labels), real)"
        )
    return None


def _checked_size(size):
    """(side, resizer) of a size; None for None."""
    if size is None:
        return None
    side, resizer = size if isinstance(size, (tuple, list)) and len(size) == 2 else (size, "clean")
    if not isinstance(side, int) or side < 1 or resizer not in RESIZERS:
        raise ConfigError(
            f"--size: expected a side of at least 1 pixel and a resizer among {', '.join(RESIZERS)}, got {size!r}"
        )
    return side, resizer


def _network(config, metrics, strategy, dataset, given):
    """`FeatureNetwork` if one of the metrics needs it; None, too, if none is at hand and all metrics are asked for."""
    names = registry.METRICS if metrics == [registry.ALL] else metrics or registry.DEFAULTS
    if not any(registry.METRICS[name].uses_network for name in names):
        return None
    try:
        given = chosen_network(config, dataset if isinstance(dataset, str) else None, given)
    except ConfigError as error:
        if metrics != [registry.ALL]:
            raise
        messages.log.warning(str(error))
        return None
    with strategy.scope():  # every replica gets the weights
        return config.build(feature_network, **given)


def _picture_paths(folder, metrics, bound):
    """[(metric, path)] of the pictures to draw, none of which exists yet; the bound of a truncation is in the name."""
    drawn = [metric for metric in metrics if metric.draw is not None] if folder else []
    suffix = "" if bound is None else f"-{bound:g}"
    paths = [(metric, pathlib.Path(folder) / f"{metric.name}{suffix}.png") for metric in drawn]
    for _, path in paths:
        if path.exists():
            raise ConfigError(f"--pictures: {path} exists already; choose another folder")
    return paths


def _measure(values, features, fake, sampler, paths, bound):
    """Fills the `MetricValues` of one set of generated images; draws the pictures of metrics that have a value.

    `bound` is that of its truncation if there are several, else "".
    """
    features.read_real()  # before the progress of the generated images
    what = fake.name if bound == "" else f"{fake.name}, truncation {'none' if bound is None else f'{bound:g}'}"
    try:
        with Progress(fake.count, 0, f"{what}: generated images", 1, unit="images") as progress:
            samples = features.samples(features.metrics, fake, progress.update, sampler)
    except ConfigError:
        raise
    except ValueError as error:  # images that cannot be scored; those of other truncations may
        if bound == "":
            raise
        values.fail(str(error))
        return
    values.add(samples, "metric")
    for metric, path in paths:
        if not any(values.result(row).reason for row in metric.rows):
            path.parent.mkdir(parents=True, exist_ok=True)
            metric.save_picture(path, samples)


def _scores(values, features, comparison, sampler):
    """List of `Score` of one set."""
    fake = comparison.fake
    if sampler is None:
        model = ModelProtocol(checkpoint=fake.name)
    else:
        name = sampler.checkpoint.name
        model = protocol_of_sampler(
            sampler,
            name,
            int(name.rpartition("-")[2]),
            standing_samples=sampler.standing_samples,
            truncation=sampler.truncation,
        )
    protocol = Protocol(
        model=model,
        real=features.real,
        num_fake=fake.count,
        num_repetitions=1,
        seed=features.seed,
        network=features.network,
        code_version=code_version(),
        size=fake.resize,
        classes=comparison.classes,
        images=comparison.images,
        pixels=comparison.pixels,
    )
    return [dataclasses.replace(score, std=None) for score in protocol.scores(values)]  # one set has no deviation
