"""The flags of `compare_gan2 evaluate`."""

import argparse
from typing import get_args

from compare_gan2.command_line.argument_types import (
    checkpoint_step,
    comma_list,
    data_folder,
    local_name,
    number_ranges,
    run_folder,
    whole_number,
)
from compare_gan2.command_line.parser import add_trust, parser_of
from compare_gan2.metrics.networks.choices import NetworkName, ResizerName

EXAMPLES = [
    "--fake=samples/ --real=photos/ --network=efficientnet_lite0 --metrics=fid,kid,prd --pictures=pictures",
    "--fake=samples.npz --real=mnist_5k --network=digits",
    '--fake=samples/ --real=cifar10 --network=inception_keras --metrics=kid --gin_bindings="kid.max_block_size = 500"',
    "--model_dir=runs/s3gan --step=2000 --metrics=fid,precision_recall",
    "--model_dir=runs/s3gan --metrics=all",
    "--model_dir=runs/s3gan --metrics=fid,precision_recall --truncation=0.4:1:0.1,none",
]
NOTES = """Prints a table, writes JSON with the protocol of every score. Metrics and their options: docs/evaluation.md.

Exit code 0 if at least one metric has a value, 1 if all failed, 2 for input that cannot be scored, 130 when
interrupted."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("evaluate", examples=EXAMPLES, notes=NOTES)
    add = parser.add_argument
    add("--fake", metavar="IMAGES", help="folder of pictures (sub-folders are classes), .npz file or name of a dataset")
    add("--model_dir", type=run_folder, metavar="DIR", help="folder of a run, in place of --fake")
    add(
        "--step", type=checkpoint_step, metavar="N", help='of a checkpoint in model_dir, or "best"; default: the newest'
    )
    add("--real", metavar="IMAGES", help="as --fake, or .npz of cached features; default: the dataset of the run")
    add(
        "--metrics",
        type=comma_list,
        metavar="NAMES",
        help="with commas, or all; default: fid, classifier_score and conditional_accuracy (or else"
        " neighbour_agreement), as far as possible",
    )
    add("--split", choices=["train", "test"], default="test", help="of a dataset; default: test")
    add(
        "--classes",
        choices=["same", "common"],
        default="same",
        help="fake and real ones have the same classes, or those that both have are compared; default: same",
    )
    add("--num_real", type=whole_number(1), metavar="N", help="number of real images, drawn by the seed; default: all")
    add("--num_fake", type=whole_number(1), metavar="N", help="default: all, of a checkpoint as many as real ones")
    add("--size", type=_size, metavar="N[:RESIZER]", help="resize all images to NxN first; default resizer: clean")
    add("--pixels", choices=["as_stored", "upright"], default="as_stored", help="of picture files; default: as_stored")
    add(
        "--max_pixels",
        type=whole_number(1, 178_000_000),
        default=80_000_000,
        metavar="N",
        help="pictures of more are refused; default: 80000000",
    )
    parser.add_switch("--images_in_order", help="--num_real and --num_fake take the first images, not drawn ones")
    networks = get_args(NetworkName)
    add("--network", choices=networks, metavar="NAME", help=f"feature_network.name: {', '.join(networks)}")
    add("--network_path", metavar="PATH", help="feature_network.path, where its weights are")
    add("--resize", choices=get_args(ResizerName), help="feature_network.resize, to the size of the network")
    add("--gin_bindings", action="append", default=[], metavar="BINDING", help='such as "kid.max_block_size = 500"')
    add(
        "--seed",
        type=whole_number(0, 2**32 - 1),
        default=0,
        metavar="N",
        help="of metrics; a checkpoint has that of its run",
    )
    add(
        "--truncation",
        type=number_ranges(0, 100, 100),
        metavar="NUMBERS",
        help="redraw latents of model_dir beyond so many deviations; of several, such as 0.4:1:0.1,none, a curve too",
    )
    add("--cache_dir", type=local_name, metavar="DIR", help="folder of cached features of real images")
    add("--tfds_data_dir", type=data_folder, metavar="DIR", help="folder of TensorFlow Datasets")
    add(
        "--pictures",
        type=local_name,
        metavar="DIR",
        help="folder for pictures of metrics, such as prd.png",
    )
    add(
        "--output",
        type=local_name,
        metavar="FILE",
        help="new JSON file; default: evaluation.json, or another name",
    )
    add_trust(parser)
    return parser


def _size(text):
    number, _, resizer = text.partition(":")
    if resizer not in ("", *get_args(ResizerName)):
        known = ", ".join(get_args(ResizerName))
        raise argparse.ArgumentTypeError(f"expected a resizer among {known}, got {resizer!r}")
    return whole_number(1, 2**14)(number), resizer or "clean"
