"""The report of one run, or of several side by side: one HTML file."""

from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.metrics import table  # noqa: F401, registers the shipped metrics, which have titles
from compare_gan2.reporting.configuration_tables import configuration_parts, differing_parts
from compare_gan2.reporting.embedded_pictures import embedded
from compare_gan2.reporting.page_parts import Films, Paragraph, Pictures, Preformatted, Section
from compare_gan2.reporting.report_versions import made_by
from compare_gan2.reporting.run_charts import accuracy_parts, loss_charts, measurement_parts, score_charts
from compare_gan2.reporting.run_facts import read_runs
from compare_gan2.reporting.run_summary import cost_parts, lead, summary_table
from compare_gan2.reporting.score_tables import score_parts
from compare_gan2.reporting.watchdog_table import watchdog_table
from compare_gan2.reporting.web_page import write_page
from compare_gan2.run_folder.dataset_record import empty_classes

MOST_FRAMES = 12  # checkpoints of a run whose samples are shown


def write_report(folders, path, command):
    """Writes the report of the runs in these folders; what cannot be read is noted in its place.

    Args:
        folders: of the runs, finished or not.
        path: of the HTML file, which is replaced if it exists.
        command: as typed, for the end of the page.

    Raises:
        ConfigError: for a folder that does not hold a run, or runs that share neither their data nor a metric.
        DamagedFileError: if the configuration of a run is not what was written.
        OSError: if the file cannot be written.
    """
    runs = read_runs(folders)
    _require_common(runs)
    title = f"Run {runs[0].name}" if len(runs) == 1 else f"{len(runs)} runs: {', '.join(run.name for run in runs)}"
    sections = [
        Section("What was trained", _what(runs)),
        Section("Scores", score_parts(runs)),
        Section("Scores over the steps", score_charts(runs)),
        Section("Samples", _films(runs)),
        Section("Real beside generated", _real_and_fake(runs)),
        Section("Rotation and predictor", accuracy_parts(runs)),
        Section("Losses", loss_charts(runs)),
        Section("Warnings and events", _warnings(runs)),
        Section("Cost", cost_parts(runs)),
        Section("Configuration", configuration_parts(runs)),
        Section("How this was made", [Preformatted(command, "The command of this report")]),
    ]
    write_page(path, title, lead(runs[0]) if len(runs) == 1 else "", sections, made_by())


def _require_common(runs):
    """Raises a `ConfigError` for a run that has neither the data nor a metric of any other one."""
    for run in runs if len(runs) > 1 else ():
        others = [other for other in runs if other is not run]
        if not any(_data(run) & _data(other) or _metrics(run) & _metrics(other) for other in others):
            listed = "; ".join(f"{other.name}: {', '.join(sorted(_data(other)))}" for other in runs)
            raise ConfigError(
                f"RUN: expected runs that share their data or a metric, {run.name} shares neither with any other one "
                f"({listed}): make a report of each"
            )


def _data(run):
    return {run.dataset.name if run.dataset is not None else str(run.value("dataset.name"))}


def _metrics(run):
    return {score.metric for score in run.scores if score.value is not None}


def _what(runs):
    return [summary_table(runs), *(differing_parts(runs) if len(runs) > 1 else [])]


def _films(runs):
    films, notes = {}, []
    for run in runs:
        paths = {int(path.stem.removeprefix("step-")): path for path in (run.files.path / "samples").glob("step-*.png")}
        steps = sorted(paths)
        shown = _spread(steps, MOST_FRAMES)
        if len(shown) < len(steps):
            notes.append(f"{run.name}: {len(shown)} of {len(steps)} checkpoints, evenly spread.")
        for step in shown:
            try:
                picture = embedded(paths[step], f"Samples of {run.name} at step {step:,}", f"step {step:,}")
            except DamagedFileError as error:
                notes.append(str(error))
                continue
            films.setdefault(run.name, {})[step] = picture
    text = "Not selected: in all pictures of a run a place has the same latents and the same class."
    parts = [Paragraph(text), Films(films)] if films else [Paragraph("No checkpoint has a picture of samples yet.")]
    return [*parts, *(Paragraph(note, is_warning=True) for note in notes)]


def _spread(steps, most):
    """At most so many of the steps, the first and the last among them."""
    if len(steps) <= most:
        return steps
    return [steps[round(number * (len(steps) - 1) / (most - 1))] for number in range(most)]


def _real_and_fake(runs):
    pictures, notes = [], []
    for run in runs:
        path = run.files.path / "real_and_fake.png"
        if path.exists():
            text = f"Test images in the left half, images generated by {run.name} in the right half"
            try:
                pictures.append(embedded(path, text, run.name))
            except DamagedFileError as error:
                notes.append(Paragraph(str(error), is_warning=True))
    return [*([Pictures(pictures)] if pictures else []), *notes]


def _warnings(runs):
    texts = [problem for run in runs for problem in run.problems]
    for run in runs:
        if not run.is_done:
            planned = run.value("options.training_steps")
            texts.append(f"{run.name}: training is not finished, {run.last_step:,} of {planned:,} steps are done.")
        if run.dataset is not None and run.value(".conditional"):
            texts += [f"{run.name}: {text}." for text in empty_classes(run.dataset.label_distribution)]
        failed = sorted({f"{score.metric} ({score.reason})" for score in run.scores if score.has_failed})
        if failed:
            texts.append(f"{run.name}: metrics that failed: {'; '.join(failed)}.")
    found = watchdog_table({run.name: run.events for run in runs})
    parts = [Paragraph(text, is_warning=True) for text in texts]
    parts.append(found or Paragraph("The watchdog found nothing."))
    return [*parts, *measurement_parts(runs)]
