"""A study from its plan to its report: missing runs are made, then table and report of all results."""

import pathlib

from compare_gan2.ground.messages import log
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.studies import made_of, runs
from compare_gan2.studies.archive import StudyArchive
from compare_gan2.studies.document import place_of_table, put_table
from compare_gan2.studies.plan import runs_of
from compare_gan2.studies.results import finished, read_results


def folder_of(study, model_dir):
    """Folder of a study's runs: named after its results, in `model_dir`."""
    return pathlib.Path(model_dir) / pathlib.Path(study.results).stem


def listing(study, folder):
    """Text with the state of every planned run, a line each, and how many are finished.

    Args:
        study: `Study`.
        folder: path of the folder of all runs; it need not exist.
    """
    rows = read_results(pathlib.Path(study.results))
    states = [(runs.state_of(run, rows, folder), run.name) for run in runs_of(study)]
    count = sum(state == "finished" for state, _ in states)
    lines = [f"{state:<24}{name}" for state, name in states]
    return "\n".join([*lines, f"{count} of {len(states)} runs finished"])


def require_place_of_table(study):
    """Raises a `ConfigError` if the study's document has no place for its table: call it before hours of runs."""
    if study.document:
        place_of_table(pathlib.Path(study.document), pathlib.Path(study.results).stem)


def run_what_is_missing(study, folder, jobs=1):
    """List of `runs.Failure`, after running whatever has no rows in the results.

    Args:
        study: `Study`.
        folder: path of the folder of all runs.
        jobs: runs at a time.

    Raises:
        ConfigError: if another study is running in the folder, or a config has changed since its rows were made.
    """
    results = pathlib.Path(study.results)
    with ModelDirectory(folder).writing():  # a second study here would start the same runs
        rows = read_results(results)
        made_of.require_same_configs(study, rows, results)
        done = finished(rows)
        for run in runs_of(study):
            if (run.setting, run.seed) not in done:
                StudyArchive(results).forget(run)
        return runs.run_missing(study, results, folder, jobs)


def write_report(study, folder, command, mix_protocols=False):
    """Prints the table, writes the HTML report and the archive, and puts the table into the study's document.

    Returns the `Summary` of the scores.

    Imports TensorFlow: call it when the runs have ended.

    Args:
        study: `Study`.
        folder: path of the folder of all runs; it need not exist.
        command: of the study, as typed.
        mix_protocols: whether scores of different protocols may share a table; they are marked then.

    Raises:
        ConfigError: for scores of different protocols, configs or pictures that have changed since some of the scores
            were made, or a document without a place for the table.
        DamagedFileError: for results that cannot be read.
    """
    from compare_gan2.studies.label_fractions import label_fractions
    from compare_gan2.studies.markdown import markdown_table
    from compare_gan2.studies.report import Report
    from compare_gan2.studies.summary import Summary

    rows = read_results(pathlib.Path(study.results))
    made_of.require_same_configs(study, rows, study.results)
    summary = Summary(study, rows, label_fractions(study), mix_protocols)
    made_of.require_same_data(summary.trained, study.results)
    table = markdown_table(summary)
    log.info(table)
    path = pathlib.Path(study.report or folder / "report.html")
    Report(summary, rows, folder, command).write(path)
    log.info(f"report: {path}")
    if study.document:
        put_table(pathlib.Path(study.document), pathlib.Path(study.results).stem, table)
    return summary
