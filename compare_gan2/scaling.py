"""`compare_gan2 scaling`, or `python -m compare_gan2.scaling`: fits and applies the model of step times."""

import json
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import local_path, whole_number
from compare_gan2.command_line.parser import parser_of
from compare_gan2.ground import files

EXAMPLES = ["--json=scaling.json", "--measure=1"]
NOTES = """Counts the step of imagenet128/s3gan_co.gin in its graph at small widths and extrapolates to the full one,
measures a small step on 1, 2 and 4 logical CPU devices, and prints what that says about GPUs and a TPU pod; see
docs/scaling.md.

Exit code 0 when done, 2 for a configuration that cannot be counted."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("scaling", examples=EXAMPLES, notes=NOTES)
    add = parser.add_argument
    add("--measure", type=whole_number(1, 4096), metavar="R", help="only measure on R logical devices; prints JSON")
    add("--json", type=local_path, metavar="FILE", help="write all numbers there")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _predict, arguments, check=_check, after_interrupt="nothing was written")


def _check(options):
    if options.json:
        files.require_place("--json", options.json)


def _predict(options):
    from compare_gan2.benchmarks import scaling_model

    if options.measure:
        print(json.dumps(scaling_model.measured(options.measure)))
        return
    results = scaling_model.model()
    if options.json:
        with files.replacing(options.json) as file:
            file.write(json.dumps(results, indent=1).encode())


if __name__ == "__main__":
    sys.exit(main())
