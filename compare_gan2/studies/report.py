"""The report of a study: one HTML file with tables, charts, samples side by side, protocol, plan and commands."""

import html
import importlib.metadata
import pathlib
import shlex
import sys

from compare_gan2.ground import files
from compare_gan2.ground.code_version import code_version
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.run_folder.scores import PROTOCOL
from compare_gan2.studies import charts, html_page
from compare_gan2.studies.archive import StudyArchive
from compare_gan2.studies.plan import runs_of
from compare_gan2.studies.protocols import protocol_of
from compare_gan2.studies.results import finished
from compare_gan2.studies.runs import last_lines, state_of
from compare_gan2.studies.summary import FEW_RUNS, RESAMPLES
from compare_gan2.studies.table_rows import fraction_title, fractions_of, mean_and_spread, rows_by_fraction

_PACKAGES = ("tensorflow", "keras", "numpy", "matplotlib")


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
        parts = [self._progress(), *self._tables()]
        if self._summary.rows:
            parts += [*self._fractions(), *self._samples(), *self._curves(), *self._protocol()]
        parts += self._watchdog()
        text = html_page.page(
            f"Study {pathlib.Path(self._study.results).stem}", [*parts, *self._plan(), *self._commands()]
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path) as file:
            file.write(text.encode())

    def _progress(self):
        done, planned = len(self._finished), len(self._runs)
        if done == planned:
            return html_page.element("p", f"All {planned} runs are finished.")
        failed = sum(state.startswith("failed") for _, state in self._states)
        text = f"{done} of {planned} runs are finished, {failed} failed. The plan below lists them; "
        return html_page.element("p", text + "numbers may change until all are finished.", "note")

    def _tables(self):
        summary = self._summary
        parts = [html_page.element("h2", "Scores")]
        if not summary.rows:
            return [*parts, html_page.element("p", "No run has scores yet.", "note")]
        parts.append(html_page.element("p", self._how_to_read()))
        if summary.by_fraction:
            parts += [self._table_of(metric, title) for metric, title in summary.titles.items()]
        else:
            rows = [
                [html.escape(summary.label(s)), *(self._cell(s, metric) for metric in summary.titles)]
                for s in summary.settings
            ]
            parts.append(html_page.table("Scores of the last checkpoints", ["Config", *summary.titles.values()], rows))
        for metric, marks in summary.marks.items():
            text = f"Protocols of {summary.titles[metric]} that are not comparable: {'; '.join(marks.legend())}"
            parts.append(html_page.element("p", text, "note"))
        return [*parts, *(html_page.element("p", note, "note") for note in summary.notes)]

    def _how_to_read(self):
        text = "Last checkpoint of each run: mean ± sample standard deviation over seeds, and the number of runs. "
        if self._study.baseline is None:
            return text
        text += f"Below it, the difference to {self._study.baseline} and its 95 % interval: the runs of both are "
        text += f"resampled with replacement, independently, {RESAMPLES:,} times. "
        return text + f"With fewer than {FEW_RUNS} runs the interval is too narrow: read it as spread, not as a test."

    def _table_of(self, metric, title):
        fractions = fractions_of(self._summary)
        rows = []
        for method, row in rows_by_fraction(self._summary).items():
            cells = [self._cell(row.get(fraction), metric) for fraction in fractions]
            rows.append([html.escape(method), *cells])
        return html_page.table(title, ["Method", *map(fraction_title, fractions)], rows)

    def _cell(self, setting, metric):
        cell = self._summary.cell(setting, metric) if setting else None
        if cell is None or not cell.values:
            return "-"
        count = len(cell.values)
        texts = [mean_and_spread(list(cell.values.values())) + cell.mark, f"{count} run{'s' * (count > 1)}"]
        if cell.difference is not None:
            change = cell.difference
            texts.append(f"{change.value:+.3g}" + _interval(change))
        elif self._summary.baseline_of(setting) is not None:
            texts.append("no baseline yet")
        return html_page.lines(*texts)

    def _fractions(self):
        if not self._summary.by_fraction or "fid" not in self._summary.titles:
            return []
        description = "FID against the fraction of labelled images, a line per method; the numbers are in the table"
        chart = charts.fraction_chart(self._summary)
        self._archive.write("fid_by_fraction.png", chart)
        return [html_page.element("h2", "FID and the fraction of labels"), html_page.chart(chart, description)]

    def _samples(self):
        parts = [html_page.element("h2", "Samples")]
        figures, gone, missing = [], [], []
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
            figures.append(html_page.figure(png, f"Samples of {label}: {caption}", label, caption))
        if figures:
            text = (
                "Not selected. In all pictures of one seed and latent size a column has the same latents, and a row "
                "the same class if the captions say that rows are classes; clusters differ from model to model. "
            )
            parts += [html_page.element("p", text + "Models without classes have one row with those latents.")]
            parts += [f'<div class="side">{"".join(figures)}</div>']
        if gone:
            text = f"No samples, since the folders of the runs are gone: {', '.join(gone)}."
            parts.append(html_page.element("p", text, "note"))
        if missing:
            parts.append(html_page.element("p", f"No samples: {'; '.join(missing)}.", "note"))
        return parts

    def _curves(self):
        parts = [html_page.element("h2", "Training curves")]
        text = "Means over seeds; bands span the lowest to the highest run."
        if "fid" in self._summary.titles:
            parts += [
                html_page.element("p", text),
                html_page.chart(charts.score_curves(self._summary), "FID over the steps"),
            ]
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
            text = "Losses, averaged over short stretches of steps; the losses of different methods are different sums."
            parts += [
                html_page.element("p", text),
                html_page.chart(charts.loss_curves(losses), "Losses over the steps"),
            ]
        if without:
            text = f"No losses of {len(without)} runs, since their folders are gone: {', '.join(without)}."
            parts.append(html_page.element("p", text, "note"))
        if damaged:
            parts.append(html_page.element("p", f"No losses of {len(damaged)} runs: {'; '.join(damaged)}.", "note"))
        return parts

    def _protocol(self):
        summary, rows = self._summary, []
        for field in PROTOCOL:
            cells = []
            for metric in summary.titles:
                texts = sorted({protocol_of(row)[field] for row in summary.trained if row["metric"] == metric})
                cells.append(
                    html.escape(", ".join(text[:16] if field == "network_checksum" else text for text in texts))
                )
            rows.append([html.escape(field.replace("_", " ")), *cells])
        steps = sorted(set(summary.steps.values()))
        text = f"Checkpoints of step {' and '.join(map(str, steps))}."
        if len(steps) > 1:
            text += " Settings have trained for different numbers of steps: compare with care."
        text += f" Threads of a run: {', '.join(summary.threads)}."
        table = html_page.table("How the scores were taken", ["", *summary.titles.values()], rows)
        return [html_page.element("h2", "Protocol"), html_page.element("p", text), table]

    def _watchdog(self):
        """A table of what the watchdog found, runs that were rolled back included; nothing if it found nothing."""
        rows, damaged = [], []
        for run in self._runs:
            try:
                events = self._archive.events(run, self._folder)
            except DamagedFileError as error:
                damaged.append(html_page.element("p", str(error), "note"))
                continue
            for event in events:
                back = f" to step {event['rolled_back_to']}" if "rolled_back_to" in event else ""
                cells = [run.name, event["step"], event["rule"], event["action"] + back, event["message"]]
                rows.append([html.escape(str(cell)) for cell in cells])
        if rows:
            rows = [html_page.table("What was found", ["Run", "Step", "Rule", "Action", "Message"], rows)]
        return [html_page.element("h2", "Watchdog"), *rows, *damaged] if rows or damaged else []

    def _plan(self):
        rows = [
            [html.escape(self._summary.label(run.setting)), str(run.seed), html.escape(state), html.escape(run.name)]
            for run, state in self._states
        ]
        parts = [html_page.element("h2", "Plan"), html_page.table("Runs", ["Config", "Seed", "State", "Name"], rows)]
        for run, state in self._states:
            if state.startswith("failed"):
                parts.append(html_page.element("h3", f"{run.name}: {state}"))
                parts.append(html_page.element("pre", last_lines(self._folder, run)))
        return parts

    def _commands(self):
        versions = sorted({row["code_version"] or "unknown" for row in self._summary.rows})
        packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
        text = f"Scores by compare_gan2 {', '.join(versions)}. " if versions else ""
        text += f"Report by compare_gan2 {code_version()}, Python {sys.version.split()[0]}, {packages}."
        first = {run.setting: run for run in reversed(self._runs)}
        commands = [self._command, "", "# One run of each setting, by itself:"]
        commands += [_command(first[setting]) for setting in dict.fromkeys(run.setting for run in self._runs)]
        return [
            html_page.element("h2", "Versions and commands"),
            html_page.element("p", text),
            html_page.element("pre", "\n".join(commands)),
        ]


def _interval(change):
    if change.low is None:
        return " (too few runs for an interval)"
    return f" [{change.low:+.3g}, {change.high:+.3g}]"


def _command(run):
    command = ["python", "-m", "compare_gan2.main", f"--gin_config={run.setting.config}"]
    bindings = [*run.arguments, f"run_config.tf_random_seed = {run.seed}"]
    return shlex.join([*command, *(f"--gin_bindings={binding}" for binding in bindings)])
