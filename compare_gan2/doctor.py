"""`compare_gan2 doctor`, or `python -m compare_gan2.doctor`: checks an installation, or that kills lose nothing."""

import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import local_path, whole_number
from compare_gan2.command_line.parser import add_configuration, parser_of
from compare_gan2.command_line.shipped_configurations import require_configuration
from compare_gan2.ground.errors import ConfigError

SHORT = "options.training_steps = 100"
EXAMPLES = ["", f'resume --gin_config=s3gan.gin --gin_bindings="{SHORT}" --kills=20']
NOTES = """\
Without a word behind it, it checks the installation: versions against those that the package needs, devices, a few
computations against NumPy and recorded numbers, room on the disks of this folder and of the cache, cached files.

resume trains a run and trains it again under SIGKILL: every other kill waits for a random step, the others come at
random moments of the time that the first run took. It compares every variable of every checkpoint, every row of the
logs and every TensorBoard event, bit for bit. Times are left out.

Exit code 0 if all is right and nothing differs, 1 if not or if a run fails, 2 for bad input."""
KILLS = 20


def parser():
    """`Parser` of the flags."""
    parser = parser_of("doctor", examples=EXAMPLES, notes=NOTES)
    parser.add_argument("what", nargs="?", choices=("resume",), metavar="resume", help="default: the installation")
    add_configuration(parser)
    add = parser.add_argument
    add("--kills", type=whole_number(1, 10_000), metavar="N", help=f"of resume; default: {KILLS}")
    add("--seed", type=whole_number(0), metavar="N", help="of its kills; default: 0")
    add("--workers", type=int, choices=(1, 2), metavar="1|2", help="processes of its runs; one of two is killed")
    add("--folder", type=local_path, metavar="DIR", help="for its runs, empty; default: a temporary one")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _doctor, arguments, check=_check, after_interrupt="not all was checked")


def _check(options):
    if options.what is None:
        for name, value in vars(options).items():
            if value not in (None, [], False):
                raise ConfigError(f"--{name}: belongs to `compare_gan2 doctor resume`")
    else:
        require_configuration("doctor resume", options.gin_config, options.gin_bindings)


def _doctor(options):
    if options.what is None:
        from compare_gan2.diagnosis import installation

        found = list(installation.checks())
        lines, failed = installation.table(found), any(check.problem for check in found)
    else:
        from compare_gan2.diagnosis import run_comparison

        rows = _resumed(options)
        lines, failed = run_comparison.table(rows), any(row.different for row in rows)
    print("\n".join(lines), flush=True)
    return int(failed)


def _resumed(options):
    from compare_gan2.diagnosis import resume

    given = [f"--gin_config={path}" for path in options.gin_config]
    given += [f"--gin_bindings={binding}" for binding in options.gin_bindings]
    given += ["--allow_imports"] if options.allow_imports else []
    kills, seed, workers = options.kills or KILLS, options.seed or 0, options.workers or 1
    return resume.compare_with_kills(given, kills=kills, seed=seed, num_workers=workers, folder=options.folder)


if __name__ == "__main__":
    sys.exit(main())
