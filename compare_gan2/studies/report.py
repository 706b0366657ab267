"""The report of a study: one HTML file with tables, charts, samples side by side, protocol, plan and commands."""

import pathlib
import shlex

from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.reporting.embedded_pictures import embedded_png
from compare_gan2.reporting.page_parts import Cell, Charts, Heading, Paragraph, Pictures, Preformatted, Section, Table
from compare_gan2.reporting.protocols import protocol_table
from compare_gan2.reporting.report_versions import made_by
from compare_gan2.reporting.score_tables import best_of
from compare_gan2.reporting.watchdog_table import watchdog_table
from compare_gan2.reporting.web_page import write_page
from compare_gan2.studies import charts, time_charts
from compare_gan2.studies.archive import StudyArchive
from compare_gan2.studies.minutes_to_target import minutes_text, target_title
from compare_gan2.studies.plan import runs_of
from compare_gan2.studies.results import finished
from compare_gan2.studies.runs import last_lines, state_of
from compare_gan2.studies.summary import FEW_RUNS, RESAMPLES
from compare_gan2.studies.table_rows import fraction_title, fractions_of, mean_and_spread, rows_by_fraction


class Report:
    """The report of a study, finished or not.

    Args:
        summary: `Summary`.
        rows: of its results, as `read_results` returns them.
        folder: path of the folder of all runs; it need not exist any more.
        command: of the study, as typed.
    """

    def __init__(self, summary, rows, folder, command):
        self._study = summary.study
        self._folder = folder
        self._command = command
        self._summary = summary
        self._archive = StudyArchive(self._study.results)
        self._runs = runs_of(self._study)
        done = finished(rows)
        self._finished = [run for run in self._runs if (run.setting, run.seed) in done]
        self._states = [(run, state_of(run, rows, folder)) for run in self._runs]

    def write(self, path):
        """Writes the HTML file, whole or not at all, and summary.csv and the chart of fractions to the archive."""
        self._archive.write("summary.csv", self._summary.as_csv().encode())
        sections = [Section("Scores", self._tables())]
        if self._summary.rows:
            sections += [
                Section(f"{self._distance} and the fraction of labels", self._fractions()),
                Section("Samples", self._samples()),
                Section("Training curves", self._curves()),
                Section("Protocol", self._protocol()),
            ]
        sections += [
            Section("Watchdog", self._watchdog()),
            Section("Plan", self._plan()),
            Section("Commands", self._commands()),
        ]
        title = f"Study {pathlib.Path(self._study.results).stem}"
        write_page(path, title, self._progress(), sections, self._versions())

    @property
    def _distance(self):
        """Title of the study's distance."""
        return self._summary.titles.get(self._summary.distance, "FID")

    def _progress(self):
        done, planned = len(self._finished), len(self._runs)
        if done == planned:
            return f"All {planned} runs are finished."
        failed = sum(state.startswith("failed") for _, state in self._states)
        text = f"{done} of {planned} runs are finished, {failed} failed. The plan below lists them; "
        return text + "numbers may change until all are finished."

    def _tables(self):
        summary = self._summary
        if not summary.rows:
            return [Paragraph("No run has scores yet.", is_warning=True)]
        parts = [Paragraph(self._how_to_read())]
        if summary.by_fraction:
            parts += [self._table_of(metric, title) for metric, title in summary.titles.items()]
        else:
            parts.append(self._table_of_all())
        for metric, marks in summary.marks.items():
            text = f"Protocols of {summary.titles[metric]} that are not comparable: {'; '.join(marks.legend())}"
            parts.append(Paragraph(text, is_warning=True))
        return [*parts, *(Paragraph(note, is_warning=True) for note in summary.notes)]

    def _how_to_read(self):
        text = "Last checkpoint of each run: mean ± sample standard deviation over seeds, and the number of runs. "
        text += "The best mean of a column is bold, among those of one protocol where they are marked; ⚠ leads to the "
        text += "reason why a number says little. "
        if self._study.baseline is None:
            return text
        text += f"Below it, the difference to {self._study.baseline} and its 95 % interval: the runs of both are "
        text += f"resampled with replacement, independently, {RESAMPLES:,} times. "
        return text + f"With fewer than {FEW_RUNS} runs the interval is too narrow: read it as spread, not as a test."

    def _table_of(self, metric, title):
        fractions, rows, notes = fractions_of(self._summary), [], []
        by_method = rows_by_fraction(self._summary)
        best = {f: self._best([row[f] for row in by_method.values() if f in row], metric) for f in fractions}
        for method, row in by_method.items():
            cells = [self._cell(row.get(fraction), metric, best[fraction], notes) for fraction in fractions]
            rows.append([method, *cells])
        return Table(title, ["Method", *map(fraction_title, fractions)], rows, tuple(notes))

    def _table_of_all(self):
        summary, notes = self._summary, []
        best = {metric: self._best(summary.settings, metric) for metric in summary.titles}
        rows = [
            [summary.label(s), *(self._cell(s, metric, best[metric], notes) for metric in summary.titles)]
            for s in summary.settings
        ]
        return Table("Scores of the last checkpoints", ["Config", *summary.titles.values()], rows, tuple(notes))

    def _best(self, settings, metric):
        """The settings with the best mean, of each protocol."""
        cells = {setting: self._summary.cell(setting, metric) for setting in settings}
        return best_of({setting: (cell.mean, cell.mark) for setting, cell in cells.items() if cell.values}, metric)

    def _cell(self, setting, metric, best, notes):
        cell = self._summary.cell(setting, metric) if setting else None
        if cell is None or not cell.values:
            return "-"
        count = len(cell.values)
        small = [f"{count} run{'s' * (count > 1)}"]
        if cell.difference is not None:
            change = cell.difference
            small.append(f"{change.value:+.3g}" + _interval(change))
        elif self._summary.baseline_of(setting) is not None:
            small.append("no baseline yet")
        cautions = self._summary.cautions_of(setting, metric)
        notes += [text for text in cautions if text not in notes]
        text = mean_and_spread(list(cell.values.values())) + cell.mark
        return Cell(text, tuple(small), setting in best, tuple(notes.index(text) + 1 for text in cautions))

    def _fractions(self):
        metric = self._summary.distance
        if not self._summary.by_fraction or metric not in self._summary.titles:
            return []
        self._archive.write(f"{metric}_by_fraction.png", charts.fraction_chart(self._summary, metric))
        return [Charts(charts.fraction_lines(self._summary, metric))]

    def _samples(self):
        pictures, gone, missing = [], [], []
        for setting in self._summary.settings:
            label = self._summary.label(setting)
            runs = [run for run in self._finished if run.setting == setting]
            try:
                png, caption = self._archive.picture(runs, self._folder)
            except (ConfigError, DamagedFileError) as error:
                if isinstance(error, DamagedFileError) or any((self._folder / run.name).exists() for run in runs):
                    missing.append(f"{label} ({error})")
                else:
                    gone.append(label)
                continue
            pictures.append(embedded_png(png, f"Samples of {label}: {caption}", label, caption))
        parts = []
        if pictures:
            text = (
                "Not selected. In all pictures of one seed and latent size a column has the same latents, and a row "
                "the same class if the captions say that rows are classes; clusters differ from model to model. "
            )
            parts += [Paragraph(text + "Models without classes have one row with those latents."), Pictures(pictures)]
        if gone:
            text = f"No samples, since the folders of the runs are gone: {', '.join(gone)}."
            parts.append(Paragraph(text, is_warning=True))
        if missing:
            parts.append(Paragraph(f"No samples: {'; '.join(missing)}.", is_warning=True))
        return parts

    def _curves(self):
        parts = [Paragraph("Means over seeds; bands span the lowest to the highest run.")]
        if self._summary.distance in self._summary.titles:
            parts += [Heading(self._distance), Charts(charts.score_curves(self._summary, self._summary.distance))]
            parts += self._over_time()
        losses, without, damaged = {}, [], []
        for run in self._finished:
            try:
                found = self._archive.losses(run, self._folder)
            except DamagedFileError as error:
                damaged.append(str(error))
                continue
            if found:
                losses.setdefault(self._summary.label(run.setting), []).append(found)
            else:
                without.append(run.name)
        if losses:
            text = "Averaged over short stretches of steps; the losses of different methods are different sums."
            parts += [Heading("Losses"), Paragraph(text), Charts(charts.loss_curves(losses))]
        if without:
            text = f"No losses of {len(without)} runs, since their folders are gone: {', '.join(without)}."
            parts.append(Paragraph(text, is_warning=True))
        if damaged:
            parts.append(Paragraph(f"No losses of {len(damaged)} runs: {'; '.join(damaged)}.", is_warning=True))
        return parts

    def _over_time(self):
        """A chart, and the same as a picture in the archive; nothing if it cannot be drawn."""
        metric = self._summary.distance
        picture = time_charts.minutes_chart(self._summary, metric)
        if picture is None:
            return []
        self._archive.write(f"{metric}_by_minutes.png", picture)
        text = f"Threads of a run: {', '.join(self._summary.threads)}. Times of runs beside other work say little."
        parts = [Heading(f"{self._distance} over time"), Paragraph(text)]
        if self._study.target:
            rows = [[self._summary.label(s), minutes_text(self._summary, s)] for s in self._summary.settings]
            parts.append(Table("Time to the target", ["Config", target_title(self._summary)], rows))
        return [*parts, Charts(time_charts.minutes_lines(self._summary, metric))]

    def _protocol(self):
        summary = self._summary
        steps = sorted(set(summary.steps.values()))
        text = f"Checkpoints of step {' and '.join(map(str, steps))}."
        if len(steps) > 1:
            text += " Settings have trained for different numbers of steps: compare with care."
        text += f" Threads of a run: {', '.join(summary.threads)}."
        return [Paragraph(text), protocol_table(summary.trained, summary.titles)]

    def _watchdog(self):
        """A table of what the watchdog found, runs that were rolled back included; nothing if it found nothing."""
        events, damaged = {}, []
        for run in self._runs:
            try:
                events[run.name] = self._archive.events(run, self._folder)
            except DamagedFileError as error:
                damaged.append(Paragraph(str(error), is_warning=True))
        return [*filter(None, [watchdog_table(events)]), *damaged]

    def _plan(self):
        rows = [[self._summary.label(run.setting), str(run.seed), state, run.name] for run, state in self._states]
        parts = [Table("Runs", ["Config", "Seed", "State", "Name"], rows, is_text=True)]
        for run, state in self._states:
            if state.startswith("failed"):
                parts.append(Heading(f"{run.name}: {state}"))
                parts.append(Preformatted(last_lines(self._folder, run), f"End of the log of {run.name}"))
        return parts

    def _commands(self):
        first = {run.setting: run for run in reversed(self._runs)}
        commands = [self._command, "", "# One run of each setting, by itself:"]
        commands += [_command(first[setting]) for setting in dict.fromkeys(run.setting for run in self._runs)]
        return [Preformatted("\n".join(commands), "Commands")]

    def _versions(self):
        versions = sorted({row["code_version"] or "unknown" for row in self._summary.rows})
        return (f"Scores by compare_gan2 {', '.join(versions)}. " if versions else "") + made_by()


def _interval(change):
    if change.low is None:
        return " (too few runs for an interval)"
    return f" [{change.low:+.3g}, {change.high:+.3g}]"


def _command(run):
    command = ["python", "-m", "compare_gan2.main", *(f"--gin_config={name}" for name in run.setting.files)]
    bindings = [*run.arguments, f"run_config.tf_random_seed = {run.seed}"]
    return shlex.join([*command, *(f"--gin_bindings={binding}" for binding in bindings)])
