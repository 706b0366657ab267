"""Scores images of any generator: `python -m compare_gan2.evaluate --fake=DIR_OR_NPZ --real=DIR_OR_NPZ_OR_DATASET`.

Or those of a checkpoint: `--model_dir=DIR [--step=N]` in place of --fake, with the run's own dataset and feature
network unless others are named. Prints a table and writes JSON. Exit code 0 when done, 1 if a metric failed, 2 for
input that cannot be scored.
"""

import os
import sys

from compare_gan2 import versions

versions.check()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notices bury our own lines

import argparse  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402

import tensorflow as tf  # noqa: E402

from compare_gan2 import allocator, configuration, gin_names  # noqa: E402
from compare_gan2.configuration import ConfigError  # noqa: E402
from compare_gan2.evaluation.comparison import Comparison  # noqa: E402
from compare_gan2.evaluation.measurements import Measurements  # noqa: E402
from compare_gan2.evaluation.one_pass import OnePass  # noqa: E402
from compare_gan2.metrics import registry  # noqa: E402
from compare_gan2.metrics.feature_networks import feature_network  # noqa: E402
from compare_gan2.metrics.resizers import RESIZERS  # noqa: E402
from compare_gan2.reporting import files  # noqa: E402
from compare_gan2.reporting.progress import Progress  # noqa: E402
from compare_gan2.sampling import load_sampler  # noqa: E402
from compare_gan2.training.checkpoints import CheckpointError  # noqa: E402
from compare_gan2.training.strategy import get_strategy  # noqa: E402


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
    except KeyboardInterrupt:
        print("error: interrupted; no scores were written", file=sys.stderr)
        return 130
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
    comparison = Comparison(options, sampler, _network(options, names, strategy))
    metrics = registry.choose(names, comparison.available(), "--metrics")
    pictures = _pictures(options.pictures, metrics)
    seed = options.seed if sampler is None else sampler.seed
    one_pass = OnePass(
        metrics,
        comparison.network,
        comparison.real,
        comparison.train,
        seed=seed,
        cache_dir=options.cache_dir,
        strategy=strategy,
    )
    measured = _measured(one_pass, comparison.fake, sampler, pictures)
    protocol = comparison.protocol() | {"seed": seed}
    return [
        {"metric": row, **_told(measured.result(row)), **one_pass.protocol(metric), **protocol}
        for metric in metrics
        for row in metric.rows
    ]


def _measured(one_pass, fake, sampler, pictures):
    measured = Measurements(one_pass.metrics)
    one_pass.read_real()  # before the progress of the generated images
    with Progress(fake.count, 0, f"{fake.name}: generated images", 1, unit="images") as progress:
        samples = one_pass.samples(one_pass.metrics, fake.batches(), fake.count, progress.update, sampler, "scores/0")
    measured.add(samples, "metrics")
    for metric, path in pictures:
        if not any(measured.result(row).reason for row in metric.rows):
            path.parent.mkdir(parents=True, exist_ok=True)
            metric.draw(path, samples, **metric.parameters())
    return measured


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
    parser.add_argument("--pictures", help="folder for pictures of the metrics that have one, such as prd.png")
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


def _pictures(folder, metrics):
    """[(metric, path)] of the pictures to draw, none of which is there yet."""
    drawn = [metric for metric in metrics if metric.draw is not None] if folder else []
    pictures = [(metric, pathlib.Path(folder) / f"{metric.name}.png") for metric in drawn]
    for _, path in pictures:
        if path.exists():
            raise ConfigError(f"--pictures: {path} exists already; choose another folder")
    return pictures


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
    allocator.keep_freed_memory()
    sys.exit(main())
