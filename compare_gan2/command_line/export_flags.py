"""The flags of `compare_gan2 export`."""

import argparse
import re

from compare_gan2.command_line.argument_types import checkpoint_step, comma_list, local_path, run_folder
from compare_gan2.command_line.parser import parser_of
from compare_gan2.exporting.format_names import DEFAULT, FORMATS

EXAMPLES = [
    "--model_dir=runs/s3gan",
    "--model_dir=runs/s3gan --step=best --output=exports/digits --format=keras,saved_model,onnx",
    "--model_dir=runs/s3gan --output=page --license=apache-2.0 --name=digits-s3gan --force",
]
NOTES = """Every file holds the weights that the run samples with and its standing statistics; what each computes is
compared with the run before the folder appears. Formats and signatures: docs/export.md.

Exit code 0 when done, 1 if a file gives other results than the run, 2 for what cannot be exported, 130 when
interrupted; then nothing is written."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("export", examples=EXAMPLES, notes=NOTES)
    add, switch = parser.add_argument, parser.add_switch
    add(
        "--model_dir", type=run_folder, required=True, metavar="DIR", help="a run, a migrated module, an earlier export"
    )
    add("--step", type=checkpoint_step, metavar="N", help='of a checkpoint, or "best"; default: the newest')
    add("--weights", choices=["ema", "raw"], help="averaged weights, or those of the last update; default: averaged")
    add(
        "--output",
        type=local_path,
        metavar="DIR",
        help="folder to make; default: exports/NAME, named after the run's folder",
    )
    add(
        "--format",
        type=comma_list,
        default=list(DEFAULT),
        metavar="NAMES",
        help=f"with commas, among {', '.join(FORMATS)}; default: {','.join(DEFAULT)}",
    )
    switch("--force", help="replace an earlier export in --output")
    add("--name", metavar="NAME", help="of the model on its card; default: that of the folder")
    add("--license", type=_license, metavar="ID", help="of the weights, for the card, such as apache-2.0")
    add(
        "--gin_bindings",
        action="append",
        default=[],
        metavar="BINDING",
        help="wins over the run, such as \"run_config.mixed_precision = 'float32'\"",
    )
    switch("--allow_imports", help="the record of the run may import modules, which run with all your rights")
    return parser


def _license(text):
    if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", text):
        raise argparse.ArgumentTypeError(f"expected an identifier such as apache-2.0 or cc-by-4.0, got {text!r}")
    return text
