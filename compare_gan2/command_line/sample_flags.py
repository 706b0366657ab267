"""The flags of `compare_gan2 sample`, and which of them belong together."""

import argparse
import re
from typing import get_args

from compare_gan2.command_line.argument_types import (
    checkpoint_step,
    comma_list,
    data_folder,
    local_name,
    number,
    number_ranges,
    run_folder,
    whole_number,
)
from compare_gan2.command_line.parser import add_trust, parser_of
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks.choices import NetworkName

FORMATS = ("picture", "png", "npz", "gif", "webp", "apng", "mp4")
ANIMATED = ("gif", "webp", "apng", "mp4")
MOST_IMAGES, MOST_TRUNCATIONS, LARGEST_SEED = 10_000_000, 100, 2**32 - 1
MOST_COLUMNS = 1000
EXAMPLES = [
    "--model_dir=runs/s3gan",
    "--model_dir=runs/s3gan --classes=3,8 --seeds=0-9 --truncation=0.7",
    "--model_dir=runs/s3gan --num=50000 --format=npz",
    "--model_dir=runs/s3gan --style_of=5",
    "--model_dir=runs/s3gan --truncation=0.2:2:0.3",
    "--model_dir=runs/s3gan --interpolate=classes --classes=3,8 --format=gif",
    "--model_dir=runs/s3gan --drs=80",
    "--model_dir=runs/s3gan --neighbours=5",
    "--model_dir=runs/s3gan --project=digit.png",
]
NOTES = """Image i of a seed is the same whatever the number of images, the chosen classes and the batch size.
Formats, files and figures: docs/sampling.md.

Exit code 0 when done, 1 if a checkpoint lacks weights, 2 for what cannot be drawn, 130 when interrupted."""
_KINDS = {
    "grid": "a grid",
    "files": "--format=png and npz",
    "style": "--style_of",
    "sweep": "several truncations",
    "walk": "--interpolate",
    "neighbours": "--neighbours",
    "project": "--project",
}
_TAKEN_BY = {  # flag: kinds of drawing that read it
    "num": ("files", "neighbours"),
    "columns": ("grid", "style", "sweep"),
    "seed": ("grid", "files", "sweep", "neighbours", "project"),
    "seeds": ("grid", "files", "walk"),
    "truncation": ("grid", "files", "style", "sweep", "walk", "neighbours"),
    "truncation_by": ("grid", "files", "style", "sweep", "walk", "neighbours"),
    "ddls": ("grid", "files", "neighbours"),
    "ddls_rate": ("grid", "files", "neighbours"),
    "ddls_noise": ("grid", "files", "neighbours"),
    "drs": ("grid", "files", "neighbours"),
    "drs_burn_in": ("grid", "files", "neighbours"),
    "flat": ("files",),
    "batch_size": ("files",),
    "frames": ("walk",),
    "frames_per_second": ("walk",),
    "network": ("neighbours",),
    "network_path": ("neighbours",),
    "num_real": ("neighbours",),
    "tfds_data_dir": ("neighbours",),
    "iterations": ("project",),
    "resize": ("project",),
}


def parser():
    """`Parser` of the flags; what is not given is None."""
    parser = parser_of("sample", examples=EXAMPLES, notes=NOTES)
    add, count, seed = parser.add_argument, whole_number(1, MOST_IMAGES), whole_number(0, LARGEST_SEED)
    add(
        "--model_dir", type=run_folder, metavar="DIR", required=True, help="folder of a run or networks, or .keras file"
    )
    add("--step", type=checkpoint_step, metavar="N", help='of a checkpoint, or "best"; default: the newest')
    add("--weights", choices=["ema", "raw"], help="averaged weights, or those of the last update; default: averaged")
    add("--gin_bindings", action="append", default=[], metavar="BINDING", help="override the run's configuration")
    add("--output", type=local_name, metavar="PATH", help="file, or folder of PNG files; default: after the model")
    add("--force", action="store_true", help="replace the file, or a folder of samples, at this path")
    add("--format", choices=FORMATS, help="default: by the suffix of --output, else one picture")
    add("--num", type=count, metavar="N", help="images as files, or to compare with training images; default: 100")
    add("--classes", type=comma_list, metavar="NAMES", help="names or numbers, with commas; default: all")
    add("--seed", type=seed, metavar="N", help="whose images 0, 1, ... are drawn; default: 0")
    add("--seeds", type=whole_numbers, metavar="LIST", help="such as 0-9,42: the first image of each")
    add("--columns", type=whole_number(1, MOST_COLUMNS), metavar="N", help="images per row; default: 10")
    add(
        "--truncation",
        type=number_ranges(0, 1000, MOST_TRUNCATIONS),
        metavar="T",
        help="in deviations; several, such as 0.4:1:0.1,none, are compared",
    )
    add("--truncation_by", choices=["resample", "clip", "w"], help="redraw, clip, or (StyleGAN2) in w")
    add("--ddls", type=whole_number(1, 100_000), metavar="STEPS", help="steps of latents to likelier images (DDLS)")
    add("--ddls_rate", type=number(1e-9, 100.0), metavar="X", help="of these steps; default: 0.01")
    add("--ddls_noise", type=number(0.0, 100.0), metavar="X", help="of these steps; default: 1, as much as published")
    add(
        "--drs",
        type=number(0.0, 100.0),
        metavar="PERCENTILE",
        help="images are drawn until the discriminator accepts one (DRS); 80: that of 80 percent with probability 1/2",
    )
    add("--drs_burn_in", type=count, metavar="N", help="images per class from which that is estimated; default: 256")
    add("--style_of", type=seed, metavar="SEED", help="grid with the latents of a seed in every class")
    add("--interpolate", choices=["latents", "classes"], help="from seed to seed, or from class to class")
    add("--frames", type=whole_number(2, 10_000), metavar="N", help="to the next; default: 8, of animations 24")
    add("--frames_per_second", type=number(0.1, 100.0), metavar="N", help="of animations; default: 12")
    add("--neighbours", type=whole_number(1, 1000), metavar="K", help="nearest training images: is it memorised?")
    add(
        "--network",
        choices=get_args(NetworkName),
        metavar="NAME",
        help="feature_network.name for --neighbours; default: that of the run",
    )
    add("--network_path", metavar="PATH", help="feature_network.path")
    add("--num_real", type=whole_number(2), metavar="N", help="training images to search; default: all")
    add("--tfds_data_dir", type=data_folder, metavar="DIR", help="folder of TensorFlow Datasets")
    add("--project", type=local_name, metavar="IMAGE", help="picture whose nearest latent is searched")
    add("--iterations", type=whole_number(1, 1_000_000), metavar="N", help="of that search; default: 300")
    add("--resize", action="store_true", default=None, help="crop that picture to the model's shape and resize it")
    add("--flat", action="store_true", default=None, help="PNG files in one folder, classes in their names")
    add("--batch_size", type=whole_number(1, 65_536), metavar="N", help="images computed at a time; default: 64")
    add_trust(parser)
    return parser


def kind_of(options):
    """What is to be drawn, a key of `_KINDS`; fills in `options.format`.

    Raises:
        ConfigError: for flags that do not belong together.
    """
    kinds = [
        kind
        for kind, given in (
            ("style", options.style_of is not None),
            ("walk", options.interpolate is not None),
            ("neighbours", options.neighbours is not None),
            ("project", options.project is not None),
            ("sweep", options.truncation is not None and len(options.truncation) > 1),
        )
        if given
    ]
    if len(kinds) > 1:
        raise ConfigError(f"{' and '.join(_KINDS[kind] for kind in kinds)}: expected one of them at a time")
    if options.format is None:
        suffix = (re.search(r"\.(\w+)$", options.output or "") or ["", ""])[1]
        options.format = suffix if suffix in FORMATS and suffix != "png" else "picture"
    kind = kinds[0] if kinds else "files" if options.format in ("png", "npz") else "grid"
    allowed = {"files": ("png", "npz"), "walk": ("picture", "png", *ANIMATED)}.get(kind, ("picture",))
    if options.format not in allowed:
        also = "; --interpolate makes animations" if options.format in ANIMATED else ""
        raise ConfigError(f"--format: {_KINDS[kind]} gives {', '.join(allowed)}, got {options.format!r}{also}")
    for flag, takers in _TAKEN_BY.items():
        if getattr(options, flag) is not None and kind not in takers:
            takers = " or ".join(_KINDS[taker] for taker in takers)
            raise ConfigError(f"--{flag}: belongs to {takers}, and does nothing for {_KINDS[kind]}")
    if options.seeds is not None and (options.seed, options.num) != (None, None):
        raise ConfigError("--seeds: takes the first image of each seed, expected neither --seed nor --num beside it")
    _require_counts(options, kind)
    for flag, needed in (("ddls_rate", "ddls"), ("ddls_noise", "ddls"), ("drs_burn_in", "drs")):
        if getattr(options, flag) is not None and getattr(options, needed) is None:
            raise ConfigError(f"--{flag}: expected --{needed} beside it")
    if options.ddls is not None and options.drs is not None:
        raise ConfigError("--ddls: expected --ddls or --drs, got both")
    if options.truncation_by is not None and options.truncation in (None, [None]):
        raise ConfigError("--truncation_by: expected a number in --truncation beside it")
    return kind


def _require_counts(options, kind):
    """Raises a `ConfigError` for more seeds than a picture has columns, or nothing to move between."""
    if kind == "grid" and options.seeds is not None:
        if options.columns is not None:
            raise ConfigError("--columns: each of --seeds is a column, expected one of the two flags")
        if len(options.seeds) > MOST_COLUMNS:
            few, given = f"{MOST_COLUMNS:,}", f"{len(options.seeds):,}"
            raise ConfigError(f"--seeds: a grid shows at most {few}, got {given}; --format=png and npz take all")
    ends = options.seeds if options.interpolate == "latents" else options.classes or []
    if kind == "walk" and ends is not None and len(ends) < 2:
        what, given = ("seeds", "classes")[options.interpolate == "classes"], ", ".join(map(str, ends)) or "none"
        instead = "; --interpolate=latents needs no classes" if options.classes is None and what == "classes" else ""
        raise ConfigError(
            f"--interpolate={options.interpolate}: expected two or more --{what} to move between, got {given}{instead}"
        )


def whole_numbers(text):
    """Type of an argument: different whole numbers from 0, such as "0-9,42"; a range includes both ends."""
    found = []
    for part in text.split(","):
        ends = re.fullmatch(r"\s*(\d{1,10})(?:-(\d{1,10}))?\s*", part)
        if not ends or not int(ends[1]) <= int(ends[2] or ends[1]) <= LARGEST_SEED:
            raise argparse.ArgumentTypeError(
                f"expected whole numbers up to {LARGEST_SEED} and ranges of them, such as 0-9,42, got {text[:80]!r}"
            )
        numbers = range(int(ends[1]), int(ends[2] or ends[1]) + 1)
        _require_few(len(found) + len(numbers), MOST_IMAGES)
        found += numbers
    if len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"expected different numbers, got {text[:80]!r}")
    return found


def _require_few(count, most):
    if count > most:
        raise argparse.ArgumentTypeError(f"expected at most {most:,} numbers, got {count:,}")
