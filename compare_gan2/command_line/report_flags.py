"""The flags of `compare_gan2 report`."""

from compare_gan2.command_line.argument_types import local_name
from compare_gan2.command_line.parser import parser_of

EXAMPLES = ["runs/s3gan", "runs/s3gan runs/s3gan-labels.fraction=0.05 --output=fractions.html"]
NOTES = """\
One HTML file that needs no network: what was trained on how many labels, scores, curves, samples over time, real
beside generated images, warnings, cost and configuration; of several runs also what differs. See docs/reports.md.

Exit code 0 when done, 2 for folders that do not hold runs, runs that share nothing, or a file that exists."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("report", examples=EXAMPLES, notes=NOTES)
    parser.add_argument("runs", nargs="+", type=local_name, metavar="RUN", help="folder of a run, finished or not")
    parser.add_argument(
        "--output",
        type=local_name,
        metavar="FILE",
        help="default: report.html in the folder of the run, of several runs here",
    )
    parser.add_switch("--force", help="replace a report that exists")
    return parser
