"""Scores images of any generator: `python -m compare_gan2.evaluate --fake=DIR_OR_NPZ --real=DIR_OR_NPZ_OR_DATASET`.

Or those of a checkpoint: `--model_dir=DIR [--step=N]` in place of --fake, with the run's own dataset and feature
network unless others are named. Prints a table and writes JSON. Exit code 0 when done, 1 if a metric failed, 2 for
input that cannot be scored.
"""

import argparse
import json
import pathlib
import sys

import tensorflow as tf

from compare_gan2 import configuration, gin_names
from compare_gan2.code_version import code_version
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions, get_dataset, latents
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.image_files import of_arrays, of_folder
from compare_gan2.evaluation.measurements import Measurements
from compare_gan2.evaluation.one_pass import OnePass
from compare_gan2.evaluation.real_images import holds_features, load_features
from compare_gan2.evaluation.sources import ImageSource
from compare_gan2.metrics import registry
from compare_gan2.metrics.feature_networks import feature_network
from compare_gan2.metrics.resizers import RESIZERS
from compare_gan2.options import StandingStatistics
from compare_gan2.reporting import files
from compare_gan2.reporting.progress import Progress
from compare_gan2.sampling import load_sampler
from compare_gan2.training.checkpoints import CheckpointError
from compare_gan2.training.model_directory import ModelDirectory
from compare_gan2.training.strategy import get_strategy


def main(arguments=None):
    options = _parser().parse_args(arguments)
    tf.config.experimental.enable_op_determinism()
    try:
        output = _output_path(options.output)
        rows = score(options)
        _write(output, options, rows)
    except (ValueError, CheckpointError, OSError) as error:  # ConfigError among them, and images that are no images
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(_table(rows))
    print(f"with their protocols in {output}")
    return 1 if any(row["value"] is None for row in rows) else 0


def score(options):
    """List of {column: value} of the parsed options, one per row.

    Raises:
        ConfigError: for options or images that cannot be scored.
        ValueError: for images that are not in [0, 1], or whose features are not finite.
    """
    if (options.fake is None) == (options.model_dir is None):
        raise ConfigError("--fake, --model_dir: expected one of them")
    sampler = None
    if options.model_dir is None:
        configuration.parse([], options.gin_bindings)
    else:
        sampler = load_sampler(options.model_dir, options.step, options.gin_bindings)
    strategy, _ = get_strategy()
    names = options.metrics.split(",") if options.metrics else None
    network = _network(options, names, strategy)
    real, manifest = _real(options, network)
    fake = _fake(options, sampler, real)
    if manifest is not None:
        _check_kept(manifest, fake, options)
    elif real is not None:
        fake = _comparable(fake, real)
    metrics = registry.choose(names, _available(fake, real, manifest, network, sampler), "--metrics")
    if network is not None:
        network.check_image_shape(fake.image_shape)
    seed = options.seed if sampler is None else sampler.seed
    one_pass = OnePass(
        metrics,
        network,
        real,
        lambda: _train(options, fake),
        seed=seed,
        cache_dir=options.cache_dir,
        strategy=strategy,
    )
    measured = Measurements(metrics)
    one_pass.read_real()  # before the progress of the generated images
    with Progress(fake.count, 0, f"{fake.name}: generated images", 1, unit="images") as progress:
        samples = one_pass.samples(metrics, fake.batches(), fake.count, progress.update, sampler, "scores/0")
    measured.add(samples, "metrics")
    protocol = _protocol(fake, real, manifest, sampler) | {"seed": seed}
    return [
        {"metric": row, **_told(measured.result(row)), **one_pass.protocol(metric), **protocol}
        for metric in metrics
        for row in metric.rows
    ]


def _parser():
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("--fake", help="folder of pictures (sub-folders are classes), or .npz with images and labels")
    parser.add_argument("--model_dir", help="folder of a run, in place of --fake")
    parser.add_argument("--step", type=int, help="of the checkpoint in model_dir; default: the newest")
    parser.add_argument("--real", help="folder, .npz of images or of kept features, or name of a dataset")
    parser.add_argument(
        "--metrics",
        help="names with commas; default: those of fid, classifier_score and conditional_accuracy that can be computed",
    )
    parser.add_argument("--split", choices=["train", "test"], default="test", help="of a dataset in --real")
    parser.add_argument("--num_real", type=_count, help="so many real images; default: all")
    parser.add_argument("--num_fake", type=_count, help="so many; default: all, of a checkpoint as many as real ones")
    parser.add_argument("--size", type=_size, help="N or N:RESIZER: bring all images to NxN first; default: clean")
    parser.add_argument("--network", help="value of feature_network.name")
    parser.add_argument("--network_path", help="value of feature_network.path")
    parser.add_argument("--resize", choices=list(RESIZERS), help="value of feature_network.resize")
    parser.add_argument("--gin_bindings", action="append", default=[], help='such as "kid.block_size = 500"')
    parser.add_argument("--seed", type=int, default=0, help="of what metrics draw; that of the run with --model_dir")
    parser.add_argument("--cache_dir", help="where features of real images are kept")
    parser.add_argument("--tfds_data_dir", help="folder of TensorFlow Datasets")
    parser.add_argument("--output", help="JSON file to write, must not exist; default: evaluation.json, or a new name")
    return parser


def _count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


def _size(text):
    number, _, resizer = text.partition(":")
    if resizer not in ("", *RESIZERS):
        raise argparse.ArgumentTypeError(f"expected a resizer among {', '.join(RESIZERS)}, got {resizer!r}")
    return _count(number), resizer or "clean"


def _output_path(given):
    """Path of a file that does not exist yet."""
    path = pathlib.Path(given or "evaluation.json")
    if given and path.exists():
        raise ConfigError(f"--output: {path} exists already; choose another name")
    if not path.parent.is_dir():
        raise ConfigError(f"--output: there is no folder {path.parent}")
    number = 1
    while path.exists():
        number += 1
        path = pathlib.Path(f"evaluation-{number}.json")
    return path


def _network(options, names, strategy):
    """`FeatureNetwork` if one of the metrics needs it; the command line wins over bindings."""
    if not any(registry.METRICS[name].uses_network for name in names or registry.DEFAULTS if name in registry.METRICS):
        return None
    given = {"name": options.network, "path": options.network_path, "resize": options.resize}
    given = {name: value for name, value in given.items() if value is not None}
    with strategy.scope():  # every replica gets the weights
        return configuration.build(feature_network, **given)


def _real(options, network):
    """(`ImageSource`, None), (`ImageSet` of kept features, their manifest), or (None, None)."""
    given = options.real
    if given is None and options.model_dir is None:
        return None, None
    if given is not None and pathlib.Path(given).exists():
        if network is not None and holds_features(given):
            return load_features(given, network)
        return _of_path(given, "--real", options.num_real, options), None
    return _sized(sources.of_dataset(_dataset(options), options.split, options.num_real), options), None


def _dataset(options):
    """The dataset that --real names, else that of the run."""
    name = options.real or configuration.build(DatasetOptions).name
    if name not in DATASETS:
        raise ConfigError(f"--real: expected a folder, an .npz file or one of {', '.join(DATASETS)}, got {name!r}")
    recorded = ModelDirectory(options.model_dir).recorded() if options.model_dir and not options.real else {}
    return get_dataset(name, options.tfds_data_dir, recorded.get("--data_fake_dataset") == "True")


def _fake(options, sampler, real):
    if sampler is None:
        return _of_path(options.fake, "--fake", options.num_fake, options)
    count = options.num_fake or (real.count if real is not None else None)
    if count is None:
        raise ConfigError("--num_fake: expected a number of images, as there are no real ones to take it from")
    source = ImageSource(
        name=sampler.checkpoint.name,
        split="none",
        count=count,
        image_shape=tuple(sampler.gan.image_shape),
        num_classes=sampler.gan.num_classes,
        batches=lambda: sampler.batches(count, "scores/0"),  # those of the run's own scores
        fingerprint=lambda: sampler.checkpoint.name,
    )
    return _sized(source, options)


def _train(options, fake):
    dataset = _dataset(options)
    return _sized(sources.of_dataset(dataset, "train", min(fake.count, dataset.num_images("train"))), options)


def _of_path(path, option, count, options):
    if pathlib.Path(path).is_dir():
        return of_folder(path, option, count, *(options.size or ()))
    if not pathlib.Path(path).is_file():
        raise ConfigError(f"{option}: expected a folder or an .npz file, there is no {path}")
    return _sized(of_arrays(path, option, count), options)


def _sized(source, options):
    if options.size is None or source.image_shape[:2] == (options.size[0], options.size[0]):
        return source
    return sources.resized(source, *options.size)


def _comparable(fake, real):
    """`fake` with its classes numbered as those of `real`."""
    if fake.image_shape != real.image_shape:
        shapes = (f"{height}x{width}x{channels}" for height, width, channels in (fake.image_shape, real.image_shape))
        raise ConfigError("--fake: images are {}, those of --real {}; --size=N resizes both to NxN".format(*shapes))
    if fake.class_names is None or real.class_names is None:
        return fake
    if odd := sorted(set(fake.class_names) ^ set(real.class_names)):
        raise ConfigError(f"--fake, --real: expected the same classes, only one of them has {', '.join(odd)}")
    return sources.with_labels_of(fake, real.class_names)


def _check_kept(manifest, fake, options):
    for option, expected, found in (
        ("--fake", list(fake.image_shape), manifest["image_shape"]),
        ("--num_real", options.num_real or manifest["count"], manifest["count"]),
    ):
        if expected != found:
            raise ConfigError(f"{option}: got {expected}, but the features kept in {options.real} are of {found}")


def _available(fake, real, manifest, network, sampler):
    """Set of keys of `registry.NEEDS` that are met."""
    kept = manifest is not None
    met = {
        "fake_images": True,
        "fake_features": network is not None,
        "fake_logits": network is not None and network.num_logits,
        "fake_labels": fake.num_classes,
        "real_images": real is not None and not kept,
        "real_features": real is not None and network is not None,
        "real_labels": real is not None and (real.labels is not None if kept else real.num_classes),
        "class_logits": network is not None and real is not None and network.classifies == _name(real, manifest),
        "train_images": sampler is not None,
        "generator": sampler is not None,
        "discriminator": sampler is not None,
    }
    return {need for need, is_met in met.items() if is_met}


def _name(real, manifest):
    return manifest["dataset"] if manifest else real.name


def _protocol(fake, real, manifest, sampler):
    """{column: value} of what all rows share."""
    common = {
        "num_real": None if real is None else real.count,
        "num_fake": fake.count,
        "num_runs": 1,
        "dataset": "none" if real is None else _name(real, manifest),
        "split": "none" if real is None else manifest["split"] if manifest else real.split,
        "size": fake.resize,
        "code_version": code_version(),
    }
    if sampler is None:
        return {**common, **dict.fromkeys(("weights", "bn_statistics", "truncation", "label_prior"), "unknown")}
    statistics = configuration.build(StandingStatistics).num_samples
    training, evaluation = (configuration.build(kind) for kind in (latents.TrainingLatents, latents.EvaluationLatents))
    return {
        **common,
        "checkpoint": sampler.checkpoint.name,
        "weights": sampler.weights,
        "bn_statistics": f"standing_{statistics}" if sampler.needs_standing_statistics else "moving",
        "truncation": latents.truncation(training, evaluation),
        "label_prior": "uniform" if sampler.gan.conditional else "none",
    }


def _told(measurement):
    """{"value", "low", "high"} of a `Measurement`, and "reason" if it failed."""
    told = {name: getattr(measurement, name) for name in ("value", "low", "high")}
    return told | ({"reason": measurement.reason} if measurement.reason else {})


def _table(rows):
    lines = [("metric", "value", "95 % interval")]
    for row in rows:
        value = f"failed: {row['reason']}" if row["value"] is None else f"{row['value']:.6g}"
        lines.append((row["metric"], value, "" if row["low"] is None else f"{row['low']:.4g} to {row['high']:.4g}"))
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


def _write(path, options, rows):
    given = {name: value for name, value in vars(options).items() if value not in (None, [])}
    with files.replacing(path) as file:
        file.write(json.dumps({"options": given, "scores": rows}, indent=2).encode() + b"\n")


if __name__ == "__main__":
    assert gin_names.MODULES  # all names are declared
    sys.exit(main())
