"""`compare_gan2 report`, or `python -m compare_gan2.report`: one HTML page of a run, or of several side by side."""

import shlex
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.report_flags import parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(
        parser(), _report, arguments, check=_check, bad_input=(OSError,), after_interrupt="no report was written"
    )


def _check(options):
    from compare_gan2.reporting.report_place import report_path, require_free
    from compare_gan2.reporting.run_facts import read_runs, require_common

    require_common(read_runs(options.runs))
    require_free(report_path(options.runs, options.output), options.force)


def _report(options):
    from compare_gan2.reporting.report_place import report_path
    from compare_gan2.reporting.run_report import write_report

    path = report_path(options.runs, options.output)
    write_report(options.runs, path, _command(options))
    print(f"report: {path} ({path.stat().st_size / 1000:,.0f} kB)")


def _command(options):
    given = [*options.runs, *([f"--output={options.output}"] if options.output else [])]
    return shlex.join(["compare_gan2", "report", *given])


if __name__ == "__main__":
    sys.exit(main())
