"""Minutes of training until an FID: a study of several configurations and seeds, made from the flags."""

import shlex

from compare_gan2.ground.errors import TrainingFailed
from compare_gan2.studies import conduct
from compare_gan2.studies.minutes_to_target import minutes_to_target
from compare_gan2.studies.plan import Study, require_configs

RESULTS = "time_to_fid"


def measure(target, configs, bindings, seeds, folder):
    """{"fid": target, "rows": {configuration: {seed: minutes, None if it was not reached}}, "picture"}.

    Runs whatever the folder does not hold yet, one run at a time with all cores, then prints the table and writes the
    report and the picture of FID over minutes.

    Args:
        target: the FID.
        configs: names of configurations, as `study.configs`.
        bindings: gin bindings of every run.
        seeds: list of whole numbers.
        folder: path of results, runs and report; it need not exist.

    Raises:
        ConfigError: for configurations that do not exist, or a plan that cannot be run.
        TrainingFailed: if a run failed; the others are in the results.
    """
    results = str(folder / f"{RESULTS}.csv")
    # Methods differ in these by design, which the table marks.
    differ = ["label_prior", "bn_statistics"]
    study = Study(configs, seeds, results, bindings=bindings, target=target, may_differ=differ)
    require_configs(study)
    runs = folder / "runs"
    failures = conduct.run_what_is_missing(study, runs)
    summary = conduct.write_report(study, runs, _command(study, folder))
    if failures:
        raise TrainingFailed("\n".join(failure.text(runs) for failure in failures))
    rows = {summary.label(setting): minutes_to_target(summary, setting) for setting in summary.settings}
    picture = str(folder / RESULTS / f"{summary.distance}_by_minutes.png")
    return {"fid": target, "rows": rows, "picture": picture}


def _command(study, folder):
    """The command that made the report."""
    given = [f"--time_to_fid={study.target:g}", *(f"--gin_config={name}" for name in study.configs)]
    given += [f"--gin_bindings={binding}" for binding in study.bindings]
    given += [f"--seeds={','.join(map(str, study.seeds))}", f"--folder={folder}"]
    return shlex.join(["python", "-m", "compare_gan2.benchmark", *given])
