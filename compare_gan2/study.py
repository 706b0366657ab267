"""`compare_gan2 study`, or `python -m compare_gan2.study`: several configurations and seeds, one table and report."""

import shlex
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import run_folder, whole_number
from compare_gan2.command_line.parser import add_configuration, parser_of
from compare_gan2.command_line.shipped_configurations import require_configuration

FIRST = "studies/mnist_5k.gin"
EXAMPLES = [f"--gin_config={FIRST} --list", "--gin_config=studies/fewer_labels.gin --jobs=2"]
NOTES = """\
Runs whatever study.results does not have yet, each run as a process of its own; killed at any time, the same
command resumes. Rows of finished runs are added to study.results, the table is printed and put into study.document,
the report is one HTML file. Scores of one metric whose protocols differ are refused, or with --mix_protocols marked.

Exit code 0 when done, 1 when a run failed, 2 for a study that cannot be run, 130, 143 or 129 when stopped by
Ctrl-C, SIGTERM or SIGHUP."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("study", examples=EXAMPLES, notes=NOTES)
    add_configuration(parser, files="file that binds study.*: a path, or the name of a shipped one; may be given again")
    add = parser.add_argument
    add("--model_dir", type=run_folder, default="runs/studies", metavar="DIR", help="default: %(default)s")
    add("--jobs", type=whole_number(1, 4096), default=1, metavar="N", help="runs at a time, which share the cores")
    add("--list", action="store_true", help="run nothing; print the plan and the state of each run")
    add("--only_table", action="store_true", help="run nothing; make table and report of the results so far")
    add("--mix_protocols", action="store_true", help="put scores of different protocols into one table, marked")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(
        parser(),
        _study,
        arguments,
        check=_check,
        needs_tensorflow=False,  # the runs are processes of their own; the report imports it when they have ended
        bad_input=(OSError,),
        after_interrupt="the same command resumes",
    )


def _check(options):
    require_configuration("study", options.gin_config, options.gin_bindings, first=FIRST, of_studies=True)


def _study(options):
    from compare_gan2.config.configuration import parse
    from compare_gan2.studies import conduct
    from compare_gan2.studies.plan import Study, require_configs

    study = parse(options.gin_config, options.gin_bindings).build(Study)
    require_configs(study)
    folder = conduct.folder_of(study, options.model_dir)
    if options.list:
        print(conduct.listing(study, folder))
        return 0
    conduct.require_place_of_table(study)
    failures = [] if options.only_table else conduct.run_what_is_missing(study, folder, options.jobs)
    for failure in failures:  # before the report, which may be refused
        print(failure.text(folder), file=sys.stderr)
    conduct.write_report(study, folder, _command(options), options.mix_protocols)
    return 1 if failures else 0


def _command(options):
    given = [f"--gin_config={path}" for path in options.gin_config]
    given += [f"--gin_bindings={binding}" for binding in options.gin_bindings]
    return shlex.join(["python", "-m", "compare_gan2.study", *given])


if __name__ == "__main__":
    sys.exit(main())
