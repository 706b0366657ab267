"""`compare_gan2 doctor`, or `python -m compare_gan2.doctor`: checks that killed runs end as if they had not been."""

import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import whole_number
from compare_gan2.command_line.parser import add_configuration, parser_of
from compare_gan2.command_line.shipped_configurations import require_configuration

SHORT = "options.training_steps = 100"
EXAMPLES = [f'resume --gin_config=s3gan.gin --gin_bindings="{SHORT}" --kills=20']
NOTES = """\
resume trains a run, trains it again and kills it with SIGKILL at random moments of the time that it took, and compares
every variable of every checkpoint, every row of the logs and every TensorBoard event, bit for bit. Times are left out.

Exit code 0 if nothing differs, 1 if anything does or a run fails, 2 for bad input."""
MOST_NAMED = 5


def parser():
    """`Parser` of the flags."""
    parser = parser_of("doctor", examples=EXAMPLES, notes=NOTES)
    parser.add_argument("what", choices=("resume",), metavar="resume", help="what to check")
    add_configuration(parser)
    parser.add_argument("--kills", type=whole_number(1), default=20, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments; default: %(default)s")
    parser.add_argument(
        "--workers", type=int, choices=(1, 2), default=1, help="processes of each run; one of two is killed"
    )
    parser.add_argument("--folder", type=pathlib.Path, metavar="DIR", help="empty; default: a temporary one")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _resume, arguments, check=_check, after_interrupt="not all was compared")


def _check(options):
    require_configuration("doctor resume", options.gin_config, options.gin_bindings)


def _resume(options):
    from compare_gan2.diagnosis import resume, run_comparison

    given = [f"--gin_config={path}" for path in options.gin_config]
    given += [f"--gin_bindings={binding}" for binding in options.gin_bindings]
    rows = resume.compare_with_kills(
        given, kills=options.kills, seed=options.seed, num_workers=options.workers, folder=options.folder
    )
    print("\n".join(run_comparison.table(rows)), flush=True)
    for row in rows:
        for name in row.different[:MOST_NAMED]:
            print(f"different: {row.what}: {name}")
    return 1 if any(row.different for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
