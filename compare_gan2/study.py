"""Several configurations, several seeds, one report: `python -m compare_gan2.study --gin_config=FILE`.

Runs what the results file does not have yet, each as a process of its own; killed anywhere, the same command goes on.
Rows of finished runs are added to `study.results`; the table is printed and put into `study.document` between the lines
`<!-- table: NAME -->` and `<!-- end of table -->`, NAME being that of the results; the report is one HTML file. Rows of
one metric whose protocols differ are refused, or with --mix_protocols marked.

Exit code 0 when done, 1 when a run failed, 2 for a study that cannot be run, 130 when interrupted.
"""

import argparse
import pathlib
import shlex
import sys

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.reporting import files
from compare_gan2.studies import runs
from compare_gan2.studies.kept import Kept
from compare_gan2.studies.markdown import markdown_table, place_of_table, put_table
from compare_gan2.studies.plan import GIN_CONFIGS, Study, require_configs, runs_of
from compare_gan2.studies.report import Report
from compare_gan2.studies.results import finished, read_results
from compare_gan2.training.model_directory import ModelDirectory


def main(arguments=None):
    options = _options(arguments)
    try:
        configuration.parse(options.gin_config, options.gin_bindings, search_paths=[GIN_CONFIGS])
        study = configuration.build(Study)
        require_configs(study)
        results = pathlib.Path(study.results)
        folder = pathlib.Path(options.model_dir) / results.stem
        if options.list:
            print(_listed(study, results, folder))
            return 0
        if study.document:
            place_of_table(pathlib.Path(study.document), results.stem)  # before hours of runs
        failures = [] if options.only_table else _run(study, results, folder, options.jobs)
        _tell(failures, folder)  # first, since what follows may be refused
        _write(study, results, folder, options)
    except (ConfigError, files.DamagedFileError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: interrupted; the same command goes on", file=sys.stderr)
        return 130
    return 1 if failures else 0


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.study", description=__doc__.split("\n")[0])
    parser.add_argument("--gin_config", action="append", default=[], help="file that binds study.*")
    parser.add_argument("--gin_bindings", action="append", default=[], help="bindings, parsed after the files")
    parser.add_argument("--model_dir", default="runs/studies", help="folder of the runs")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time, which share the cores")
    parser.add_argument("--list", action="store_true", help="run nothing, print the plan and how far it is")
    parser.add_argument("--only_table", action="store_true", help="run nothing, make table and report of what is there")
    parser.add_argument(
        "--mix_protocols", action="store_true", help="put scores of different protocols into one table, marked"
    )
    return parser.parse_args(arguments)


def _listed(study, results, folder):
    rows = read_results(results)
    states = [(runs.state_of(run, rows, folder), run.name) for run in runs_of(study)]
    count = sum(state == "finished" for state, _ in states)
    lines = [f"{state:<24}{name}" for state, name in states]
    return "\n".join([*lines, f"{count} of {len(states)} runs finished"])


def _run(study, results, folder, jobs):
    runs.check_jobs(jobs)
    with ModelDirectory(folder).writing():  # two studies at a time would run the same
        done = finished(read_results(results))
        for run in runs_of(study):
            if (run.setting, run.seed) not in done:
                Kept(results).forget(run)
        return runs.run_missing(study, results, folder, jobs)


def _tell(failures, folder):
    for failure in failures:
        log = runs.log_path(folder, failure.run)
        print(f"failed: {failure.run.name}, exit code {failure.code}, {log} ends in:", file=sys.stderr)
        print("".join(f"    {line}\n" for line in failure.log.split("\n")), end="", file=sys.stderr)


def _write(study, results, folder, options):
    rows = read_results(results)
    table = markdown_table(study, rows, options.mix_protocols)
    print(table)
    report = pathlib.Path(study.report or folder / "report.html")
    Report(study, rows, folder, _command(options), options.mix_protocols).write(report)
    print(f"report: {report}")
    if study.document:
        put_table(pathlib.Path(study.document), results.stem, table)


def _command(options):
    given = [f"--gin_config={path}" for path in options.gin_config]
    given += [f"--gin_bindings={binding}" for binding in options.gin_bindings]
    return shlex.join(["python", "-m", "compare_gan2.study", *given])


if __name__ == "__main__":
    sys.exit(main())
